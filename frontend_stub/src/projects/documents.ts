/** What is asked and done about projects. */

import { graphql } from '../graph/generated'

export const PROJECTS = graphql(`
  query Projects {
    projects(first: 100) {
      nodes {
        id
        name
        slug
        quotaPerMinute
      }
    }
  }
`)

export const CREATE_PROJECT = graphql(`
  mutation CreateProject($input: ProjectCreateInput!) {
    projectCreate(input: $input) {
      project {
        id
        name
        slug
        quotaPerMinute
      }
      userErrors {
        field
        message
      }
    }
  }
`)
