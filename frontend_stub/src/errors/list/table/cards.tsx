/** The list as cards, for a phone. */
import { Count, countedExactly, PriorityBadge, SeverityBadge, Sparkline, StatusBadge, TimeAgo } from '../../../parts'
import styles from './cards.module.css'
import { Headline, Marks, Where } from './cells'
import { ChooseBox, type RowProps } from './choose_box'
import type { ListProps } from './table'

export function Cards({ rows, selection, pending, isLate, canChoose, isProjectNamed, onChoose, onReach }: ListProps) {
  return (
    <ul className={styles.cards} aria-label="Errors" aria-busy={isLate} data-late={isLate || undefined}>
      {rows.rows.map((row) => (
        <Card
          key={row.id}
          row={row}
          isChosen={selection.chosen.has(row.id)}
          isAt={selection.at === row.id}
          isStale={rows.stale.has(row.id)}
          isPending={pending.has(row.id)}
          canChoose={canChoose}
          isProjectNamed={isProjectNamed}
          onChoose={onChoose}
          onReach={onReach}
        />
      ))}
    </ul>
  )
}

function Card({ row, isChosen, isStale, isPending, canChoose, isProjectNamed, onChoose, onReach }: RowProps) {
  return (
    <li
      className={styles.card}
      data-chosen={isChosen || undefined}
      data-stale={isStale || undefined}
      data-pending={isPending || undefined}
    >
      <div className={styles.badges}>
        {canChoose && <ChooseBox row={row} isChosen={isChosen} onChoose={onChoose} />}
        <PriorityBadge priority={row.priority} />
        <StatusBadge status={row.status} />
        <SeverityBadge severity={row.severity} />
        <span className={styles.seen}>
          <TimeAgo at={row.lastSeenAt} />
        </span>
      </div>
      <Headline row={row} onReach={onReach} />
      <Marks row={row} isProjectNamed={isProjectNamed} isStale={isStale} />
      <div className={styles.numbers}>
        <Sparkline
          values={row.sparkline}
          width={96}
          height={24}
          label={`${countedExactly(row.sparkline.reduce((sum, each) => sum + each, 0), 'time')} in 7 days`}
        />
        <span>
          <Count value={row.totalCount} /> {row.totalCount === 1 ? 'time' : 'times'}
        </span>
        {row.userCount > 0 && (
          <span>
            <Count value={row.userCount} /> {row.userCount === 1 ? 'user' : 'users'}
          </span>
        )}
        <span className={styles.where}>
          <Where row={row} />
        </span>
        {row.assignee && <span className={styles.assignee}>{row.assignee.name}</span>}
      </div>
    </li>
  )
}
