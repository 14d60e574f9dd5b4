/** The line of facts above a traceback: where it happened, in which version, and what was asked for; and the tags. */
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { circumstances } from './known'
import styles from './occurrence.module.css'

/** Characters from which on a text gets the place of two. */
const LONG = 26

export function Circumstances({ occurrence }: { occurrence: OccurrenceShownFragment }) {
  const known = circumstances(occurrence)
  const shown = new Set(['environment', 'release', 'level', 'logger', 'transaction', 'server_name'])
  const tags = occurrence.tags.filter(({ key }) => !shown.has(key))
  return (
    <>
      {known.length > 0 && (
        <dl className={styles.known}>
          {known.map(({ name, text, code }) => (
            <div key={name} data-wide={text.length > LONG}>
              <dt>{name}</dt>
              <dd title={text}>{code ? <code>{text}</code> : text}</dd>
            </div>
          ))}
        </dl>
      )}
      {tags.length > 0 && (
        <ul className={styles.tags} aria-label="Tags">
          {tags.map(({ key, value }) => (
            <li key={key}>
              <span>{key}</span>
              <span>{value}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
