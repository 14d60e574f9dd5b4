import type { Operation } from 'urql'
import { CombinedError } from 'urql'
import { expect, test } from 'vitest'

import { staysKnown } from './use_kept_query'

const asked = (key: number) => ({ key }) as Operation
const error = new CombinedError({ networkError: new Error('away') })
const good = { data: { n: 1 }, error: undefined, operation: asked(1) }

test('what is known stays where the same could not be asked again', () => {
  expect(staysKnown(good, { data: undefined, error, operation: asked(1) })).toBe(true)
  expect(staysKnown(good, { data: undefined, error: undefined, operation: asked(1) })).toBe(true)
  expect(staysKnown(good, { data: null, error: undefined, operation: asked(1) })).toBe(true)
  expect(staysKnown(good, { data: { n: null }, error, operation: asked(1) })).toBe(true)
})

test('it goes for an answer, and is no answer to another question', () => {
  expect(staysKnown(good, { data: { n: 2 }, error: undefined, operation: asked(1) })).toBe(false)
  expect(staysKnown(good, { data: undefined, error, operation: asked(2) })).toBe(false)
  expect(staysKnown({ ...good, error }, { data: undefined, error, operation: asked(1) })).toBe(false)
})
