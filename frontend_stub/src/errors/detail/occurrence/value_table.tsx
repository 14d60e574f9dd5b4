/** Names and values, one below the other. */
import styles from './occurrence.module.css'
import type { Row } from './values'

/** `isInline`: one after the other, where they are details of a line. */
export function ValueTable({ rows, isInline = false }: { rows: readonly Row[]; isInline?: boolean }) {
  if (rows.length === 0) return null
  return (
    <dl className={isInline ? styles.inline : styles.values}>
      {rows.map(({ name, text, code }, place) => (
        <div key={place}>
          {name && <dt>{name}</dt>}
          <dd>{code ? <pre>{text}</pre> : text}</dd>
        </div>
      ))}
    </dl>
  )
}
