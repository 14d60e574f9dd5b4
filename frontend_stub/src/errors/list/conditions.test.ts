import { describe, expect, it } from 'vitest'
import { NOTHING_ASKED } from './address'
import { belongs, condition, type Standing } from './conditions'

const NOW = Date.parse('2026-11-22T12:34:56.789Z')
const ROW: Standing = { status: 'ACTIVE', muted: false, severity: 'HIGH', priority: 'P1', assignee: null }

describe('what is asked of the server', () => {
  it('is what nobody has dealt with, if nothing is said', () => {
    expect(condition(NOTHING_ASKED, NOW)).toEqual({
      showMuted: false,
      status: ['NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED'],
    })
    expect(condition({ ...NOTHING_ASKED, status: 'all' }, NOW)).toEqual({ showMuted: false })
  })

  it('begins a quick range at a full minute', () => {
    const asked = condition({ ...NOTHING_ASKED, last: '24h', since: '2020-01-01T00:00:00.000Z' }, NOW)
    expect(asked.since).toBe('2026-11-21T12:34:00.000Z')
    expect(asked.until).toBeUndefined()
  })

  it('takes a tag apart at its first colon, and trims what is searched', () => {
    const asked = condition({ ...NOTHING_ASKED, tag: 'url:https://shop', search: '  price ', dev: 'none' }, NOW)
    expect(asked.tag).toEqual({ key: 'url', value: 'https://shop' })
    expect(asked.search).toBe('price')
    expect(asked.isDev).toBe(false)
  })
})

describe('a row that changed', () => {
  it('belongs to the open ones until it is resolved, silenced or muted', () => {
    expect(belongs(NOTHING_ASKED, ROW)).toBe(true)
    expect(belongs(NOTHING_ASKED, { ...ROW, status: 'RESOLVED' })).toBe(false)
    expect(belongs(NOTHING_ASKED, { ...ROW, muted: true })).toBe(false)
    expect(belongs({ ...NOTHING_ASKED, muted: true }, { ...ROW, muted: true })).toBe(true)
  })

  it('is silenced only where that was asked for', () => {
    const silenced: Standing = { ...ROW, status: 'SILENCED' }
    expect(belongs({ ...NOTHING_ASKED, status: 'all' }, silenced)).toBe(false)
    expect(belongs({ ...NOTHING_ASKED, status: ['SILENCED'] }, silenced)).toBe(true)
  })

  it('may have another priority, severity or assignee', () => {
    expect(belongs({ ...NOTHING_ASKED, priority: ['P0'] }, ROW)).toBe(false)
    expect(belongs({ ...NOTHING_ASKED, severity: ['HIGH'] }, ROW)).toBe(true)
    expect(belongs({ ...NOTHING_ASKED, assignee: 'm' }, ROW)).toBe(false)
    expect(belongs({ ...NOTHING_ASKED, assignee: 'm' }, { ...ROW, assignee: { id: 'm' } })).toBe(true)
  })
})
