import type { ReactNode } from 'react'

import { classes } from './classes'
import styles from './field.module.css'

/** What all fields have: a label, and maybe a hint, or what is wrong instead of it. */
export interface Framed {
  label: string
  /** The label is said, not shown. */
  hideLabel?: boolean
  hint?: ReactNode
  error?: string | null | undefined
  className?: string | undefined
}

/** A field with its label and hint; what is typed into has the same `id`. */
export function Field({
  id,
  label,
  hideLabel,
  hint,
  error,
  className,
  children,
}: Framed & { id: string; children: ReactNode }) {
  return (
    <div className={classes(styles.field, className)}>
      <label htmlFor={id} className={hideLabel ? 'aside-for-ears' : styles.label}>
        {label}
      </label>
      {children}
      {(error || hint) && (
        <p id={`${id}-more`} className={error ? styles.error : styles.hint}>
          {error || hint}
        </p>
      )}
    </div>
  )
}
