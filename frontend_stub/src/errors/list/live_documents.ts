/** What the list listens to: errors that happen for the first time, and changes of those that it shows or may show. */
import { graphql } from '../../graph/generated'

export const ErrorOpenedDocument = graphql(`
  subscription ListErrorOpened($filter: ErrorFilter, $after: String) {
    errorOpened(filter: $filter, after: $after) {
      cursor
      refetch
      errorId
    }
  }
`)

export const ErrorChangedDocument = graphql(`
  subscription ListErrorChanged($filter: ErrorFilter, $after: String) {
    errorChanged(filter: $filter, after: $after) {
      cursor
      refetch
      errorId
      error {
        ...ErrorRow
        mergedInto {
          id
        }
      }
      changes {
        id
        kind
      }
    }
  }
`)
