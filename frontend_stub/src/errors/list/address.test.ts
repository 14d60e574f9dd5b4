import { describe, expect, it } from 'vitest'
import { cleared, type Filters, isFiltered, NOTHING_ASKED, read, write } from './address'

const EVERYTHING: Filters = {
  search: "KeyError: 'price' & more",
  status: ['NEW', 'RESOLVED'],
  severity: ['CRITICAL', 'MEDIUM'],
  priority: ['P0', 'P1'],
  source: 'EVENT',
  project: 'UHJvamVjdDox+/=',
  instance: 'i',
  app: 'a',
  assignee: 'm',
  environment: 'PRODUCTION',
  release: 'shop@1.10.2+b 7',
  module: 'sale_stock',
  tag: 'browser:Firefox 120: beta',
  muted: true,
  dev: 'none',
  last: null,
  since: '2026-11-01T08:00:00.000Z',
  until: '2026-11-02T08:00:00.000Z',
  sort: { field: 'TOTAL_COUNT', direction: 'ASC' },
}

describe("the list's address", () => {
  it('is empty where nothing is asked', () => {
    expect(write(NOTHING_ASKED).toString()).toBe('')
    expect(read(new URLSearchParams())).toEqual(NOTHING_ASKED)
    expect(isFiltered(NOTHING_ASKED)).toBe(false)
  })

  it('keeps all that is asked, there and back', () => {
    const address = write(EVERYTHING).toString()
    expect(read(new URLSearchParams(address))).toEqual(EVERYTHING)
    const quick: Filters = { ...NOTHING_ASKED, last: '24h', status: 'all' }
    expect(write(quick).toString()).toBe('status=all&last=24h')
    expect(read(write(quick))).toEqual(quick)
  })

  it('can be read by people', () => {
    const shown = write({ ...NOTHING_ASKED, status: ['IN_PROGRESS'], sort: { field: 'FIRST_SEEN', direction: 'DESC' } })
    expect(shown.toString()).toBe('status=in-progress&sort=first-seen')
  })

  it('leaves out what makes no sense', () => {
    const address =
      'status=gone&severity=bad,high,high&priority=,&source=&dev=maybe&last=3y&since=never&sort=name.up&tag=:x&project=%20'
    expect(read(new URLSearchParams(address))).toEqual({ ...NOTHING_ASKED, severity: ['HIGH'] })
    expect(read(new URLSearchParams('q=%00a%00&release=%00')).search).toBe('a')
    expect(read(new URLSearchParams({ q: 'x'.repeat(5000) })).search).toHaveLength(1000)
  })

  it('says all four open statuses as open', () => {
    expect(read(new URLSearchParams('status=regressed,new,active,in-progress')).status).toBe('open')
    expect(write({ ...NOTHING_ASKED, status: [] }).toString()).toBe('')
  })

  it('prefers a quick range to times', () => {
    expect(write({ ...EVERYTHING, last: '7d' }).has('since')).toBe(false)
  })

  it('is cleared of conditions, not of its order', () => {
    expect(isFiltered(EVERYTHING)).toBe(true)
    const left = cleared(EVERYTHING)
    expect(left.sort).toEqual(EVERYTHING.sort)
    expect(isFiltered(left)).toBe(false)
  })
})
