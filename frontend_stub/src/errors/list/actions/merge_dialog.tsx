/** The dialog about merging errors: which one stays. */
import { useState } from 'react'
import { counted } from '../../../parts'
import type { Row } from '../documents'
import { errors, shortened } from '../words'
import type { AskProps } from './ask'
import { Form, Radios } from './form'
import styles from './form.module.css'

/** Errors that can be merged at once: one that stays, and 50 others. */
const MOST_MERGED = 51

export function MergeDialog({ onDo, ...props }: AskProps) {
  const { rows } = props
  const [chosenId, setChosenId] = useState<string | null>(null)
  // The one that was chosen may be gone by now.
  const primaryId = (rows.find(({ id }) => id === chosenId) ?? oldest(rows))?.id ?? ''
  const isTooMuch = rows.length > MOST_MERGED
  return (
    <Form
      {...props}
      title={`Merge ${errors(rows.length)}`}
      verb="Merge"
      isNamed
      isReady={!isTooMuch && rows.length > 1}
      onSubmit={() => {
        onDo({ kind: 'merge', primaryId })
      }}
    >
      <p className={styles.text}>
        {isTooMuch
          ? `At most ${String(MOST_MERGED)} errors can be merged at once.`
          : 'The one that stays keeps its texts, assignee and mute, and gets all that was counted of the others. It can be undone on its page.'}
      </p>
      <Radios
        legend="The one that stays"
        value={primaryId}
        onChange={setChosenId}
        options={rows.map((row) => ({
          value: row.id,
          label: shortened(row.title, 140),
          hint: counted(row.totalCount, 'time'),
        }))}
      />
    </Form>
  )
}

/** The one that was seen first: what people know it by. */
function oldest(rows: readonly Row[]): Row | undefined {
  return [...rows].sort((one, other) => Date.parse(one.firstSeenAt) - Date.parse(other.firstSeenAt))[0]
}
