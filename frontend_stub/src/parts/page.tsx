import { useEffect, type ReactNode } from 'react'

import styles from './page.module.css'

export interface PageProps {
  title: ReactNode
  /** The browser's title, where `title` is no text. */
  name?: string
  /** Before the title: a way back. */
  back?: ReactNode
  /** Below the title. */
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** The frame of a page: its title, what can be done here, and the rest below. */
export function Page({ title, name, back, about, actions, children }: PageProps) {
  const shown = name ?? (typeof title === 'string' ? title : null)
  useEffect(() => {
    document.title = shown ? `${shown} · Snaglist` : 'Snaglist'
  }, [shown])
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          {back && <div className={styles.back}>{back}</div>}
          <h1>{title}</h1>
          {about && <div className={styles.about}>{about}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A box with a title on a page. */
export function Panel({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.panel}>
      {(title || actions) && (
        <header className={styles.panelHeader}>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  )
}
