/** A box of the narrow part. */
import type { ReactNode } from 'react'
import styles from './side.module.css'

export function Card({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      <h2>
        {title}
        {more && <span>{more}</span>}
      </h2>
      {children}
    </section>
  )
}
