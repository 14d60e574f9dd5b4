/**
 * How long to look at GitHub again and again: what happens to issues there is not told live.
 *
 * Comes in: why one looks, how often one has looked, and what was seen. Goes out: whether to look once more.
 */

import { isSoon, type OnGithub } from './said'

/** Milliseconds between two looks. */
export const PACE = 2_500
/** Looks until one gives up: half a minute. */
export const MOST = 12
/** Looks after which what follows a change of the error has begun, if anything follows it. */
const BEGUN = 5
/** Milliseconds in which an error that has just happened may become an issue. */
const FRESH = 60_000

/** Whether something is to be done there in a moment. `now`: milliseconds since 1970. */
export function isMoving(issue: OnGithub['githubIssue'], now: number): boolean {
  return issue?.syncStatus === 'WAITING' && isSoon(issue.nextAttemptAt, now)
}

/** `hasChanged`: the error is another than it was, which is why one looks; `lastSeenAt`: of the error. */
export function looksAgain(
  { hasChanged, looks, lastSeenAt }: { hasChanged: boolean; looks: number; lastSeenAt: string },
  { githubIssue: issue, project: { github } }: OnGithub,
  now: number,
): boolean {
  if (looks >= MOST || !github || issue?.syncStatus === 'DETACHED') return false
  if (isMoving(issue, now) || (hasChanged && looks < BEGUN)) return true
  return issue === null && now - Date.parse(lastSeenAt) < FRESH
}
