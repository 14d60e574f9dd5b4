/** What the error page asks about an error itself. Its parts have documents of their own, in their folders. */

import { graphql } from '../../graph/generated'

export const ERROR_STATE = graphql(`
  fragment ErrorState on ErrorGroup {
    id
    status
    muted
    muteUntil
    muteUntilCount
    severity
    priority
    totalCount
    occurrenceCount
    userCount
    sessionCount
    countSinceResolved
    firstSeenAt
    lastSeenAt
    resolvedAt
    resolvedInVersion
    resolvedInNextVersion
    affectedInstanceCount
    assignee {
      id
      name
    }
    mergedInto {
      id
      title
    }
  }
`)

export const ERROR_ON_PAGE = graphql(`
  fragment ErrorOnPage on ErrorGroup {
    id
    ...ErrorState
    ...OnGithub
    source
    kind
    title
    exceptionType
    message
    module
    isDev
    odooVersion
    commitSha
    project {
      id
      name
    }
    app {
      id
      name
      platform
    }
    priorityReasons {
      code
      points
      message
    }
    affectedInstances {
      name
      totalCount
      lastSeenAt
      instance {
        id
        environment
        deletedAt
      }
    }
    tags {
      key
      values {
        value
        count
      }
    }
    mergedGroups {
      id
      title
    }
    fingerprints {
      id
      version
      reason
      totalCount
      firstSeenAt
      lastSeenAt
      isOwn
      homeGroup {
        id
        title
      }
    }
    comments(first: 1) {
      totalCount
    }
  }
`)

export const ERROR_PAGE = graphql(`
  query ErrorPage($id: ID!) {
    error(id: $id) {
      ...ErrorOnPage
    }
  }
`)

export const SIMILAR_ERRORS = graphql(`
  query ErrorPageSimilar($id: ID!) {
    error(id: $id) {
      id
      similar(first: 5) {
        score
        reason
        errorGroup {
          id
          title
          status
          totalCount
          lastSeenAt
        }
      }
    }
  }
`)

export const ERROR_LIVE = graphql(`
  subscription ErrorPageLive($id: ID!, $after: String) {
    errorChanged(errorId: $id, after: $after) {
      cursor
      refetch
      errorId
      error {
        ...ErrorState
      }
      changes {
        id
        kind
      }
    }
  }
`)

export const OCCURRENCES_LIVE = graphql(`
  subscription ErrorPageOccurrencesLive($id: ID!, $after: String) {
    occurrenceAdded(errorId: $id, after: $after) {
      cursor
      refetch
      occurrence {
        id
        receivedAt
      }
    }
  }
`)
