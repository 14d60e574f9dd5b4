import type { Priority } from '../graph/generated/graphql'
import type { Tone } from './badge'
import styles from './badge.module.css'
import { classes } from './classes'

/** What each priority is called, and its tone. */
export const PRIORITIES: Record<Priority, { label: string; tone: Tone; title: string }> = {
  P0: { label: 'P0', tone: 'red', title: 'Priority P0: now' },
  P1: { label: 'P1', tone: 'orange', title: 'Priority P1: today' },
  P2: { label: 'P2', tone: 'yellow', title: 'Priority P2: soon' },
  P3: { label: 'P3', tone: 'grey', title: 'Priority P3: when there is time' },
}

export function PriorityBadge({ priority }: { priority: Priority }) {
  const { label, tone, title } = PRIORITIES[priority]
  return (
    <span className={classes(styles.badge, styles.priority, styles[tone])} title={title}>
      {label}
    </span>
  )
}
