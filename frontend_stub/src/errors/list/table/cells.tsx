/** What a row and a card have in common: the headline, what stands below it, and where the error is seen. */
import { Link } from 'react-router'
import { MuteIcon } from '../../../parts'
import type { Row } from '../documents'
import { headline } from '../words'
import { muteText } from '../mute_text'
import styles from './cells.module.css'
import type { RowProps } from './choose_box'
import { linkId } from './link_id'

interface HeadlineProps {
  row: Row
  onReach: (id: string) => void
}

export function Headline({ row, onReach }: HeadlineProps) {
  const { type, text } = headline(row)
  return (
    <Link
      id={linkId(row.id)}
      to={`/errors/${encodeURIComponent(row.id)}`}
      className={styles.headline}
      title={row.title}
      onFocus={() => {
        onReach(row.id)
      }}
    >
      {type && <span className={styles.type}>{type}</span>}
      <span className={styles.text}>{text}</span>
    </Link>
  )
}

/** Its module, project and app, and what is special about it. */
export function Marks({ row, isProjectNamed, isStale }: Pick<RowProps, 'row' | 'isProjectNamed' | 'isStale'>) {
  const rest = secondLine(row)
  return (
    <div className={styles.marks}>
      {isStale && <span className={styles.mark}>Not in this view any more</span>}
      {row.muted && (
        <span className={styles.mark} title={muteText(row)}>
          <MuteIcon /> Muted
        </span>
      )}
      {row.isDev && <span className={styles.mark}>Developer’s build</span>}
      {row.module && <span className={styles.module}>{row.module}</span>}
      {isProjectNamed && <span className={styles.place}>{row.project.name}</span>}
      {rest && <span className={styles.rest}>{rest}</span>}
    </div>
  )
}

/** The apps's name or, of an error of logs, its instances: the first one and how many more. */
export function Where({ row }: { row: Row }) {
  if (row.app && row.affectedInstanceCount === 0) return <span className={styles.name}>{row.app.name}</span>
  const [first] = row.affectedInstances
  if (!first) return <span className={styles.nowhere}>—</span>
  const others = row.affectedInstanceCount - 1
  const names = row.affectedInstances.map((each) => each.name).join(', ')
  return (
    <span className={styles.where} title={names}>
      <span className={styles.name}>{first.name}</span>
      {others > 0 && <span className={styles.more}>+{others}</span>}
    </span>
  )
}

/** A title is cut: a line that it begins is not said twice. */
const BEGINNING = 40

/** What the message says after the line that is the title. */
function secondLine({ title, message }: Row): string {
  const lines = message.split('\n').map((line) => line.trim())
  return lines.find((line) => line !== '' && !title.includes(line.slice(0, BEGINNING))) ?? ''
}
