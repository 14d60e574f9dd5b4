import { useEffect, useId, useRef, type ReactNode } from 'react'

import { IconButton } from './button'
import styles from './dialog.module.css'
import { classes } from './classes'
import { CloseIcon } from './icons'

export interface DialogProps {
  title: ReactNode
  open: boolean
  /** Escape, the cross, and a click beside it. */
  onClose: () => void
  /** The buttons, the one that does it last. */
  footer?: ReactNode
  size?: 's' | 'm' | 'l'
  children: ReactNode
}

/** Asks something over the page. The browser keeps the focus in it; then what had it before has it again. */
export function Dialog({ title, open, onClose, footer, size = 'm', children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const pressedBeside = useRef(false)
  useEffect(() => {
    const shown = dialog.current
    if (!open || !shown) return
    const before = document.activeElement
    if (!shown.open) shown.showModal()
    return () => {
      shown.close()
      // The browser gives it back only as long as the dialog is in the document.
      const isFree = document.activeElement === null || document.activeElement === document.body
      if (isFree && before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [open])
  if (!open) return null
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Escape does it for keyboards
    <dialog
      ref={dialog}
      className={classes(styles.dialog, styles[size])}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => {
        pressedBeside.current = event.target === dialog.current
      }}
      onClick={(event) => {
        if (event.target === dialog.current && pressedBeside.current) onClose()
      }}
    >
      <div className={styles.box}>
        <header className={styles.header}>
          <h2 id={titleId}>{title}</h2>
          <IconButton label="Close" size="s" icon={<CloseIcon />} onClick={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  )
}
