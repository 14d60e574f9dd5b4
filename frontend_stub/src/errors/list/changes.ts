/** What can be done to errors from the list, in the graph's words. All but the last answer with the rows as they are now. */
import { graphql } from '../../graph/generated'

export const ProblemDocument = graphql(`
  fragment ListProblem on UserError {
    field
    message
    code
  }
`)

export const ClaimDocument = graphql(`
  mutation ClaimFromList($input: ErrorGroupClaimInput!) {
    done: errorGroupClaim(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const ResolveDocument = graphql(`
  mutation ResolveFromList($input: ErrorGroupResolveInput!) {
    done: errorGroupResolve(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const ReopenDocument = graphql(`
  mutation ReopenFromList($input: ErrorGroupReopenInput!) {
    done: errorGroupReopen(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const SilenceDocument = graphql(`
  mutation SilenceFromList($input: ErrorGroupSilenceInput!) {
    done: errorGroupSilence(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const MuteDocument = graphql(`
  mutation MuteFromList($input: ErrorGroupMuteInput!) {
    done: errorGroupMute(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const UnmuteDocument = graphql(`
  mutation UnmuteFromList($input: ErrorGroupUnmuteInput!) {
    done: errorGroupUnmute(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const AssignDocument = graphql(`
  mutation AssignFromList($input: ErrorGroupAssignInput!) {
    done: errorGroupAssign(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const MergeDocument = graphql(`
  mutation MergeFromList($input: ErrorGroupMergeInput!) {
    done: errorGroupMerge(input: $input) {
      errorGroups {
        ...ErrorRow
      }
      userErrors {
        ...ListProblem
      }
    }
  }
`)

export const DeleteDocument = graphql(`
  mutation DeleteFromList($input: ErrorGroupDeleteInput!) {
    done: errorGroupDelete(input: $input) {
      deletedErrorGroupIds
      userErrors {
        ...ListProblem
      }
    }
  }
`)
