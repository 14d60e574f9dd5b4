/** A part of an occurrence, with its title. */
import type { ReactNode } from 'react'
import styles from './occurrence.module.css'

interface Props {
  title: string
  actions?: ReactNode
  children: ReactNode
}

export function Section({ title, actions, children }: Props) {
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.bar}>
        <h3>{title}</h3>
        {actions}
      </div>
      {children}
    </section>
  )
}
