import { describe, expect, it } from 'vitest'

import { mistakeAt, mistakesElsewhere, mistakesOf } from './mistakes'

const MISTAKES = mistakesOf([
  { field: ['name'], message: 'a name is 1 to 200 characters' },
  { field: ['name'], message: 'and something else' },
  { field: ['ignoreRules', '2', 'message'], message: 'is too long' },
  { field: ['source', 'ssh', 'hostKey'], message: 'this is no key.' },
  { field: null, message: 'not now' },
])

describe('mistakes', () => {
  it('stand at their fields, as sentences', () => {
    expect(mistakeAt(MISTAKES, 'name')).toBe('A name is 1 to 200 characters.')
    expect(mistakeAt(MISTAKES, 'ignoreRules')).toBe('Entry 3: Is too long.')
    expect(mistakeAt(MISTAKES, 'source')).toBeUndefined()
  })

  it('are told elsewhere where no field shows them', () => {
    expect(mistakesElsewhere(MISTAKES, ['name', 'ignoreRules'])).toEqual(['This is no key.', 'Not now.'])
  })
})
