/** An error as a row of the table: the whole row leads to its page, the box before it chooses it. */
import { Count, countedExactly, PriorityBadge, SeverityBadge, Sparkline, StatusBadge, TimeAgo } from '../../../parts'
import type { Row as ErrorRow } from '../documents'
import { Age } from './age'
import { Headline, Marks, Where } from './cells'
import { ChooseBox, type RowProps } from './choose_box'
import { Person } from './person'
import styles from './table.module.css'

export function Row({
  row,
  isChosen,
  isAt,
  isStale,
  isPending,
  canChoose,
  isProjectNamed,
  onChoose,
  onReach,
}: RowProps) {
  return (
    <tr
      className={styles.row}
      data-chosen={isChosen || undefined}
      data-at={isAt || undefined}
      data-stale={isStale || undefined}
      data-pending={isPending || undefined}
      aria-busy={isPending || undefined}
    >
      {canChoose && (
        <td className={styles.box}>
          <ChooseBox row={row} isChosen={isChosen} onChoose={onChoose} />
        </td>
      )}
      <td className={styles.priority}>
        <PriorityBadge priority={row.priority} />
      </td>
      <td className={styles.error}>
        <Headline row={row} onReach={onReach} />
        <Marks row={row} isProjectNamed={isProjectNamed} isStale={isStale} />
      </td>
      <td className={styles.status}>
        <StatusBadge status={row.status} />
        <SeverityBadge severity={row.severity} />
      </td>
      <Numbers row={row} />
      <td className={styles.where}>
        <Where row={row} />
      </td>
      <td className={styles.assignee}>
        {row.assignee ? <Person name={row.assignee.name} /> : <span className={styles.nobody}>—</span>}
      </td>
    </tr>
  )
}

function Numbers({ row }: { row: ErrorRow }) {
  return (
    <>
      <td className={styles.trend}>
        <Sparkline
          values={row.sparkline}
          width={88}
          height={28}
          label={`${countedExactly(row.sparkline.reduce((sum, each) => sum + each, 0), 'time')} in 7 days`}
        />
      </td>
      <td className={styles.number}>
        <Count value={row.totalCount} />
      </td>
      <td className={styles.users}>
        {row.userCount > 0 ? <Count value={row.userCount} /> : <span className={styles.nobody}>—</span>}
      </td>
      <td className={styles.seen}>
        <TimeAgo at={row.lastSeenAt} />
        <span className={styles.first}>
          <Age since={row.firstSeenAt} />
        </span>
      </td>
    </>
  )
}
