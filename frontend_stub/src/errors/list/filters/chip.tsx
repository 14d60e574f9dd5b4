/** A condition that is in force: a click on it changes it, the cross takes it away. */
import { useState } from 'react'
import { CloseIcon } from '../../../parts'
import { type Chip as ChipText, withoutField } from '../fields'
import styles from './chip.module.css'
import { type EditorProps, FieldEditor } from './field_editor'
import { Popover } from './popover'

type Props = Pick<EditorProps, 'filters' | 'choices' | 'refine'> & { chip: ChipText }

export function Chip({ chip, filters, choices, refine }: Props) {
  const [isOpen, setOpen] = useState(false)
  const close = () => {
    setOpen(false)
  }
  return (
    <div className={styles.chip}>
      <button
        type="button"
        className={styles.text}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen)
        }}
      >
        <span className={styles.label}>{chip.label}</span>
        <span className={styles.value}>{chip.text}</span>
      </button>
      <button
        type="button"
        className={styles.remove}
        aria-label={`Remove filter ${chip.label}: ${chip.text}`}
        onClick={() => {
          refine(withoutField(chip.field))
        }}
      >
        <CloseIcon size={12} />
      </button>
      {isOpen && (
        <Popover label={chip.label} onClose={close}>
          <FieldEditor field={chip.field} filters={filters} choices={choices} refine={refine} onDone={close} />
        </Popover>
      )}
    </div>
  )
}
