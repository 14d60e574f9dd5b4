/** The button that adds a filter: first its field is chosen, then its values. */
import { useState } from 'react'
import { Button, FilterIcon } from '../../../parts'
import { type Field, FIELDS } from '../fields'
import { type EditorProps, FieldEditor } from './field_editor'
import { Popover } from './popover'
import styles from './popover.module.css'

type Props = Pick<EditorProps, 'filters' | 'choices' | 'refine'>

export function FilterMenu({ filters, choices, refine }: Props) {
  const [isOpen, setOpen] = useState(false)
  const [field, setField] = useState<Field | null>(null)
  const close = () => {
    setOpen(false)
  }
  return (
    <div className={styles.anchor}>
      <Button
        kind="plain"
        size="s"
        icon={<FilterIcon />}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => {
          setField(null)
          setOpen(!isOpen)
        }}
      >
        Filter
      </Button>
      {isOpen && (
        <Popover label="Filter" onClose={close}>
          {field ? (
            <FieldEditor field={field} filters={filters} choices={choices} refine={refine} onDone={close} />
          ) : (
            <Fields filters={filters} onChoose={setField} />
          )}
        </Popover>
      )}
    </div>
  )
}

function Fields({ filters, onChoose }: Pick<Props, 'filters'> & { onChoose: (field: Field) => void }) {
  return (
    <div className={styles.values}>
      <p className={styles.legend}>Show errors by</p>
      <div className={styles.options}>
        {FIELDS.map((field, place) => (
          <button
            key={field.key}
            type="button"
            className={styles.option}
            // The panel was opened to choose here.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus={place === 0}
            onClick={() => {
              onChoose(field)
            }}
          >
            <span className={styles.label}>{field.label}</span>
            {field.values(filters).length > 0 && <span className={styles.hint}>in use</span>}
          </button>
        ))}
      </div>
    </div>
  )
}
