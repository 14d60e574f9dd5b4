import type { ReactNode } from 'react'

import styles from './empty.module.css'

/** Nothing is here: what that means, and what to do next. */
export function Empty({
  title,
  hint,
  action,
  icon,
}: {
  title: string
  hint?: ReactNode
  action?: ReactNode
  icon?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      {icon && <span className={styles.icon}>{icon}</span>}
      <h2>{title}</h2>
      {hint && <p>{hint}</p>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  )
}
