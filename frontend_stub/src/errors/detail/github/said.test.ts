import { describe, expect, it } from 'vitest'
import { type OnGithub, said, webAddress } from './said'

type Issue = NonNullable<OnGithub['githubIssue']>
type Github = NonNullable<OnGithub['project']['github']>

const NOW = Date.parse('2026-11-22T10:00:00Z')
const LATER = '2026-11-22T14:00:00Z'
const REPOSITORY: Github = {
  repository: 'acme/shop',
  repositoryUrl: 'https://github.com/acme/shop',
  problem: null,
  retryAt: null,
}
const MADE: Issue = {
  number: 12,
  url: 'https://github.com/acme/shop/issues/12',
  state: 'OPEN',
  repository: 'acme/shop',
  syncStatus: 'SYNCED',
  syncError: null,
  nextAttemptAt: null,
}
const UNMADE: Issue = { ...MADE, number: null, url: null, state: null, syncStatus: 'WAITING', nextAttemptAt: null }

function card(issue: Partial<Issue> | null, github: Partial<Github> | null = {}, from: Issue = MADE) {
  return said(
    {
      githubIssue: issue && { ...from, ...issue },
      project: { github: github && { ...REPOSITORY, ...github } },
    },
    NOW,
  )
}

const texts = (shown: ReturnType<typeof card>) => shown?.notes.map(({ text }) => text)

describe('an issue that was made', () => {
  it('is a link, and says what it is and where', () => {
    expect(card({})).toEqual({
      issue: { text: '#12', url: 'https://github.com/acme/shop/issues/12' },
      state: 'open',
      repository: { text: 'acme/shop', url: 'https://github.com/acme/shop' },
      notes: [],
      deed: null,
    })
    expect(card({ state: 'CLOSED' })?.state).toBe('closed')
  })

  it('is no link where its address is none of the web', () => {
    expect(card({ url: 'javascript:alert(1)' })?.issue).toEqual({ text: '#12', url: null })
    expect(card({}, { repositoryUrl: 'data:text/html,x' })?.repository?.url).toBeNull()
    for (const url of ['', null, 'ftp://x', '//x', 'x', ' javascript:x', 'java\nscript:x']) {
      expect(webAddress(url)).toBeNull()
    }
    expect(webAddress('http://127.0.0.1:8080/acme/shop/issues/1')).toBe('http://127.0.0.1:8080/acme/shop/issues/1')
  })

  it('says that it is not up to date yet, what holds it up, and offers to try at once', () => {
    const moving = card({ syncStatus: 'WAITING', nextAttemptAt: '2026-11-22T09:59:58Z' })
    expect(texts(moving)).toEqual(['Not yet brought up to date.'])
    expect(moving?.deed).toBeNull()
    const held = card({ syncStatus: 'WAITING', nextAttemptAt: LATER, syncError: 'GitHub refuses this (422)' })
    expect(held?.notes).toEqual([
      {
        text: 'Not yet brought up to date: GitHub refuses this (422).',
        isBad: true,
        when: 'Tried again',
        at: LATER,
      },
    ])
    expect(held?.deed).toEqual({ does: 'retry', label: 'Retry' })
  })

  it('says why it is given up for now, and offers to retry', () => {
    const failed = card({ syncStatus: 'FAILED', syncError: 'GitHub does not allow this', nextAttemptAt: LATER })
    expect(texts(failed)).toEqual(['It could not be brought up to date: GitHub does not allow this.'])
    expect(failed?.notes[0]).toMatchObject({ isBad: true, when: 'Tried again', at: LATER })
    expect(failed?.deed).toEqual({ does: 'retry', label: 'Retry' })
  })

  it('says why it is not followed any more, and offers a new one only where there is a repository', () => {
    const gone = { syncStatus: 'DETACHED', syncError: 'the issue was deleted on GitHub' } as const
    expect(texts(card(gone))).toEqual(['It is not followed any more: the issue was deleted on GitHub.'])
    expect(card(gone)?.deed).toEqual({ does: 'create', label: 'Create a new issue' })
    expect(card(gone, null)?.deed).toBeNull()
    expect(card(gone, null)?.issue?.text).toBe('#12')
  })

  it('in a repository that the project had before leads there by itself alone', () => {
    const old = card({ syncStatus: 'DETACHED', repository: 'acme/old' })
    expect(old?.repository).toEqual({ text: 'acme/old', url: null })
  })
})

describe('an issue that is to be made', () => {
  it('says so', () => {
    const soon = card({}, {}, UNMADE)
    expect(soon).toMatchObject({ issue: null, state: null, deed: null })
    expect(texts(soon)).toEqual(['It is being made.'])
    const later = card({ nextAttemptAt: LATER }, {}, UNMADE)
    expect(later?.notes).toEqual([{ text: 'It is to be made.', isBad: false, when: 'It goes on', at: LATER }])
  })

  it('waits for tomorrow, or is made now where somebody wants it', () => {
    const capped = card({ syncStatus: 'CAPPED', nextAttemptAt: LATER }, {}, UNMADE)
    expect(capped?.notes).toEqual([
      {
        text: 'It waits for tomorrow, as the project has made as many issues today as it may.',
        isBad: false,
        when: 'It is made',
        at: LATER,
      },
    ])
    expect(capped?.deed).toEqual({ does: 'create', label: 'Create it now' })
    const told = card({ syncStatus: 'CAPPED', syncError: '20 issues have been made today' }, {}, UNMADE)
    expect(texts(told)).toEqual(['20 issues have been made today.'])
  })

  it('could not be made', () => {
    expect(texts(card({ syncStatus: 'FAILED', syncError: null }, {}, UNMADE))).toEqual(['It could not be made.'])
  })
})

describe('no issue', () => {
  it('can be made where there is a repository', () => {
    const none = card(null)
    expect(texts(none)).toEqual(['It has no issue yet.'])
    expect(none?.deed).toEqual({ does: 'create', label: 'Create issue' })
    expect(none?.repository?.text).toBe('acme/shop')
  })

  it('and no repository is nothing to show', () => {
    expect(card(null, null)).toBeNull()
  })
})

describe('what is wrong with the repository', () => {
  const broken = { problem: 'GitHub does not accept the credentials', retryAt: LATER }
  const told = 'Nothing can be done in the repository: GitHub does not accept the credentials.'

  it('is told with and without an issue', () => {
    expect(texts(card({}, broken))).toEqual([told])
    expect(texts(card(null, broken))).toEqual(['It has no issue yet.', told])
    expect(card({}, broken)?.notes[0]).toMatchObject({ isBad: true, when: 'Tried again', at: LATER })
  })

  it('is told once where it is what holds the issue up', () => {
    const held = card({ syncError: broken.problem, nextAttemptAt: LATER }, broken, UNMADE)
    expect(texts(held)).toEqual(['It is to be made: GitHub does not accept the credentials.'])
    expect(held?.deed).toEqual({ does: 'retry', label: 'Retry' })
  })
})
