import { expect, test } from 'vitest'

import { ago, compact, counted, countedExactly, exact } from './times'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const SECOND = 1000
const DAY = 86_400 * SECOND

test.each([
  [0, 'just now'],
  [9 * SECOND, 'just now'],
  [59 * SECOND, '59 s ago'],
  [60 * SECOND, '1 min ago'],
  [3599 * SECOND, '59 min ago'],
  [25 * 3600 * SECOND, '1 d ago'],
  [29 * DAY, '29 d ago'],
  [30.2 * DAY, '1 mo ago'],
  [31 * DAY, '1 mo ago'],
  [365.1 * DAY, '1 y ago'],
  [800 * DAY, '2 y ago'],
  [-2 * 3600 * SECOND, 'in 2 h'],
])('%i ms before now is %s', (before, said) => {
  expect(ago(NOW - before, NOW)).toBe(said)
})

test('numbers', () => {
  expect([7, 999, 1234, 56_789, 1_200_000].map(compact)).toEqual(['7', '999', '1.2k', '56.8k', '1.2M'])
  expect(exact(1234567)).toBe('1,234,567')
})

test('one is no plural', () => {
  expect([0, 1, 1234].map((value) => counted(value, 'time'))).toEqual(['0 times', '1 time', '1.2k times'])
  expect([1, 1234].map((value) => countedExactly(value, 'user'))).toEqual(['1 user', '1,234 users'])
})
