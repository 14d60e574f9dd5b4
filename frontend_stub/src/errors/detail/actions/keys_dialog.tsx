/** The keys of the error page. */
import { Dialog, Kbd } from '../../../parts'
import styles from './actions.module.css'

const KEYS = [
  ['e', 'Resolve, or reopen what is resolved'],
  ['c', 'Claim'],
  ['m', 'Mute or unmute'],
  ['o', 'Reopen'],
  ['s', 'Silence'],
  ['g', 'Merge with another error'],
  ['j', 'Older occurrence'],
  ['k', 'Newer occurrence'],
  ['t', 'Turn the order of calls around'],
  ['u', 'Back to the list'],
  ['?', 'This list'],
] as const

export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <dl className={styles.keys}>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
