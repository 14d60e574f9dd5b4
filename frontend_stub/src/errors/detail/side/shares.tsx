/** Shares of a whole, each with a thin bar. */
import type { ReactNode } from 'react'
import { Count } from '../../../parts'
import styles from './side.module.css'

interface Share {
  key: string
  label: ReactNode
  note?: ReactNode
  count: number
}

export function Shares({ shares, whole }: { shares: readonly Share[]; whole: number }) {
  return (
    <ul className={styles.shares}>
      {shares.map(({ key, label, note, count }) => {
        const share = whole > 0 ? Math.min(1, count / whole) : 0
        return (
          <li key={key}>
            <span className={styles.label}>{label}</span>
            <span className={styles.count}>
              <Count value={count} />
              <small>{Math.round(share * 100)}%</small>
            </span>
            <span className={styles.track} aria-hidden="true">
              <span style={{ width: `${Math.max(1.5, share * 100)}%` }} />
            </span>
            {note && <small className={styles.note}>{note}</small>}
          </li>
        )
      })}
    </ul>
  )
}
