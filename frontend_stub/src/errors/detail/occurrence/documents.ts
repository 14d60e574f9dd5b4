/** One occurrence with all that is known of it, the list of them, and what else happened in its session. */

import { graphql } from '../../../graph/generated'

export const OCCURRENCE_SHOWN = graphql(`
  fragment OccurrenceShown on Occurrence {
    id
    occurredAt
    receivedAt
    isClamped
    sessionId
    userId
    appVersion
    release
    environment
    message
    eventMessage
    level
    logger
    transaction
    serverName
    sdk
    traceback
    contextBefore
    contextAfter
    cronJobName
    serverActionId
    odooModel
    databaseName
    httpUrl
    aclOperation
    aclUid
    odooVersion
    commitSha
    contexts
    extra
    instance {
      id
      name
    }
    app {
      id
      name
    }
    exceptions {
      type
      message
      frames {
        ...FrameShown
      }
    }
    tags {
      key
      value
    }
    user {
      id
      username
      email
      ipAddress
      data
    }
    request {
      method
      url
      query
      headers {
        key
        value
      }
      cookies {
        key
        value
      }
      data
      environment
    }
    breadcrumbs {
      at
      type
      category
      level
      message
      data
    }
    feedback {
      name
      email
      message
      createdAt
    }
  }
`)

export const LATEST_OCCURRENCE = graphql(`
  query ErrorPageLatestOccurrence($id: ID!) {
    error(id: $id) {
      id
      occurrences(first: 1) {
        edges {
          cursor
          node {
            ...OccurrenceShown
          }
        }
      }
    }
  }
`)

export const CHOSEN_OCCURRENCE = graphql(`
  query ErrorPageChosenOccurrence($id: ID!) {
    node(id: $id) {
      __typename
      ... on Occurrence {
        ...OccurrenceShown
      }
    }
  }
`)

export const NEIGHBOURS = graphql(`
  query ErrorPageNeighbours($id: ID!, $at: String!) {
    error(id: $id) {
      id
      older: occurrences(first: 1, after: $at) {
        edges {
          cursor
          node {
            id
          }
        }
      }
      newer: occurrences(last: 1, before: $at) {
        edges {
          cursor
          node {
            id
          }
        }
      }
    }
  }
`)

export const OCCURRENCES = graphql(`
  query ErrorPageOccurrences($id: ID!, $after: String) {
    error(id: $id) {
      id
      occurrences(first: 25, after: $after) {
        edges {
          cursor
          node {
            id
            occurredAt
            message
            environment
            release
            userId
            databaseName
            httpUrl
            cronJobName
            transaction
            instance {
              id
              name
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

export const SESSION_EVENT_SHOWN = graphql(`
  fragment SessionEventShown on SessionEvent {
    id
    occurredAt
    level
    message
    exceptionType
    errorId
  }
`)

export const SESSION_EVENTS = graphql(`
  query ErrorPageSessionEvents($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      ... on Occurrence {
        id
        sessionEvents(first: 25, after: $after) {
          nodes {
            ...SessionEventShown
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`)
