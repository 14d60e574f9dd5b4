/** The values of one field, to choose from or to type. Each choice counts at once. */
import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../../parts'
import type { Filters } from '../address'
import type { Choices, Field, Option } from '../fields'
import type { Refine } from '../use_filters'
import styles from './popover.module.css'

const SEARCHED_FROM = 9

export interface EditorProps {
  field: Field
  filters: Filters
  choices: Choices | undefined
  refine: Refine
  onDone: () => void
}

export function FieldEditor(props: EditorProps) {
  return props.field.input === 'text' ? <Typed {...props} /> : <Chosen {...props} />
}

function Chosen({ field, filters, choices, refine, onDone }: EditorProps) {
  const [search, setSearch] = useState('')
  // The address follows a moment later than a box that is ticked.
  const [values, setValues] = useState(() => field.values(filters))
  const all = field.options(choices)
  const wanted = search.trim().toLowerCase()
  const shown = all.filter(({ label, hint }) => `${label} ${hint ?? ''}`.toLowerCase().includes(wanted))
  const choose = (value: string) => {
    const others = field.input === 'many' ? values.filter((each) => each !== value) : []
    const next = field.input === 'many' && values.includes(value) ? others : [...others, value]
    setValues(next)
    refine(field.change(next), { replace: true })
    if (field.input === 'one') onDone()
  }
  return (
    <fieldset className={styles.values}>
      <legend>{field.label}</legend>
      {all.length >= SEARCHED_FROM && (
        <input
          className={styles.search}
          type="search"
          aria-label={`Search ${field.label.toLowerCase()}`}
          placeholder="Search"
          // The panel was opened to choose here.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          value={search}
          onChange={(event) => {
            setSearch(event.target.value)
          }}
        />
      )}
      <div className={styles.options}>
        {shown.map((option, place) => (
          <Choice
            key={option.value}
            option={option}
            isMany={field.input === 'many'}
            isChosen={values.includes(option.value)}
            isFirst={place === 0 && all.length < SEARCHED_FROM}
            onChoose={choose}
          />
        ))}
        {shown.length === 0 && <p className={styles.none}>{choices ? 'There is none.' : 'Loading…'}</p>}
      </div>
    </fieldset>
  )
}

interface ChoiceProps {
  option: Option
  isMany: boolean
  isChosen: boolean
  isFirst: boolean
  onChoose: (value: string) => void
}

function Choice({ option, isMany, isChosen, isFirst, onChoose }: ChoiceProps) {
  return (
    <label className={styles.option}>
      <input
        type="checkbox"
        data-shape={isMany ? 'many' : 'one'}
        checked={isChosen}
        // The panel was opened to choose here.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus={isFirst}
        onChange={() => {
          onChoose(option.value)
        }}
      />
      <span className={styles.label}>{option.label}</span>
      {option.hint && <span className={styles.hint}>{option.hint}</span>}
    </label>
  )
}

function Typed({ field, filters, choices, refine, onDone }: EditorProps) {
  const id = useId()
  const [text, setText] = useState(field.values(filters)[0] ?? '')
  const take = (value: string) => {
    refine(field.change(value ? [value] : []), { replace: true })
    onDone()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    take(text.trim())
  }
  return (
    <form className={styles.values} onSubmit={submit}>
      <label htmlFor={id} className={styles.legend}>
        {field.label}
      </label>
      <div className={styles.typed}>
        <input
          id={id}
          className={styles.search}
          // The panel was opened to type here.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          maxLength={200}
          placeholder={field.placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
          }}
        />
        <Button kind="primary" size="s" type="submit">
          Apply
        </Button>
      </div>
      <div className={styles.options}>
        {field.options(choices).map((option) => (
          <button
            key={option.value}
            type="button"
            className={styles.option}
            onClick={() => {
              take(option.value)
            }}
          >
            {option.label}
          </button>
        ))}
      </div>
    </form>
  )
}
