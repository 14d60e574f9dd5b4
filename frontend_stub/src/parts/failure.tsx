import type { CombinedError } from 'urql'

import { told } from '../graph/failures'
import { Button } from './button'
import styles from './empty.module.css'
import { RefreshIcon, WarningIcon } from './icons'
import { classes } from './classes'

/** What went wrong, in words, and a way to try again. */
export function Failure({ error, retry }: { error: CombinedError | Error; retry?: (() => void) | undefined }) {
  const { title, text } = told(error)
  return (
    <div className={styles.empty} role="alert">
      <span className={classes(styles.icon, styles.bad)}>
        <WarningIcon />
      </span>
      <h2>{title}</h2>
      <p>{text}</p>
      {retry && (
        <div className={styles.action}>
          <Button icon={<RefreshIcon />} onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  )
}
