import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'

import { Button, IconButton } from './button'
import { classes } from './classes'
import { CheckIcon, CloseIcon, InfoIcon, WarningIcon } from './icons'
import styles from './toast.module.css'

export interface ToastOptions {
  tone?: 'good' | 'bad' | 'plain'
  /** What takes it back. */
  undo?: () => void
}

export type ShowToast = (text: string, options?: ToastOptions) => void

interface Shown extends ToastOptions {
  id: number
  text: string
}

const LASTS = 6000
const LASTS_WITH_UNDO = 10_000
const MOST = 3

const Toasts = createContext<ShowToast>(() => undefined)

/** Says in a corner what was done, or what went wrong; it goes by itself. */
export function useToast(): ShowToast {
  return useContext(Toasts)
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([])
  const last = useRef(0)
  const drop = useCallback((id: number) => setShown((all) => all.filter((one) => one.id !== id)), [])
  const show = useCallback<ShowToast>(
    (text, options = {}) => {
      const id = ++last.current
      setShown((all) => [...all, { ...options, id, text }].slice(-MOST))
      setTimeout(() => drop(id), options.undo || options.tone === 'bad' ? LASTS_WITH_UNDO : LASTS)
    },
    [drop],
  )
  const region = useMemo(
    () => (
      <div className={styles.region} role="status" aria-live="polite">
        {shown.map((toast) => (
          <Toast key={toast.id} toast={toast} onDrop={() => drop(toast.id)} />
        ))}
      </div>
    ),
    [shown, drop],
  )
  return (
    <Toasts value={show}>
      {children}
      {createPortal(region, document.body)}
    </Toasts>
  )
}

const ICONS = { good: <CheckIcon />, bad: <WarningIcon />, plain: <InfoIcon /> }

function Toast({ toast, onDrop }: { toast: Shown; onDrop: () => void }) {
  const { tone = 'good', undo } = toast
  return (
    <div className={classes(styles.toast, styles[tone])}>
      {ICONS[tone]}
      <span className={styles.text}>{toast.text}</span>
      {undo && (
        <Button
          size="s"
          kind="quiet"
          onClick={() => {
            undo()
            onDrop()
          }}
        >
          Undo
        </Button>
      )}
      <IconButton size="s" label="Dismiss" icon={<CloseIcon size={14} />} onClick={onDrop} />
    </div>
  )
}
