/**
 * A small panel below its button: closed by Escape, by a click beside it, or from within. Arrow keys walk through it. On a
 * phone it lies at the bottom of the screen.
 */
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import styles from './popover.module.css'

const REACHED = 'input:not([type="hidden"]), button:not([disabled]), a[href]'

interface Props {
  label: string
  onClose: () => void
  children: ReactNode
}

export function Popover({ label, onClose, children }: Props) {
  const panel = useRef<HTMLDivElement>(null)
  useClosing(panel, onClose)
  return (
    <>
      <button type="button" className={styles.veil} tabIndex={-1} aria-label="Close" onClick={onClose} />
      <div ref={panel} className={styles.panel} role="dialog" aria-label={label} data-popover>
        {children}
      </div>
    </>
  )
}

function useClosing(panel: RefObject<HTMLDivElement | null>, onClose: () => void): void {
  const close = useRef(onClose)
  useEffect(() => {
    close.current = onClose
  })
  // Before the panel is there: something in it may take the focus at once.
  const [opener] = useState(() => document.activeElement)
  useEffect(() => {
    const shown = panel.current
    const anchor = shown?.parentElement
    const beside = (event: PointerEvent) => {
      if (event.target instanceof Node && !shown?.parentElement?.contains(event.target)) close.current()
    }
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.preventDefault()
        close.current()
      } else if (shown && !hasArrowsOfItsOwn(event.target) && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        event.preventDefault()
        walk(shown, event.key === 'ArrowDown' ? 1 : -1)
      }
    }
    document.addEventListener('pointerdown', beside)
    shown?.addEventListener('keydown', pressed)
    return () => {
      document.removeEventListener('pointerdown', beside)
      shown?.removeEventListener('keydown', pressed)
      if (shown?.isConnected || document.activeElement !== document.body) return // somebody else has the focus
      const back = opener instanceof HTMLElement && opener.isConnected ? opener : anchor?.querySelector('button')
      back?.focus({ preventScroll: true })
    }
  }, [panel, opener])
}

/** Where the arrows change a number. */
function hasArrowsOfItsOwn(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === 'datetime-local'
}

/** To the next of what can be reached in the panel, and round at its ends. */
function walk(panel: HTMLElement, by: number): void {
  const all = [...panel.querySelectorAll<HTMLElement>(REACHED)]
  const place = all.findIndex((each) => each === document.activeElement)
  all[(place + by + all.length) % all.length]?.focus()
}
