/**
 * What the card about GitHub says and offers.
 *
 * Comes in: an error's issue and its project's repository, as the graph tells them, and the time. Goes out: words, links,
 * and the one thing that somebody may do about it.
 */

import type { OnGithubFragment } from '../../../graph/generated/graphql'

export type OnGithub = Pick<OnGithubFragment, 'githubIssue'> & {
  project: Pick<OnGithubFragment['project'], 'github'>
}
type Issue = NonNullable<OnGithub['githubIssue']>

export interface Place {
  text: string
  /** Null: it has no address that can be followed. */
  url: string | null
}

export interface Deed {
  does: 'create' | 'retry'
  label: string
}

/** What is to be read below the link; `when` says what happens `at` a time that is not here yet. */
export interface Note {
  text: string
  isBad: boolean
  when: string | null
  at: string | null
}

export interface Said {
  issue: Place | null
  state: 'open' | 'closed' | null
  repository: Place | null
  notes: Note[]
  deed: Deed | null
}

/** Milliseconds within which what is to come needs no time beside it. */
const SOON = 30_000

/** Null: there is neither an issue nor a repository. `now`: milliseconds since 1970. */
export function said({ githubIssue: issue, project: { github } }: OnGithub, now: number): Said | null {
  if (!issue && !github) return null
  const notes = [issue ? issueNote(issue, now) : plain(told('It has no issue yet')), problemNote(issue, github, now)]
  return {
    issue: issue?.number != null ? { text: `#${issue.number}`, url: webAddress(issue.url) } : null,
    state: stateOf(issue),
    repository: repositoryOf(issue, github),
    notes: notes.filter((note) => note !== null),
    deed: deedOf(issue, github !== null, now),
  }
}

/** An address of the web; null for everything else, which must not become a link. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url || !URL.canParse(url)) return null
  return ['http:', 'https:'].includes(new URL(url).protocol) ? url : null
}

function stateOf(issue: Issue | null): Said['state'] {
  if (issue?.number == null || issue.state === null) return null
  return issue.state === 'OPEN' ? 'open' : 'closed'
}

function repositoryOf(issue: Issue | null, github: OnGithub['project']['github']): Place | null {
  const name = issue ? issue.repository : github?.repository
  if (!name) return null
  return { text: name, url: github?.repository === name ? webAddress(github.repositoryUrl) : null }
}

function issueNote(issue: Issue, now: number): Note | null {
  const { syncError: why, nextAttemptAt: at } = issue
  switch (issue.syncStatus) {
    case 'SYNCED':
      return null
    case 'WAITING':
      return waitingNote(issue, now)
    case 'CAPPED':
      return {
        text: told(why ?? 'It waits for tomorrow, as the project has made as many issues today as it may'),
        isBad: false,
        ...later('It is made', at, now),
      }
    case 'FAILED': {
      const failed = issue.number === null ? 'It could not be made' : 'It could not be brought up to date'
      return { text: told(failed, why), isBad: true, ...later('Tried again', at, now) }
    }
    case 'DETACHED':
      return plain(told('It is not followed any more', why))
  }
}

function waitingNote(issue: Issue, now: number): Note {
  const { number, syncError: why, nextAttemptAt: at } = issue
  const unmade = isSoon(at, now) ? 'It is being made' : 'It is to be made'
  const text = told(number === null ? unmade : 'Not yet brought up to date', why)
  const when = why === null ? 'It goes on' : 'Tried again'
  return { text, isBad: why !== null, ...later(when, at, now) }
}

/** What is wrong with the repository, unless the issue's own note says so. */
function problemNote(issue: Issue | null, github: OnGithub['project']['github'], now: number): Note | null {
  if (!github?.problem || issue?.syncError === github.problem) return null
  const text = told('Nothing can be done in the repository', github.problem)
  return { text, isBad: true, ...later('Tried again', github.retryAt, now) }
}

function deedOf(issue: Issue | null, hasRepository: boolean, now: number): Deed | null {
  if (!hasRepository) return null
  switch (issue?.syncStatus) {
    case undefined:
      return { does: 'create', label: 'Create issue' }
    case 'CAPPED':
      return { does: 'create', label: 'Create it now' }
    case 'DETACHED':
      return { does: 'create', label: 'Create a new issue' }
    case 'FAILED':
      return { does: 'retry', label: 'Retry' }
    case 'WAITING':
      return isSoon(issue?.nextAttemptAt, now) ? null : { does: 'retry', label: 'Retry' }
    case 'SYNCED':
      return null
  }
}

/** Whether a time is over, or almost; no time is as good as now. */
export function isSoon(at: string | null | undefined, now: number): boolean {
  return !at || Date.parse(at) - now < SOON
}

/** A time worth telling: one that is not here yet. */
function later(when: string, at: string | null, now: number): Pick<Note, 'when' | 'at'> {
  return isSoon(at, now) ? { when: null, at: null } : { when, at }
}

function plain(text: string): Note {
  return { text, isBad: false, when: null, at: null }
}

/** A sentence. `why` stays as it is: it may begin with a name. */
function told(what: string, why: string | null = null): string {
  const text = why === null ? what : `${what}: ${why}`
  return /[.!?]$/.test(text) ? text : `${text}.`
}
