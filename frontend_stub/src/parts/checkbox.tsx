import type { ReactNode } from 'react'

import styles from './field.module.css'

export interface CheckboxProps {
  label: ReactNode
  hideLabel?: boolean
  checked: boolean
  /** Some of what it stands for are checked. */
  some?: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
  tabIndex?: number
}

export function Checkbox({ label, hideLabel, checked, some, disabled, onChange, tabIndex }: CheckboxProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        tabIndex={tabIndex}
        ref={(box) => {
          if (box) box.indeterminate = Boolean(some) && !checked
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={hideLabel ? 'aside-for-ears' : undefined}>{label}</span>
    </label>
  )
}
