import { expect, test } from 'vitest'

import { anewAfter, saysSomething } from './live'

test('an update that is only a cursor says nothing', () => {
  const quiet = { __typename: 'ErrorUpdate', cursor: 'e.1-0', refetch: false, errorId: null, error: null, changes: [] }
  expect(saysSomething(quiet)).toBe(false)
})

test('one with an error does, also where that was deleted', () => {
  expect(saysSomething({ cursor: 'e.1-0', refetch: false, errorId: 'RXJy', error: null } as never)).toBe(true)
})

test('a subscription that the server ends again and again is begun anew ever more seldom', () => {
  expect([0, 1, 2, 50].map(anewAfter)).toEqual([10_000, 20_000, 40_000, 600_000])
})
