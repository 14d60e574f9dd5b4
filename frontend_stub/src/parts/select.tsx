import { useId, type SelectHTMLAttributes } from 'react'

import { classes } from './classes'
import { Field, type Framed } from './field'
import styles from './field.module.css'

export interface SelectOption<Value extends string = string> {
  value: Value
  label: string
}

export interface SelectProps<Value extends string>
  extends Framed, Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value' | 'className' | 'size'> {
  value: Value
  onChange: (value: Value) => void
  options: readonly SelectOption<Value>[]
  size?: 's' | 'm'
}

/** One of several: the browser's own, which works on every phone. */
export function Select<Value extends string>({
  label,
  hideLabel,
  hint,
  error,
  className,
  value,
  onChange,
  options,
  size = 'm',
  ...more
}: SelectProps<Value>) {
  const id = useId()
  return (
    <Field {...{ id, label, hideLabel, hint, error, className }}>
      <select
        id={id}
        value={value}
        className={classes(styles.input, styles.select, size === 's' && styles.small)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-more` : undefined}
        onChange={(event) => onChange(event.target.value as Value)}
        {...more}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  )
}
