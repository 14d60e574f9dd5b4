/** The keys of the error page. */
import { Dialog, Kbd, LettersSwitch } from '../../../parts'
import styles from './actions.module.css'

const ACTING = [
  ['e', 'Resolve, or reopen what is resolved'],
  ['c', 'Claim'],
  ['m', 'Mute or unmute'],
  ['o', 'Reopen'],
  ['s', 'Silence'],
  ['g', 'Merge with another error'],
] as const
const SEEING = [
  ['j', 'Older occurrence'],
  ['k', 'Newer occurrence'],
  ['t', 'Turn the order of calls around'],
  ['u', 'Back to the list'],
  ['?', 'This list'],
] as const

interface Props {
  open: boolean
  mayAct: boolean
  onClose: () => void
}

export function KeysDialog({ open, mayAct, onClose }: Props) {
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <dl className={styles.keys}>
        {[...(mayAct ? ACTING : []), ...SEEING].map(([key, does]) => (
          <div key={key}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <LettersSwitch />
    </Dialog>
  )
}
