import { describe, expect, it } from 'vitest'
import { appended, arrivals, arrived, beginning, changed, isEmptied, loaded, removed, type Rows } from './rows'

interface R {
  id: string
  count?: number
}

const page = (ids: string, hasMore = false) => ({
  rows: [...ids].map((id): R => ({ id })),
  endCursor: ids.at(-1) ?? null,
  hasMore,
})
const shown = (state: Rows<R>) => state.rows.map((row) => row.id).join('')
const yes = () => true
const no = () => false

describe('the rows', () => {
  it('come in pages, each row once, in the place it had first', () => {
    const first = loaded<R>(page('abc', true))
    const both = appended(first, { ...page('cde'), rows: [{ id: 'c', count: 7 }, { id: 'd' }, { id: 'e' }] })
    expect(shown(both)).toBe('abcde')
    expect(both.rows[2]).toEqual({ id: 'c', count: 7 })
    expect(both.hasMore).toBe(false)
    expect(both.endCursor).toBe('e')
  })

  it('change in place, and stay where they do not belong any more, as stale ones', () => {
    const state = changed(loaded<R>(page('abc')), [{ id: 'b', count: 2 }, { id: 'z' }], no)
    expect(shown(state)).toBe('abc')
    expect(state.rows[1]).toEqual({ id: 'b', count: 2 })
    expect(state.stale.has('b')).toBe(true)
    expect(changed(state, [{ id: 'b' }], yes).stale.has('b')).toBe(false)
  })

  it('are the same state where nothing of it changed', () => {
    const state = loaded<R>(page('ab'))
    expect(changed(state, [{ id: 'z' }], yes)).toBe(state)
    expect(removed(state, ['z'])).toBe(state)
    expect(arrived(state, 'a', 'opened')).toBe(state)
  })

  it('go when they were dealt with', () => {
    const state = changed(loaded<R>(page('abc')), [{ id: 'b' }], no)
    const left = removed(state, ['b', 'c', 'nowhere'])
    expect(shown(left)).toBe('a')
    expect(left.stale.size).toBe(0)
  })

  it('are to be loaded anew when all of them went and there are others', () => {
    expect(isEmptied(removed(loaded<R>(page('ab', true)), ['a', 'b']))).toBe(true)
    expect(isEmptied(arrived(loaded<R>(page('')), 'x', 'opened'))).toBe(true)
    expect(isEmptied(removed(loaded<R>(page('ab')), ['a', 'b']))).toBe(false)
    expect(isEmptied(loaded<R>(page('ab', true)))).toBe(false)
    expect(isEmptied(beginning<R>())).toBe(false)
  })

  it('count what arrives once, and not what is shown', () => {
    let state = loaded<R>(page('ab'))
    for (const id of ['c', 'c', 'a']) state = arrived(state, id, 'opened')
    state = arrived(state, 'c', 'returned')
    expect(arrivals(state)).toBe('1 new error')
    expect(arrivals(arrived(state, 'd', 'returned'))).toBe('1 new error, 1 more')
    expect(arrivals(removed(state, ['c']))).toBeNull()
    expect(arrivals(appended(state, page('c')))).toBeNull()
    expect(arrivals(arrived(arrived(loaded<R>(page('')), 'x', 'returned'), 'y', 'returned'))).toBe('2 more errors')
    expect(arrivals(beginning())).toBeNull()
  })
})
