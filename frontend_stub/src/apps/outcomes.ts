/**
 * What became of an app's events, in words.
 *
 * Comes in: statistics as the graph tells them. Goes out: numbers with their names and reasons, in three groups: taken,
 * refused at the door, and taken but left out.
 */

import type { AppNumbersQuery } from '../graph/generated/graphql'

export type Statistics = NonNullable<AppNumbersQuery['app']>['statistics']
export type Bucket = Statistics['buckets'][number]

export interface Outcome {
  label: string
  count: number
  why: string
}

export interface Outcomes {
  accepted: readonly Outcome[]
  refused: readonly Outcome[]
  dropped: readonly Outcome[]
}

/** All outcomes, those that did not come about too. */
export function outcomes(told: Omit<Statistics, 'buckets'>): Outcomes {
  return {
    accepted: [
      { label: 'Accepted', count: told.accepted, why: 'Events that were taken.' },
      { label: 'Counted as errors', count: told.recorded, why: 'Events that were counted in their error.' },
      {
        label: 'Counted, not kept',
        count: told.thinned,
        why: 'Left out of the occurrences by the sample rate, or in a storm.',
      },
    ],
    refused: [
      {
        label: 'Over quota',
        count: told.overQuota,
        why: "More in a minute than the app's or the project's quota allows.",
      },
      { label: 'Unreadable', count: told.rejected, why: 'Cannot be read, or a limit forbids it; the answer said why.' },
      { label: 'Overload', count: told.overload, why: 'More at once than could be stored; SDKs try again.' },
    ],
    dropped: [
      { label: 'Ignored', count: told.ignored, why: "One of the app's rules leaves it out." },
      { label: 'Repeated', count: told.duplicate, why: 'Was taken before, as its id says, and counts once.' },
      { label: 'Not kept', count: told.notKept, why: 'Sessions, transactions and the like, which SDKs send besides.' },
      { label: 'Set aside', count: told.setAside, why: 'Could not be recorded: see the list of such events.' },
      { label: 'Given up', count: told.expired, why: 'Was set aside, and nobody mended it while it was kept.' },
    ],
  }
}

/** How many of a group. */
export function sum(group: readonly { count: number }[]): number {
  return group.reduce((total, one) => total + one.count, 0)
}

export interface Bar {
  startsAt: string
  accepted: number
  refused: number
  /** Of the tallest bar's height, 0 to 1. */
  acceptedShare: number
  refusedShare: number
}

/** A bar for each hour or day: what was taken, and on top what was refused. */
export function bars(buckets: readonly Bucket[]): Bar[] {
  const counted = buckets.map((one) => ({
    startsAt: one.startsAt,
    accepted: one.accepted,
    refused: one.rejected + one.overQuota + one.overload,
  }))
  const tallest = Math.max(1, ...counted.map((one) => one.accepted + one.refused))
  return counted.map((one) => ({
    ...one,
    acceptedShare: one.accepted / tallest,
    refusedShare: one.refused / tallest,
  }))
}
