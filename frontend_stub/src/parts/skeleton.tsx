import styles from './skeleton.module.css'

const WIDTHS = ['86%', '64%', '78%', '52%', '70%']

/** Where text will be. */
export function Skeleton({ lines = 3, height }: { lines?: number; height?: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading" aria-busy="true">
      {Array.from({ length: lines }, (_, line) => (
        <span
          key={line}
          className={styles.line}
          style={{ width: height ? '100%' : WIDTHS[line % WIDTHS.length], height }}
        />
      ))}
    </div>
  )
}
