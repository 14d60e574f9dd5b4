/** One of a few numbers of days, as buttons in a row. */
import styles from './chart.module.css'

interface Props {
  label: string
  value: number
  options: readonly number[]
  onChange: (value: number) => void
}

export function Choice({ label, value, options, onChange }: Props) {
  return (
    <div className={styles.choice} role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {option} d
        </button>
      ))}
    </div>
  )
}
