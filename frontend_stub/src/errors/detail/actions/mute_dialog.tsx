/** For how long to mute. */
import { Button, Dialog, useNow } from '../../../parts'
import { type MuteChoice, muteChoices } from './steps'
import styles from './actions.module.css'

interface Props {
  open: boolean
  onClose: () => void
  onMute: (input: MuteChoice['input']) => void
}

export function MuteDialog({ open, onClose, onMute }: Props) {
  const now = useNow()
  return (
    <Dialog title="Mute this error" open={open} onClose={onClose}>
      <p className={styles.hint}>
        It leaves the lists and sends no notifications until the mute ends. It is counted as before.
      </p>
      <div className={styles.choices}>
        {open &&
          muteChoices(now).map(({ label, input }) => (
            <Button
              key={label}
              onClick={() => {
                onClose()
                onMute(input)
              }}
            >
              {label}
            </Button>
          ))}
      </div>
    </Dialog>
  )
}
