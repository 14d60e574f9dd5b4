import { describe, expect, it } from 'vitest'
import type { ErrorChangeKind } from '../../../graph/generated/graphql'
import { actorWords, sentence, type Told } from './words'

const time = (at: string) => at.slice(0, 10)

function told(kind: ErrorChangeKind, more: Partial<Told> = {}) {
  const entry: Told = {
    kind,
    actorKind: 'PERSON',
    actorName: 'Ann',
    statusBefore: null,
    statusAfter: null,
    reason: null,
    seenAt: null,
    resolvedInVersion: null,
    resolvedInNextVersion: false,
    muteUntil: null,
    muteAfterOccurrences: null,
    assigneeName: null,
    otherErrorIds: [],
    ...more,
  }
  const { who, did } = sentence(entry, time)
  return `${who} ${did}`
}

describe('the history', () => {
  it('says by whom it was resolved, and in which version', () => {
    expect(told('RESOLVED')).toBe('Ann resolved it')
    expect(told('RESOLVED', { resolvedInVersion: '2.4.0' })).toBe('Ann resolved it in 2.4.0')
    expect(told('RESOLVED', { resolvedInVersion: '2.4.0', resolvedInNextVersion: true })).toBe(
      'Ann resolved it in the version after 2.4.0',
    )
  })

  it('says until when it was muted', () => {
    expect(told('MUTED')).toBe('Ann muted it for good')
    expect(told('MUTED', { muteUntil: '2026-12-01T00:00:00Z', muteAfterOccurrences: 1 })).toBe(
      'Ann muted it until 2026-12-01 or for 1 more occurrence',
    )
  })

  it('says to whom it was assigned', () => {
    expect(told('ASSIGNED', { assigneeName: 'Bo' })).toBe('Ann assigned it to Bo')
    expect(told('ASSIGNED')).toBe('Ann took it from its assignee')
  })

  it('says with how many it was merged', () => {
    expect(told('MERGED', { otherErrorIds: ['a'] })).toBe('Ann merged it with another error')
    expect(told('UNMERGED', { otherErrorIds: ['a', 'b'] })).toBe('Ann undid its merge with 2 other errors')
  })

  it('has a name for whoever did it, also one that nobody knows', () => {
    expect(told('OPENED', { actorKind: 'SYSTEM', actorName: null })).toBe(
      'Snaglist saw it for the first time',
    )
    expect(actorWords('PERSON', null)).toBe('Somebody')
    expect(actorWords('AGENT', 'Fixer')).toBe('Fixer')
    expect(actorWords('GITHUB', 'octo')).toBe('octo on GitHub')
  })

  it('says what was done on GitHub; the reason, which is shown below, says by whom', () => {
    const onGithub = { actorKind: 'GITHUB', actorName: null, reason: 'closed on GitHub by octo' } as const
    expect(told('RESOLVED', onGithub)).toBe('Somebody on GitHub resolved it')
    expect(told('SILENCED', onGithub)).toBe('Somebody on GitHub silenced it')
    expect(told('REOPENED', onGithub)).toBe('Somebody on GitHub reopened it')
  })
})
