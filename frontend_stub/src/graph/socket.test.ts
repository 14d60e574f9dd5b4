import { TerminatedCloseEvent } from 'graphql-ws'
import { expect, test } from 'vitest'

import { isWorthRetry } from './socket'

test('a connection that is gone is made anew, also where it was given up here', () => {
  expect(isWorthRetry({ code: 1006, reason: '' })).toBe(true)
  expect(isWorthRetry(new TerminatedCloseEvent())).toBe(true)
  expect(isWorthRetry(new TypeError('a fault of ours'))).toBe(false)
})
