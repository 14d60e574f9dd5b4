/** What people said about an error, and what happened in its life. */

import { graphql } from '../../../graph/generated'

export const COMMENT_SHOWN = graphql(`
  fragment CommentShown on Comment {
    id
    authorKind
    authorName
    body
    bodyHtml
    createdAt
    editedAt
    canEdit
    canDelete
  }
`)

export const COMMENTS = graphql(`
  query ErrorPageComments($id: ID!, $after: String) {
    error(id: $id) {
      id
      comments(first: 50, after: $after) {
        nodes {
          ...CommentShown
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

export const ADD_COMMENT = graphql(`
  mutation ErrorPageAddComment($input: CommentAddInput!) {
    commentAdd(input: $input) {
      comment {
        ...CommentShown
      }
      userErrors {
        message
      }
    }
  }
`)

export const EDIT_COMMENT = graphql(`
  mutation ErrorPageEditComment($input: CommentEditInput!) {
    commentEdit(input: $input) {
      comment {
        ...CommentShown
      }
      userErrors {
        message
      }
    }
  }
`)

export const DELETE_COMMENT = graphql(`
  mutation ErrorPageDeleteComment($input: CommentDeleteInput!) {
    commentDelete(input: $input) {
      deletedCommentId
      userErrors {
        message
      }
    }
  }
`)

export const HISTORY_SHOWN = graphql(`
  fragment HistoryShown on ErrorHistoryEntry {
    id
    kind
    at
    actorKind
    actorName
    statusBefore
    statusAfter
    reason
    seenAt
    resolvedInVersion
    resolvedInNextVersion
    muteUntil
    muteAfterOccurrences
    assigneeName
    otherErrorIds
  }
`)

export const HISTORY = graphql(`
  query ErrorPageHistory($id: ID!, $after: String) {
    error(id: $id) {
      id
      history(first: 25, after: $after) {
        nodes {
          ...HistoryShown
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)
