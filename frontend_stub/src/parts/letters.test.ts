import { afterEach, expect, test } from 'vitest'

import { letters, turnLetters } from './letters'

afterEach(() => {
  turnLetters(true)
})

test('they do something until they are turned off', () => {
  expect(letters()).toBe(true)
  turnLetters(false)
  expect(letters()).toBe(false)
  turnLetters(true)
  expect(letters()).toBe(true)
})
