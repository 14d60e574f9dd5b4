import { CombinedError } from 'urql'
import { expect, test } from 'vitest'

import { codeOf, told } from './failures'

test('an error of the graph is told with its code', () => {
  const error = new CombinedError({
    graphQLErrors: [{ message: 'viewers may not do that', extensions: { code: 'FORBIDDEN' } }],
  })
  expect(codeOf(error)).toBe('FORBIDDEN')
  expect(told(error)).toEqual({ title: 'Not allowed', text: 'Viewers may not do that.', code: 'FORBIDDEN' })
})

test('where nobody answers that is said', () => {
  const error = new CombinedError({ networkError: new TypeError('Failed to fetch') })
  expect(told(error).title).toBe('Snaglist cannot be reached')
})

test('an error of the page itself is told too', () => {
  expect(told(new Error('boom'))).toEqual({ title: 'That did not work', text: 'Boom.', code: null })
})
