/** Which keys do what. */
import { Dialog, Kbd, LettersSwitch } from '../../../parts'
import styles from './help_dialog.module.css'

const KEYS: readonly { title: string; acts?: boolean; keys: readonly (readonly [readonly string[], string])[] }[] = [
  {
    title: 'Move',
    keys: [
      [['j', '↓'], 'Next error'],
      [['k', '↑'], 'Previous error'],
      [['Enter'], 'Open the error'],
      [['/'], 'Search'],
      [['n'], 'Show what is new'],
      [['?'], 'Show this'],
    ],
  },
  {
    title: 'Select',
    acts: true,
    keys: [
      [['x'], 'Select or unselect'],
      [['Shift', 'x'], 'Select a range, as Shift with a click does'],
      [['*'], 'Select all that are shown'],
      [['Esc'], 'Select none'],
    ],
  },
  {
    title: 'Do, to what is selected or where you are',
    acts: true,
    keys: [
      [['e'], 'Resolve'],
      [['m'], 'Mute'],
      [['u'], 'Unmute'],
      [['c'], 'Claim'],
      [['a'], 'Assign'],
    ],
  },
]

export function HelpDialog({ mayAct, onClose }: { mayAct: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keyboard" open onClose={onClose}>
      <div className={styles.groups}>
        {KEYS.filter(({ acts }) => mayAct || !acts).map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([names, text]) => (
                <div key={text}>
                  <dt>
                    {names.map((name) => (
                      <Kbd key={name}>{name}</Kbd>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <LettersSwitch />
    </Dialog>
  )
}
