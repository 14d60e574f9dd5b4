/** What the page of apps asks and does. */

import { graphql } from '../graph/generated'

export const APP_IN_LIST = graphql(`
  fragment AppInList on App {
    id
    name
    platform
    project {
      id
      name
    }
    statistics(days: 7) {
      accepted
      rejected
      overQuota
      overload
      recorded
      ignored
      setAside
      buckets {
        accepted
      }
    }
  }
`)

export const APPS = graphql(`
  query Apps($projectId: ID, $after: String) {
    apps(first: 50, after: $after, projectId: $projectId) {
      nodes {
        ...AppInList
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const APP_SET_UP = graphql(`
  fragment AppSetUp on App {
    id
    name
    slug
    number
    platform
    dsn
    ingestUrl
    sampleRate
    quotaPerMinute
    inAppInclude
    inAppExclude
    createdAt
    ignoreRules {
      exceptionType
      message
    }
    keys {
      key
      createdAt
      expiresAt
    }
    project {
      id
      name
      quotaPerMinute
    }
  }
`)

export const APP = graphql(`
  query App($id: ID!) {
    app(id: $id) {
      ...AppSetUp
    }
  }
`)

export const APP_NUMBERS = graphql(`
  query AppNumbers($id: ID!, $days: Int!) {
    app(id: $id) {
      id
      statistics(days: $days) {
        accepted
        duplicate
        rejected
        overQuota
        overload
        notKept
        recorded
        ignored
        thinned
        setAside
        expired
        buckets {
          startsAt
          accepted
          rejected
          overQuota
          overload
          ignored
          setAside
        }
      }
    }
  }
`)

export const CREATE_APP = graphql(`
  mutation CreateApp($input: AppCreateInput!) {
    appCreate(input: $input) {
      app {
        ...AppSetUp
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const UPDATE_APP = graphql(`
  mutation UpdateApp($input: AppUpdateInput!) {
    appUpdate(input: $input) {
      app {
        ...AppSetUp
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const DELETE_APP = graphql(`
  mutation DeleteApp($input: AppDeleteInput!) {
    appDelete(input: $input) {
      deletedAppId
      userErrors {
        field
        message
      }
    }
  }
`)

export const ROTATE_KEY = graphql(`
  mutation RotateKey($input: AppRotateKeyInput!) {
    appRotateKey(input: $input) {
      key
      app {
        ...AppSetUp
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const PROBLEMS = graphql(`
  query IngestProblems($after: String) {
    ingestProblems(first: 20, after: $after) {
      nodes {
        id
        receivedAt
        problem
        attempts
        payloadExcerpt
        app {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const RETRY_PROBLEMS = graphql(`
  mutation RetryIngestProblems($input: IngestProblemRetryInput!) {
    ingestProblemRetry(input: $input) {
      retriedIngestProblemIds
      userErrors {
        field
        message
      }
    }
  }
`)

export const DISCARD_PROBLEMS = graphql(`
  mutation DiscardIngestProblems($input: IngestProblemDiscardInput!) {
    ingestProblemDiscard(input: $input) {
      discardedIngestProblemIds
      userErrors {
        field
        message
      }
    }
  }
`)
