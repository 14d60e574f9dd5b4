import type { ReactNode } from 'react'

import styles from './badge.module.css'
import { classes } from './classes'

export type Tone = 'red' | 'orange' | 'yellow' | 'green' | 'blue' | 'purple' | 'grey'

/** A word on a tinted ground; the word says all, the colour helps to find it. */
export function Badge({
  tone = 'grey',
  dot,
  title,
  children,
}: {
  tone?: Tone
  dot?: boolean
  title?: string | undefined
  children: ReactNode
}) {
  return (
    <span className={classes(styles.badge, styles[tone])} title={title}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  )
}
