import { describe, expect, it } from 'vitest'
import { concerned, extended, moved, none, NOTHING_CHOSEN, pruned, toggled, toggledAll } from './selection'

const IDS = [...'abcde']

describe('the selection', () => {
  it('takes rows one by one and as ranges, in either direction', () => {
    const one = toggled(NOTHING_CHOSEN, 'd')
    expect(concerned(one, IDS)).toEqual(['d'])
    expect(concerned(extended(one, IDS, 'b'), IDS)).toEqual(['b', 'c', 'd'])
    expect(concerned(extended(NOTHING_CHOSEN, IDS, 'b'), IDS)).toEqual(['b'])
    expect(toggled(one, 'd').chosen.size).toBe(0)
  })

  it('takes all or none', () => {
    const all = toggledAll(toggled(NOTHING_CHOSEN, 'a'), IDS)
    expect(all.chosen.size).toBe(5)
    expect(toggledAll(all, IDS).chosen.size).toBe(0)
    expect(toggledAll(NOTHING_CHOSEN, []).chosen.size).toBe(0)
    expect(none(all).chosen.size).toBe(0)
  })

  it('moves within the rows', () => {
    const first = moved(NOTHING_CHOSEN, IDS, 1)
    expect(first.at).toBe('a')
    expect(moved(first, IDS, -1).at).toBe('a')
    expect(moved(first, IDS, 99).at).toBe('e')
    expect(moved(first, [], 1).at).toBeNull()
  })

  it('stands on the next row when its own goes', () => {
    const state = { ...toggled(NOTHING_CHOSEN, 'c'), at: 'c' }
    expect(pruned(state, IDS, [...'abde'])).toEqual({ chosen: new Set(), at: 'd', anchor: null })
    expect(pruned(state, IDS, [...'ab']).at).toBe('b')
    expect(pruned(state, IDS, []).at).toBeNull()
    expect(pruned(state, IDS, [...'xabc'])).toBe(state)
  })

  it('is about the row of the keyboard where nothing is chosen', () => {
    expect(concerned(moved(NOTHING_CHOSEN, IDS, 1), IDS)).toEqual(['a'])
    expect(concerned({ ...NOTHING_CHOSEN, at: 'gone' }, IDS)).toEqual([])
  })
})
