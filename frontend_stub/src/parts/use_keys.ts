/** Keys that do something while nothing is typed anywhere and no dialog is open. */
import { useEffect, useRef } from 'react'

export type Keys = Readonly<Record<string, () => void>>

/** `keys` by what `KeyboardEvent.key` says, as `j`, `?` or `Escape`. Together with Ctrl, Alt or the like they are the browser's. */
export function useKeys(keys: Keys): void {
  const present = useRef(keys)
  useEffect(() => {
    present.current = keys
  })
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyped(event)) return
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

function isTyped({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector('dialog[open], [data-popover], [role="menu"]')) return true
  if (target.closest('textarea, select, [contenteditable="true"], input:not([type="checkbox"])')) return true
  // A button or a link does what it is for.
  return key === 'Enter' && target.closest('a, button, input') !== null
}
