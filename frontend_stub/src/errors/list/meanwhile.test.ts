import { expect, it } from 'vitest'
import { meanwhile } from './meanwhile'

const add = (letter: string) => (before: string) => before + letter

it('does again what was told since the answer was asked for, and nothing from before', () => {
  const told = meanwhile<string>()
  told.note(add('a'))
  const first = told.begin()
  told.note(add('b'))
  const second = told.begin()
  told.note(add('c'))
  expect(first()('-')).toBe('-bc')
  told.note(add('d'))
  expect(second()('-')).toBe('-cd')
  told.note(add('e'))
  expect(told.begin()()('-')).toBe('-')
})
