import type { Severity } from '../graph/generated/graphql'
import type { Tone } from './badge'
import styles from './badge.module.css'
import { classes } from './classes'

/** What each severity is called, and its tone. */
export const SEVERITIES: Record<Severity, { label: string; tone: Tone; title: string }> = {
  CRITICAL: { label: 'Critical', tone: 'red', title: 'Severity: critical' },
  HIGH: { label: 'High', tone: 'orange', title: 'Severity: high' },
  MEDIUM: { label: 'Medium', tone: 'yellow', title: 'Severity: medium' },
}

/** Three bars and a word: how many are filled says how bad it is, without a colour too. */
export function SeverityBadge({ severity }: { severity: Severity }) {
  const { label, tone, title } = SEVERITIES[severity]
  const filled = { CRITICAL: 3, HIGH: 2, MEDIUM: 1 }[severity]
  return (
    <span className={classes(styles.severity, styles[tone])} title={title}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 4.5}
            y={8 - bar * 3.5}
            width="3"
            height={4 + bar * 3.5}
            rx="1"
            className={bar < filled ? styles.filled : styles.hollow}
          />
        ))}
      </svg>
      {label}
    </span>
  )
}
