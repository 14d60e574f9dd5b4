import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { createPortal } from 'react-dom'

import { Button, IconButton } from './button'
import { classes } from './classes'
import { ChevronDownIcon, MoreIcon } from './icons'
import { Kbd } from './kbd'
import styles from './menu.module.css'

export interface MenuItem {
  label: string
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
  /** Of several to choose from, whether it is the one. */
  checked?: boolean
  kbd?: string
  icon?: ReactNode
  /** A line above it. */
  apart?: boolean
}

export interface MenuProps {
  /** What it is for; shown on the button, unless that is an icon. */
  label: string
  items: readonly MenuItem[]
  /** The button's icon; with `text={false}` alone, and three dots where there is none. */
  icon?: ReactNode
  text?: boolean
  size?: 's' | 'm'
  kind?: 'plain' | 'quiet' | 'primary'
  disabled?: boolean
  align?: 'start' | 'end'
}

/** A button that opens a list of things to do. Arrows move, Enter does it, Escape closes. */
export function Menu({
  label,
  items,
  icon,
  text = true,
  size = 'm',
  kind = 'plain',
  disabled,
  align = 'end',
}: MenuProps) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const listId = useId()
  const open = {
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? listId : undefined,
  } as const
  const close = (andFocus = true) => {
    setOpen(false)
    if (andFocus) button.current?.focus()
  }
  const shared = { ref: button, size, disabled, ...open, onClick: () => setOpen(!isOpen) }
  return (
    <>
      {text ? (
        <Button {...shared} kind={kind} icon={icon}>
          {label} <ChevronDownIcon size={14} className={styles.chevron} />
        </Button>
      ) : (
        <IconButton {...shared} label={label} icon={icon ?? <MoreIcon />} />
      )}
      {isOpen && <MenuList id={listId} label={label} items={items} anchor={button} align={align} onClose={close} />}
    </>
  )
}

interface MenuListProps {
  id: string
  label: string
  items: readonly MenuItem[]
  anchor: { current: HTMLElement | null }
  align: 'start' | 'end'
  onClose: (andFocus?: boolean) => void
}

function MenuList({ id, label, items, anchor, align, onClose }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null)
  usePlaced(list, anchor, align)
  useEffect(() => {
    choices(list.current)[0]?.focus()
  }, [])
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const at = event.target as Node
      if (!list.current?.contains(at) && !anchor.current?.contains(at)) onClose(false)
    }
    const away = (event: Event) => {
      if (!list.current?.contains(event.target as Node)) onClose(false)
    }
    document.addEventListener('pointerdown', outside)
    window.addEventListener('scroll', away, true)
    window.addEventListener('resize', away)
    return () => {
      document.removeEventListener('pointerdown', outside)
      window.removeEventListener('scroll', away, true)
      window.removeEventListener('resize', away)
    }
  }, [anchor, onClose])
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault()
      onClose()
      return
    }
    const all = choices(list.current)
    const to = moved(event.key, all.indexOf(document.activeElement as HTMLButtonElement), all.length)
    if (to === null) return
    event.preventDefault()
    all[to]?.focus()
  }
  const host = anchor.current?.closest('dialog') ?? document.body
  return createPortal(
    <div ref={list} id={id} className={styles.list} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map((item, place) => (
        <Choice key={place} item={item} onClose={onClose} />
      ))}
    </div>,
    host,
  )
}

function Choice({ item, onClose }: { item: MenuItem; onClose: (andFocus?: boolean) => void }) {
  return (
    <button
      type="button"
      role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={item.checked}
      tabIndex={-1}
      disabled={item.disabled}
      className={classes(styles.item, item.danger && styles.danger, item.apart && styles.apart)}
      onPointerEnter={(event) => event.currentTarget.focus()}
      onClick={() => {
        onClose()
        item.onSelect()
      }}
    >
      {item.icon}
      <span className={styles.text}>{item.label}</span>
      {item.checked && <span aria-hidden="true">✓</span>}
      {item.kbd && <Kbd>{item.kbd}</Kbd>}
    </button>
  )
}

function choices(list: HTMLElement | null): HTMLButtonElement[] {
  return [...(list?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [])]
}

/** Where the focus goes; null for a key that moves nothing. */
function moved(key: string, from: number, count: number): number | null {
  if (count === 0) return null
  if (key === 'ArrowDown' || key === 'j') return (from + 1) % count
  if (key === 'ArrowUp' || key === 'k') return (from - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

/** Below the button, or above it where there is no room; always inside of the window. */
function usePlaced(
  list: { current: HTMLElement | null },
  anchor: { current: HTMLElement | null },
  align: 'start' | 'end',
) {
  useLayoutEffect(() => {
    if (list.current && anchor.current) place(list.current, anchor.current.getBoundingClientRect(), align)
  }, [list, anchor, align])
}

function place(list: HTMLElement, at: DOMRect, align: 'start' | 'end'): void {
  const { offsetWidth: wide, offsetHeight: high } = list
  const left = align === 'end' ? at.right - wide : at.left
  const hasRoomBelow = at.bottom + 4 + high < window.innerHeight - 8
  list.style.left = `${Math.max(8, Math.min(left, window.innerWidth - wide - 8))}px`
  list.style.top = `${hasRoomBelow ? at.bottom + 4 : Math.max(8, at.top - high - 4)}px`
}
