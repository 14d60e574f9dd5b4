import { describe, expect, it } from 'vitest'
import {
  canStep,
  columns,
  inWords,
  type Span,
  spanInWords,
  type Step,
  stepped,
  wholeBuckets,
  wholeSpan,
  within,
} from './data'

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
    expect(wholeBuckets(data, { from: first - 99 * HOUR, to: first + 1 })).toEqual({ from: first, to: first + HOUR })
    expect(wholeBuckets(data, { from: first - 99 * HOUR, to: first + 99 * HOUR })).toBeNull()
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

describe('a timeline of 24 hours, step by step,', () => {
  const data = hourly(Array.from({ length: 24 }, (_, place) => place))
  const begin = data.starts[0] ?? 0
  const hours = (from: number, to: number): Span => ({ from: begin + from * HOUR, to: begin + to * HOUR })
  const after = (span: Span | null, ...steps: Step[]) =>
    steps.reduce((shown, step) => stepped(data, shown, step), span)
  const possible = (span: Span | null) =>
    (['in', 'out', 'earlier', 'later', 'all'] as const).filter((step) => canStep(data, span, step))

  it('is zoomed in about its middle, down to one bucket', () => {
    expect(after(null, 'in')).toEqual(hours(6, 18))
    expect(after(null, 'in', 'in')).toEqual(hours(9, 15))
    expect(after(hours(9, 14), 'in')).toEqual(hours(10, 12))
    expect(after(null, 'in', 'in', 'in', 'in', 'in', 'in')).toEqual(hours(11, 12))
  })

  it('is zoomed out about its middle, and inside of its ends, until it is all there', () => {
    expect(after(hours(9, 15), 'out')).toEqual(hours(6, 18))
    expect(after(hours(0, 4), 'out')).toEqual(hours(0, 8))
    expect(after(hours(23, 24), 'out')).toEqual(hours(22, 24))
    expect(after(hours(0, 12), 'out')).toBeNull()
    expect(after(hours(3, 16), 'out')).toBeNull()
  })

  it('is moved by half of what is shown, and no farther than its ends', () => {
    expect(after(hours(6, 18), 'earlier')).toEqual(hours(0, 12))
    expect(after(hours(6, 18), 'later', 'later')).toEqual(hours(12, 24))
    expect(after(hours(2, 10), 'earlier')).toEqual(hours(0, 8))
    expect(after(hours(5, 6), 'later')).toEqual(hours(6, 7))
    expect(after(null, 'later')).toBeNull()
  })

  it('stays as it is where a step is not possible, and says so', () => {
    expect(possible(null)).toEqual(['in'])
    expect(possible(hours(0, 12))).toEqual(['in', 'out', 'later', 'all'])
    expect(possible(hours(12, 24))).toEqual(['in', 'out', 'earlier', 'all'])
    expect(possible(hours(5, 6))).toEqual(['out', 'earlier', 'later', 'all'])
    expect((['in', 'out', 'later'] as const).some((step) => canStep(columns([]), null, step))).toBe(false)
    expect(canStep(hourly([3]), null, 'in')).toBe(false)
  })

  it('begins with all of it again where what was shown is long over', () => {
    expect(after(hours(-9, -6), 'in')).toEqual(hours(6, 18))
    expect(after(hours(-6, 3), 'in')).toEqual(hours(1, 2))
    expect(after(hours(1, 20), 'all')).toBeNull()
  })
})

describe('a span', () => {
  it('is told in words, of days with its last one', () => {
    const days = columns(
      [15, 16, 17, 18].map((day) => ({ startsAt: `2026-11-${day}T00:00:00Z`, count: 1 })),
    )
    const [first = 0, second = 0, third = 0] = days.starts
    expect(spanInWords(days, null)).toBe('Sun, Nov 15 to Wed, Nov 18')
    expect(spanInWords(days, { from: second, to: third })).toBe('Mon, Nov 16')
    expect(spanInWords(days, { from: first, to: third })).toBe('Sun, Nov 15 to Mon, Nov 16')
    expect(spanInWords(hourly([1, 2]), null)).toMatch(/, \d\d:\d\d to .*\d\d:\d\d$/)
    expect(spanInWords(columns([]), null)).toBe('')
  })
})
