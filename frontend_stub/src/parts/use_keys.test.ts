import { expect, test } from 'vitest'

import { isMeant } from './use_keys'

const E = { key: 'e', repeat: false, defaultPrevented: false, ctrlKey: false, metaKey: false, altKey: false }

test('a key acts once however long it is held down, unless it only moves', () => {
  expect(isMeant(E)).toBe(true)
  expect(isMeant({ ...E, repeat: true })).toBe(false)
  expect(['j', 'k', 'ArrowDown', 'ArrowUp'].every((key) => isMeant({ ...E, key, repeat: true }))).toBe(true)
})

test('with Ctrl and the like it is the browser’s', () => {
  for (const held of ['ctrlKey', 'metaKey', 'altKey', 'defaultPrevented']) expect(isMeant({ ...E, [held]: true })).toBe(false)
})
