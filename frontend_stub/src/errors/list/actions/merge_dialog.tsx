/** The dialog about merging errors: which one stays. */
import { useState } from 'react'
import { compact } from '../../../parts'
import type { Row } from '../documents'
import { shortened } from '../words'
import type { AskProps } from './ask'
import { Form, Radios } from './form'
import styles from './form.module.css'

/** Errors that can be merged at once: one that stays, and 50 others. */
export const MOST_MERGED = 51

export function MergeDialog({ onDo, ...props }: AskProps) {
  const { rows } = props
  const [primaryId, setPrimaryId] = useState(() => oldest(rows)?.id ?? '')
  const isTooMuch = rows.length > MOST_MERGED
  return (
    <Form
      {...props}
      title={`Merge ${String(rows.length)} errors`}
      verb="Merge"
      isNamed
      isReady={!isTooMuch}
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
        onChange={setPrimaryId}
        options={rows.map((row) => ({
          value: row.id,
          label: shortened(row.title, 140),
          hint: `${compact(row.totalCount)} times`,
        }))}
      />
    </Form>
  )
}

/** The one that was seen first: what people know it by. */
function oldest(rows: readonly Row[]): Row | undefined {
  return [...rows].sort((one, other) => Date.parse(one.firstSeenAt) - Date.parse(other.firstSeenAt))[0]
}
