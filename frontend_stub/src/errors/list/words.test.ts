import { describe, expect, it } from 'vitest'
import { chunks } from './chunks'
import { done, headline, problemText, shortened } from './words'

describe('the words of the list', () => {
  it('say what was done', () => {
    expect(done({ kind: 'resolve' }, 1)).toBe('Resolved 1 error')
    expect(done({ kind: 'assign', memberId: null }, 1200)).toBe('Unassigned 1,200 errors')
  })

  it('name the error at fault', () => {
    const titles = new Map([['b', 'KeyError: price']])
    const problem = { field: ['ids', '1'], message: 'It is silenced.' }
    expect(problemText(problem, ['a', 'b'], titles)).toBe('KeyError: price: It is silenced.')
    expect(problemText(problem, ['a'], titles)).toBe('It is silenced.')
    expect(problemText({ field: null, message: 'No.' }, [], titles)).toBe('No.')
    expect(problemText({ field: ['inVersion'], message: 'No.' }, ['a'], titles)).toBe('No.')
  })

  it('take a title apart', () => {
    const row = { title: 'IllegalStateException: order 98', exceptionType: 'java.lang.IllegalStateException' }
    expect(headline(row)).toEqual({ type: 'IllegalStateException', text: 'order 98' })
    expect(headline({ title: 'KeyError', exceptionType: 'KeyError' })).toEqual({ type: 'KeyError', text: '' })
    expect(headline({ title: 'plain', exceptionType: null })).toEqual({ type: null, text: 'plain' })
  })

  it('are cut between letters', () => {
    expect(shortened('a👍🏽b', 99)).toBe('a👍🏽b')
    expect(shortened('one two', 5)).toBe('one…')
  })

  it('come in pieces', () => {
    expect(chunks([1, 2, 3], 2)).toEqual([[1, 2], [3]])
    expect(chunks([], 2)).toEqual([])
  })
})
