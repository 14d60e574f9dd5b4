/**
 * What can be done with an error, by where it stands, and for how long one can mute it.
 *
 * Comes in: a status, or a time. Goes out: the steps that the server would take, so that no button only leads to a refusal.
 */

import type { ErrorGroupMuteInput, ErrorStatus } from '../../../graph/generated/graphql'

export interface Steps {
  claim: boolean
  resolve: boolean
  reopen: boolean
  silence: boolean
}

/** The steps that change something. */
export function steps(status: ErrorStatus): Steps {
  return {
    claim: status !== 'IN_PROGRESS' && status !== 'RESOLVED',
    resolve: status !== 'RESOLVED',
    reopen: status === 'IN_PROGRESS' || status === 'RESOLVED' || status === 'SILENCED',
    silence: status !== 'SILENCED',
  }
}

export interface MuteChoice {
  label: string
  input: Pick<ErrorGroupMuteInput, 'until' | 'afterOccurrences'>
}

const HOUR = 3_600_000

/** For how long one can mute, counted from `now`, in milliseconds since 1970. */
export function muteChoices(now: number): MuteChoice[] {
  const until = (label: string, hours: number) => ({
    label,
    input: { until: new Date(now + hours * HOUR).toISOString() },
  })
  const after = (times: number) => ({
    label: `For ${times.toLocaleString('en')} more occurrences`,
    input: { afterOccurrences: times },
  })
  return [
    until('For 1 hour', 1),
    until('For 24 hours', 24),
    until('For 7 days', 7 * 24),
    after(10),
    after(100),
    after(1000),
    { label: 'For good', input: {} },
  ]
}
