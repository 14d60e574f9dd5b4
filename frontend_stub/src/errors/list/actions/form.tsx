/** The frame of a dialog that does something to errors: what it is about, the fields, what went wrong, and its buttons. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { Button, Dialog } from '../../../parts'
import type { Row } from '../documents'
import { errors } from '../words'
import type { AskProps } from './ask'
import styles from './form.module.css'

interface Props extends Pick<AskProps, 'rows' | 'isBusy' | 'problem' | 'onClose'> {
  title: string
  /** What the button says that does it. */
  verb: string
  isDanger?: boolean
  isReady?: boolean
  /** The rows are named by the fields themselves. */
  isNamed?: boolean
  onSubmit: () => void
  children?: ReactNode
}

export function Form({
  title,
  verb,
  isDanger,
  isReady = true,
  isNamed,
  rows,
  isBusy,
  problem,
  onSubmit,
  onClose,
  children,
}: Props) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => {
    // The dialog, which opens after this, gives the focus to what has this attribute.
    form.current?.querySelector('input:checked, select')?.setAttribute('autofocus', '')
  }, [])
  const footer = (
    <>
      <Button kind="quiet" onClick={onClose}>
        Cancel
      </Button>
      <Button kind={isDanger ? 'danger' : 'primary'} type="submit" form={id} busy={isBusy} disabled={!isReady}>
        {verb}
      </Button>
    </>
  )
  return (
    <Dialog title={title} open onClose={onClose} footer={footer}>
      <form
        ref={form}
        id={id}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        {!isNamed && <About rows={rows} />}
        {children}
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  )
}

const NAMED = 3

function About({ rows }: { rows: readonly Row[] }) {
  const more = rows.length - NAMED
  return (
    <ul className={styles.about}>
      {rows.slice(0, NAMED).map((row) => (
        <li key={row.id}>{row.title}</li>
      ))}
      {more > 0 && <li className={styles.more}>and {errors(more)} more</li>}
    </ul>
  )
}

interface RadioProps<T extends string> {
  legend: string
  value: T
  options: readonly { value: T; label: string; hint?: string; extra?: ReactNode }[]
  onChange: (value: T) => void
}

/** One of some ways; `extra` is shown below the one that is chosen. */
export function Radios<T extends string>({ legend, value, options, onChange }: RadioProps<T>) {
  const name = useId()
  return (
    <fieldset className={styles.radios}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <div key={option.value}>
          <label className={styles.radio}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => {
                onChange(option.value)
              }}
            />
            <span>{option.label}</span>
            {option.hint && <span className={styles.hint}>{option.hint}</span>}
          </label>
          {option.value === value && option.extra && <div className={styles.extra}>{option.extra}</div>}
        </div>
      ))}
    </fieldset>
  )
}
