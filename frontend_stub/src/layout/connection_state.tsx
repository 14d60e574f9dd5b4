import { useConnection, type Connection } from '../graph/socket'
import { classes } from '../parts/classes'
import styles from './connection_state.module.css'

const SAID: Record<Connection, { label: string; title: string }> = {
  live: { label: 'Live', title: 'Updates arrive by themselves' },
  connecting: { label: 'Connecting…', title: 'Live updates are about to begin' },
  lost: { label: 'Reconnecting…', title: 'The connection was lost; what happens meanwhile is told when it is back' },
  off: { label: 'Not live', title: 'Nothing on this page is updated by itself' },
}

/** Whether updates arrive by themselves. */
export function ConnectionState() {
  const connection = useConnection()
  const { label, title } = SAID[connection]
  return (
    <div className={styles.state} title={title} role="status">
      <span className={classes(styles.dot, styles[connection])} aria-hidden="true" />
      <span className={styles.label}>{label}</span>
    </div>
  )
}
