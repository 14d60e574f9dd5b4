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
const IN_THE_CHART = [
  ['+', 'In the chart: zoom in'],
  ['−', 'In the chart: zoom out'],
  ['0', 'In the chart: all of it'],
  ['←', 'In the chart: earlier'],
  ['→', 'In the chart: later'],
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
        {[...(mayAct ? ACTING : []), ...SEEING, ...IN_THE_CHART].map(([key, does]) => (
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
