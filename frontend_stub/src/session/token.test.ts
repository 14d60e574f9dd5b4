import { expect, test } from 'vitest'

import { tokenIn } from './token'

test.each([
  ['#token=snag_abc', 'snag_abc'],
  ['#token=a%2Bb', 'a+b'],
  ['#token=', null],
  ['#section', null],
  ['', null],
])('%s holds %s', (fragment, token) => {
  expect(tokenIn(fragment)).toBe(token)
})
