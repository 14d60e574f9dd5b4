import { describe, expect, it } from 'vitest'

import { bars, outcomes, sum } from './outcomes'

const NOTHING = {
  accepted: 0,
  duplicate: 0,
  rejected: 0,
  overQuota: 0,
  overload: 0,
  notKept: 0,
  recorded: 0,
  ignored: 0,
  thinned: 0,
  setAside: 0,
  expired: 0,
}

describe('what became of events', () => {
  it('is each told once, in its group', () => {
    const counts = Object.fromEntries(Object.keys(NOTHING).map((name, place) => [name, 2 ** place]))
    const told = outcomes({ ...NOTHING, ...counts })
    expect(sum([...told.accepted, ...told.refused, ...told.dropped])).toBe(2 ** Object.keys(NOTHING).length - 1)
    expect(told.refused.map((one) => one.label)).toEqual(['Over quota', 'Unreadable', 'Overload'])
  })

  it('is drawn relative to the tallest bar', () => {
    const bucket = {
      startsAt: '2026-11-22T10:00:00Z',
      accepted: 0,
      rejected: 0,
      overQuota: 0,
      overload: 0,
      ignored: 0,
      setAside: 0,
    }
    const [quiet, loud] = bars([bucket, { ...bucket, accepted: 30, rejected: 6, overQuota: 4 }])
    expect(quiet).toMatchObject({ acceptedShare: 0, refusedShare: 0 })
    expect(loud).toMatchObject({ acceptedShare: 0.75, refusedShare: 0.25, refused: 10 })
  })
})
