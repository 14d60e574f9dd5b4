/** Keys that do something while nothing is typed anywhere and no dialog is open. */
import { useLayoutEffect, useRef } from 'react'

import { letters } from './letters'

export type Keys = Readonly<Record<string, () => void>>

/** Keys that go on while they are held down: they only move. All others act once for each time they are pressed. */
const GO_ON: ReadonlySet<string> = new Set(['j', 'k', 'ArrowDown', 'ArrowUp'])

/** `keys` by what `KeyboardEvent.key` says, as `j`, `?` or `Escape`. Together with Ctrl, Alt or the like they are the browser's. */
export function useKeys(keys: Keys): void {
  const present = useRef(keys)
  useLayoutEffect(() => {
    present.current = keys
  })
  useLayoutEffect(() => { // before it is seen: who sees a page may press a key at once
    const pressed = (event: KeyboardEvent) => {
      if (!isMeant(event) || isTyped(event) || (event.key.length === 1 && !letters())) return
      const act = Object.hasOwn(present.current, event.key) ? present.current[event.key] : undefined
      if (!act) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', pressed)
    return () => {
      document.removeEventListener('keydown', pressed)
    }
  }, [])
}

type Pressed = Pick<KeyboardEvent, 'key' | 'repeat' | 'defaultPrevented' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** Whether a key that was pressed is one of ours: not dealt with yet, not the browser's, and not held down. */
export function isMeant({ key, repeat, defaultPrevented, ctrlKey, metaKey, altKey }: Pressed): boolean {
  return !defaultPrevented && !ctrlKey && !metaKey && !altKey && (!repeat || GO_ON.has(key))
}

function isTyped({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector('dialog[open], [data-popover], [role="menu"]')) return true
  if (target.closest('textarea, select, [contenteditable="true"], input:not([type="checkbox"])')) return true
  // A button or a link does what it is for.
  return key === 'Enter' && target.closest('a, button, input') !== null
}
