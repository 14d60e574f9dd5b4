/** An error's issue on GitHub, its project's repository, and what people do about them. */

import { graphql } from '../../../graph/generated'

export const ON_GITHUB = graphql(`
  fragment OnGithub on ErrorGroup {
    id
    githubIssue {
      number
      url
      state
      repository
      syncStatus
      syncError
      nextAttemptAt
    }
    project {
      id
      github {
        repository
        repositoryUrl
        problem
        retryAt
      }
    }
  }
`)

export const LOOK_AT_GITHUB = graphql(`
  query ErrorPageGithub($id: ID!) {
    error(id: $id) {
      ...OnGithub
    }
  }
`)

export const CREATE_ISSUE = graphql(`
  mutation ErrorPageCreateGithubIssue($input: ErrorGroupCreateGithubIssueInput!) {
    errorGroupCreateGithubIssue(input: $input) {
      errorGroups {
        ...OnGithub
      }
      userErrors {
        message
      }
    }
  }
`)

export const RETRY_ISSUE = graphql(`
  mutation ErrorPageRetryGithubIssue($input: ErrorGroupRetryGithubIssueInput!) {
    errorGroupRetryGithubIssue(input: $input) {
      errorGroups {
        ...OnGithub
      }
      userErrors {
        message
      }
    }
  }
`)
