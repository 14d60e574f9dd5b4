/** The list as a table. Its heads are buttons where it can be ordered by them. */
import type { ReactNode } from 'react'
import type { ErrorOrderField } from '../../../graph/generated/graphql'
import type { Sort } from '../address'
import type { Row as ErrorRow } from '../documents'
import type { Rows } from '../rows'
import type { Selection } from '../selection'
import { Row } from './row'
import styles from './table.module.css'

export interface ListProps {
  rows: Rows<ErrorRow>
  selection: Selection
  pending: ReadonlySet<string>
  isLate: boolean
  canChoose: boolean
  /** There are several projects. */
  isProjectNamed: boolean
  sort: Sort
  onSort: (sort: Sort) => void
  onChoose: (id: string, isRange: boolean) => void
  onChooseAll: () => void
  onReach: (id: string) => void
}

export function Table(props: ListProps) {
  const { rows, selection, pending, isLate, canChoose, isProjectNamed, onChoose, onReach } = props
  return (
    <table className={styles.table} data-late={isLate || undefined} aria-busy={isLate}>
      <caption className={styles.caption}>Errors</caption>
      <Head {...props} />
      <tbody>
        {rows.rows.map((row) => (
          <Row
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
      </tbody>
    </table>
  )
}

function Head({ rows, selection, canChoose, sort, onSort, onChooseAll }: ListProps) {
  return (
    <thead>
      <tr>
        {canChoose && (
          <th scope="col" className={styles.box}>
            <ChooseAll rows={rows} selection={selection} onChooseAll={onChooseAll} />
          </th>
        )}
        <Sorted field="PRIORITY" sort={sort} onSort={onSort} className={styles.priority}>
          Priority
        </Sorted>
        <th scope="col" className={styles.error}>
          Error
        </th>
        <th scope="col" className={styles.status}>
          Status
        </th>
        <th scope="col" className={styles.trend}>
          7 days
        </th>
        <Sorted field="TOTAL_COUNT" sort={sort} onSort={onSort} className={styles.number}>
          Count
        </Sorted>
        <th scope="col" className={styles.users}>
          Users
        </th>
        <Sorted field="LAST_SEEN" sort={sort} onSort={onSort} className={styles.seen}>
          Last seen
        </Sorted>
        <th scope="col" className={styles.where}>
          Seen on
        </th>
        <th scope="col" className={styles.assignee}>
          Assignee
        </th>
      </tr>
    </thead>
  )
}

function ChooseAll({ rows, selection, onChooseAll }: Pick<ListProps, 'rows' | 'selection' | 'onChooseAll'>) {
  const count = rows.rows.filter((row) => selection.chosen.has(row.id)).length
  return (
    <label className={styles.choose}>
      <input
        type="checkbox"
        aria-label="Select all errors that are shown"
        checked={count > 0 && count === rows.rows.length}
        ref={(box) => {
          if (box) box.indeterminate = count > 0 && count < rows.rows.length
        }}
        onChange={onChooseAll}
      />
    </label>
  )
}

interface SortedProps {
  field: ErrorOrderField
  sort: Sort
  onSort: (sort: Sort) => void
  className: string | undefined
  children: ReactNode
}

function Sorted({ field, sort, onSort, className, children }: SortedProps) {
  const isSorted = sort.field === field
  const isUp = isSorted && sort.direction === 'ASC'
  return (
    <th scope="col" className={className} aria-sort={isSorted ? (isUp ? 'ascending' : 'descending') : undefined}>
      <button
        type="button"
        className={styles.sort}
        onClick={() => {
          onSort({ field, direction: isSorted && !isUp ? 'ASC' : 'DESC' })
        }}
      >
        {children}
        <span aria-hidden="true" className={styles.arrow}>
          {isSorted ? (isUp ? '↑' : '↓') : ''}
        </span>
      </button>
    </th>
  )
}
