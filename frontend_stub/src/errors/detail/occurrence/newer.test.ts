import { expect, test } from 'vitest'
import { later, MOST_HEARD, withHeard } from './newer'

const at = (second: number) => `2026-11-22T12:00:${String(second).padStart(2, '0')}.000000Z`
const one = (id: string, second: number) => ({ id, receivedAt: at(second) })

test('only what was received after the one that is shown is newer, each once', () => {
  const heard = [one('a', 1), one('b', 2), one('c', 3), one('c', 3)].reduce(withHeard, [] as readonly ReturnType<typeof one>[])
  expect(later(heard, one('b', 2))).toBe(1)
  expect(later(heard, one('z', 0))).toBe(3)
  expect(later(heard, one('c', 3))).toBe(0)
})

test('a storm is not kept for ever', () => {
  const ids = Array.from({ length: 3 * MOST_HEARD }, (_, place) => one(String(place), 5))
  const heard = ids.reduce(withHeard, [] as readonly ReturnType<typeof one>[])
  expect(later(heard, one('z', 0))).toBe(MOST_HEARD)
})
