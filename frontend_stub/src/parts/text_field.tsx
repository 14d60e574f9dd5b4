import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react'

import { classes } from './classes'
import { Field, type Framed } from './field'
import styles from './field.module.css'

export interface TextFieldProps
  extends Framed, Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'className'> {
  value: string
  onChange: (value: string) => void
  /** More than one line, with so many to begin with. */
  rows?: number
  icon?: ReactNode
  mono?: boolean
  ref?: Ref<HTMLInputElement & HTMLTextAreaElement>
}

/** A line, or with `rows` some lines, of text. */
export function TextField({
  label,
  hideLabel,
  hint,
  error,
  className,
  value,
  onChange,
  rows,
  icon,
  mono,
  ref,
  ...more
}: TextFieldProps) {
  const id = useId()
  const shared = {
    id,
    ref,
    value,
    className: classes(styles.input, icon != null && styles.withIcon, mono && styles.mono),
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error || hint ? `${id}-more` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    ...more,
  }
  return (
    <Field {...{ id, label, hideLabel, hint, error, className }}>
      <span className={styles.box}>
        {icon && <span className={styles.icon}>{icon}</span>}
        {rows ? <textarea {...(shared as object)} rows={rows} /> : <input type="text" {...shared} />}
      </span>
    </Field>
  )
}
