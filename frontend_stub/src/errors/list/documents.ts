/** What the list asks of the graph: rows, numbers, and what can be chosen as a filter. */
import { graphql, read, type FragmentType } from '../../graph/generated'
import type { ErrorRowFragment } from '../../graph/generated/graphql'

export const ErrorRowDocument = graphql(`
  fragment ErrorRow on ErrorGroup {
    id
    source
    kind
    title
    exceptionType
    message
    module
    severity
    priority
    status
    muted
    muteUntil
    muteUntilCount
    isDev
    totalCount
    userCount
    firstSeenAt
    lastSeenAt
    affectedInstanceCount
    sparkline(days: 7)
    assignee {
      id
      name
    }
    project {
      id
      name
    }
    app {
      id
      name
    }
    affectedInstances {
      slug
      name
    }
  }
`)

export type Row = ErrorRowFragment

/** The rows themselves, of fields that may hold some. */
export function rowsOf(nodes: readonly FragmentType<typeof ErrorRowDocument>[]): Row[] {
  return nodes.map((node) => read(ErrorRowDocument, node))
}

export const ErrorListDocument = graphql(`
  query ErrorList($first: Int!, $after: String, $filter: ErrorFilter, $orderBy: ErrorOrder) {
    errors(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      nodes {
        ...ErrorRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const ErrorNumbersDocument = graphql(`
  query ErrorNumbers($filter: ErrorFilter, $of: ErrorStatsFilter) {
    errors(first: 1, filter: $filter) {
      totalCount
    }
    errorStats(filter: $of) {
      totalActive
      critical
      newLast24h
      githubIssuesThisWeek
    }
  }
`)

export const FilterChoicesDocument = graphql(`
  query FilterChoices {
    viewer {
      member {
        id
      }
    }
    projects(first: 100) {
      nodes {
        id
        name
      }
    }
    instances(first: 100) {
      nodes {
        id
        name
        environment
        project {
          name
        }
      }
    }
    apps(first: 100) {
      nodes {
        id
        name
        project {
          name
        }
      }
    }
    members(first: 100) {
      nodes {
        id
        name
        email
      }
    }
  }
`)
