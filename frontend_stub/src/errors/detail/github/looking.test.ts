import { expect, it } from 'vitest'
import { isMoving, looksAgain, MOST } from './looking'
import type { OnGithub } from './said'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const JUST_NOW = '2026-11-22T09:59:50Z'
const LONG_AGO = '2026-11-20T00:00:00Z'
const LATER = '2026-11-22T14:00:00Z'

type Status = NonNullable<OnGithub['githubIssue']>['syncStatus']

function seen(syncStatus: Status | null, nextAttemptAt: string | null = null, isConnected = true): OnGithub {
  const issue = { number: 1, url: null, state: null, repository: null, syncError: null }
  const github = { repository: 'acme/shop', repositoryUrl: '', problem: null, retryAt: null }
  return {
    githubIssue: syncStatus && { ...issue, syncStatus, nextAttemptAt },
    project: { github: isConnected ? github : null },
  }
}

function looks(github: OnGithub, more: { hasChanged?: boolean; looks?: number; lastSeenAt?: string } = {}) {
  return looksAgain({ hasChanged: false, looks: 0, lastSeenAt: LONG_AGO, ...more }, github, NOW)
}

it('looks while something is to be done at once, and gives up after half a minute', () => {
  expect(looks(seen('WAITING', JUST_NOW), { looks: MOST - 1 })).toBe(true)
  expect(looks(seen('WAITING', JUST_NOW), { looks: MOST })).toBe(false)
})

it('does not wait for what is far away, done, failed or not followed', () => {
  expect(looks(seen('WAITING', LATER))).toBe(false)
  expect(isMoving(seen('WAITING', LATER).githubIssue, NOW)).toBe(false)
  for (const status of ['CAPPED', 'SYNCED', 'FAILED', 'DETACHED'] as const) {
    expect(looks(seen(status, JUST_NOW))).toBe(false)
  }
})

it('waits for what may follow a change of the error', () => {
  expect(looks(seen('SYNCED'), { hasChanged: true, looks: 4 })).toBe(true)
  expect(looks(seen('SYNCED'), { hasChanged: true, looks: 5 })).toBe(false)
  expect(looks(seen('DETACHED'), { hasChanged: true })).toBe(false)
})

it('waits for the issue of an error that has just happened, where there can be one', () => {
  expect(looks(seen(null), { lastSeenAt: JUST_NOW })).toBe(true)
  expect(looks(seen(null))).toBe(false)
  expect(looks(seen(null, null, false), { lastSeenAt: JUST_NOW, hasChanged: true })).toBe(false)
})
