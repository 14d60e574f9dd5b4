/** What stands where the error page will be, while it is loaded. */
import { Skeleton } from '../../parts'
import styles from './page.module.css'

export function PageSkeleton() {
  return (
    <div className={styles.page} aria-busy="true" aria-label="Loading the error">
      <div className={styles.head}>
        <Skeleton lines={3} />
      </div>
      <div className={styles.main}>
        <div className={styles.card}>
          <Skeleton lines={5} />
        </div>
        <div className={styles.card}>
          <Skeleton lines={12} />
        </div>
      </div>
      <div className={styles.side}>
        <div className={styles.card}>
          <Skeleton lines={8} />
        </div>
      </div>
    </div>
  )
}
