/** Where rows will be: their shape, while they are loaded for the first time. */
import styles from './page.module.css'

const ROWS = 10

export function Waiting() {
  return (
    <div className={styles.waiting} role="status" aria-label="Loading errors">
      {Array.from({ length: ROWS }, (_, place) => (
        <div key={place} className={styles.bone}>
          <span style={{ width: 28 }} />
          <div>
            <span style={{ width: `${String(38 + ((place * 17) % 40))}%` }} />
            <span style={{ width: `${String(18 + ((place * 11) % 22))}%` }} />
          </div>
          <span style={{ width: 70 }} />
          <span style={{ width: 110 }} />
        </div>
      ))}
    </div>
  )
}
