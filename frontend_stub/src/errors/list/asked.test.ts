import { expect, test } from 'vitest'
import { askedAt, renewed } from './asked'

const NOON = Date.parse('2026-11-22T12:00:30Z')

test('a quick range begins anew when it is asked for anew, a minute later at the earliest', () => {
  const first = askedAt('last=1h', NOON)
  expect(first.filter.since).toBe('2026-11-22T11:00:00.000Z')
  expect(renewed(first, askedAt('last=1h', NOON + 20_000))).toBe(first)
  expect(renewed(first, askedAt('last=1h', NOON + 60_000)).filter.since).toBe('2026-11-22T11:01:00.000Z')
})

test('without one it stays the same', () => {
  const first = askedAt('q=price&sort=priority', NOON)
  expect(renewed(first, askedAt('q=price&sort=priority', NOON + 86_400_000))).toBe(first)
})
