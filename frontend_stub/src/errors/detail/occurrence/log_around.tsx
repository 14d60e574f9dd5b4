/** The lines of the log around an occurrence, the error itself between them. */
import { CopyButton } from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { logLine } from './log_line'
import styles from './log.module.css'
import { Wide } from '../wide'
import { Section } from './section'

export function LogAround({ occurrence }: { occurrence: OccurrenceShownFragment }) {
  const { contextBefore, contextAfter, message } = occurrence
  if (contextBefore.length + contextAfter.length === 0) return null
  const type = occurrence.exceptions[occurrence.exceptions.length - 1]?.type
  const here = type ? `${type}: ${message}` : message
  const text = [...contextBefore, here, ...contextAfter].join('\n')
  return (
    <Section title="Log around it" actions={<CopyButton text={text} label="Copy" />}>
      <Wide label="Lines of the log" className={styles.log}>
        {contextBefore.map((line, place) => (
          <Line key={`before ${place}`} line={line} />
        ))}
        <p className={styles.here}>{here}</p>
        {contextAfter.map((line, place) => (
          <Line key={`after ${place}`} line={line} />
        ))}
      </Wide>
    </Section>
  )
}

function Line({ line }: { line: string }) {
  const parts = logLine(line)
  if (!parts) return <p className={styles.raw}>{line || ' '}</p>
  return (
    <p title={line}>
      <time>{parts.time}</time>
      <span className={styles.level} data-level={parts.level}>
        {parts.level}
      </span>
      <span className={styles.logger}>{parts.logger}</span>
      <span>{parts.text}</span>
    </p>
  )
}
