import { expect, test } from 'vitest'

import { barPath, summed } from './bars'

test('few values stay as they are', () => {
  expect(summed([1, 2, 3], 5)).toEqual([1, 2, 3])
})

test('many are added up, the last bar is whole, and nothing is lost', () => {
  expect(summed([1, 1, 1, 1, 1, 1, 1], 3)).toEqual([1, 3, 3])
  const hours = Array.from({ length: 168 }, (_, hour) => hour)
  expect(summed(hours, 42)).toHaveLength(42)
  expect(summed(hours, 42).reduce((sum, one) => sum + one)).toBe((167 * 168) / 2)
})

test('a single time can be seen beside a storm, and nothing is drawn where nothing happened', () => {
  expect(barPath([0, 0], 20, 10)).toBe('')
  const path = barPath([1, 0, 100000], 30, 20)
  expect(path).toBe('M0 18h9V20h-9zM20 0h9V20h-9z')
})
