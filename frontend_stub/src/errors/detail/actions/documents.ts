/** What people do with an error. Each answers its new state, or what is to be put right. */

import { graphql } from '../../../graph/generated'

export const CLAIM = graphql(`
  mutation ErrorPageClaim($input: ErrorGroupClaimInput!) {
    errorGroupClaim(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const RESOLVE = graphql(`
  mutation ErrorPageResolve($input: ErrorGroupResolveInput!) {
    errorGroupResolve(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const REOPEN = graphql(`
  mutation ErrorPageReopen($input: ErrorGroupReopenInput!) {
    errorGroupReopen(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const SILENCE = graphql(`
  mutation ErrorPageSilence($input: ErrorGroupSilenceInput!) {
    errorGroupSilence(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const MUTE = graphql(`
  mutation ErrorPageMute($input: ErrorGroupMuteInput!) {
    errorGroupMute(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const UNMUTE = graphql(`
  mutation ErrorPageUnmute($input: ErrorGroupUnmuteInput!) {
    errorGroupUnmute(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const ASSIGN = graphql(`
  mutation ErrorPageAssign($input: ErrorGroupAssignInput!) {
    errorGroupAssign(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const MERGE = graphql(`
  mutation ErrorPageMerge($input: ErrorGroupMergeInput!) {
    errorGroupMerge(input: $input) {
      errorGroups {
        id
        fingerprints {
          id
          homeGroup {
            id
          }
        }
      }
      userErrors {
        message
      }
    }
  }
`)

export const UNMERGE = graphql(`
  mutation ErrorPageUnmerge($input: ErrorGroupUnmergeInput!) {
    errorGroupUnmerge(input: $input) {
      errorGroups {
        ...ErrorState
      }
      userErrors {
        message
      }
    }
  }
`)

export const DELETE = graphql(`
  mutation ErrorPageDelete($input: ErrorGroupDeleteInput!) {
    errorGroupDelete(input: $input) {
      deletedErrorGroupIds
      userErrors {
        message
      }
    }
  }
`)

export const WHERE_IT_WENT = graphql(`
  query ErrorPageWhereItWent($id: ID!) {
    error(id: $id) {
      id
      fingerprints {
        id
        homeGroup {
          id
        }
      }
    }
  }
`)

export const MEMBERS = graphql(`
  query ErrorPageMembers {
    members(first: 100) {
      nodes {
        id
        name
      }
    }
    viewer {
      member {
        id
      }
    }
  }
`)

export const MERGE_CANDIDATES = graphql(`
  query ErrorPageMergeCandidates($filter: ErrorFilter!) {
    errors(first: 20, filter: $filter) {
      nodes {
        id
        title
        totalCount
        status
      }
    }
  }
`)
