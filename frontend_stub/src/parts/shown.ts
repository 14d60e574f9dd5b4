import { graphql } from '../graph/generated'

/** What the badges show of an error; lists may read it instead of the three fields. */
export const BADGES = graphql(`
  fragment Badges on ErrorGroup {
    status
    priority
    severity
  }
`)
