import { describe, expect, it } from 'vitest'
import { columns, inWords, wholeBuckets, wholeSpan, within } from './data'

const HOUR = 3600

function hourly(counts: number[]) {
  const begin = Date.parse('2026-11-22T00:00:00Z')
  return columns(
    counts.map((count, place) => ({ startsAt: new Date(begin + place * HOUR * 1000).toISOString(), count })),
  )
}

describe('a timeline', () => {
  it('has columns with their width, and ends where its last bucket ends', () => {
    const data = hourly([1, 0, 4])
    expect(data.width).toBe(HOUR)
    expect(wholeSpan(data)).toEqual({ from: data.starts[0], to: (data.starts[0] ?? 0) + 3 * HOUR })
  })

  it('is nothing without buckets', () => {
    expect(wholeSpan(columns([]))).toBeNull()
    expect(inWords(columns([]), null)).toBe('Not seen in this time')
  })

  it('is zoomed to whole buckets, and never beyond its ends', () => {
    const data = hourly([1, 0, 4, 2])
    const first = data.starts[0] ?? 0
    expect(wholeBuckets(data, { from: first + 1.5 * HOUR, to: first + 2.5 * HOUR })).toEqual({
      from: first + HOUR,
      to: first + 3 * HOUR,
    })
    expect(wholeBuckets(data, { from: first - 99 * HOUR, to: first + 99 * HOUR })).toEqual(wholeSpan(data))
    expect(wholeBuckets(data, { from: first - 9, to: first - 3 })).toBeNull()
  })

  it('counts what lies within a zoom', () => {
    const data = hourly([1, 0, 4, 2])
    const first = data.starts[0] ?? 0
    expect(within(data, null)).toEqual({ total: 7, most: 4 })
    expect(within(data, { from: first, to: first + 2 * HOUR })).toEqual({ total: 1, most: 1 })
  })

  it('is told in words', () => {
    const data = hourly(Array.from({ length: 48 }, (_, place) => (place === 3 ? 1200 : 0)))
    expect(inWords(data, null)).toBe('1,200 times in 2 days, at most 1,200 in an hour')
    expect(inWords(data, { from: data.starts[3] ?? 0, to: data.starts[4] ?? 0 })).toContain('in 1 hour')
    expect(inWords(hourly([0, 0]), null)).toBe('Not seen in 2 hours')
    expect(inWords(hourly([1, 0]), null)).toContain('1 time in')
  })
})
