/** How often an error happened over time. */

import { graphql } from '../../../graph/generated'

export const TIMELINE = graphql(`
  query ErrorPageTimeline($id: ID!, $days: Int!, $instanceId: ID) {
    error(id: $id) {
      id
      timeline(days: $days, instanceId: $instanceId) {
        buckets {
          startsAt
          count
        }
      }
    }
  }
`)
