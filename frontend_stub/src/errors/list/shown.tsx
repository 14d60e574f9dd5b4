/** What stands where the rows are: rows as a table or as cards and what comes after them, or why there are none. */
import { told } from '../../graph/failures'
import { Button, Failure } from '../../parts'
import { Blank } from './blank'
import type { ListedProps } from './listed'
import styles from './page.module.css'
import { isEmptied } from './rows'
import { Cards } from './table/cards'
import { Table } from './table/table'
import type { List } from './use_list'
import type { Chosen } from './use_selection'
import { Waiting } from './waiting'
import { errors } from './words'

interface Props extends ListedProps {
  list: List
  chosen: Chosen
  pending: ReadonlySet<string>
  isNarrow: boolean
}

export function Shown(props: Props) {
  const { list, chosen, pending, isNarrow, filters, choices, canChange, refine } = props
  const { rows, isLate, failure } = list
  if (rows.phase === 'first' && failure) return <Failure error={failure} retry={list.reload} />
  if (rows.phase === 'first' || (isEmptied(rows) && !isLate && !failure)) return <Waiting />
  if (rows.rows.length === 0 && !isLate && !failure) return <Blank filters={filters} choices={choices} refine={refine} />
  const Rows = isNarrow ? Cards : Table
  return (
    <>
      {failure && (
        <div className={styles.failed} role="alert">
          {told(failure).text}
          <Button size="s" onClick={list.reload}>
            Try again
          </Button>
        </div>
      )}
      <Rows
        rows={rows}
        selection={chosen.selection}
        pending={pending}
        isLate={isLate}
        isProjectNamed={(choices?.projects.nodes.length ?? 0) > 1 && filters.project === null}
        canChoose={canChange}
        sort={filters.sort}
        onSort={(sort) => {
          refine({ sort })
        }}
        onChoose={chosen.choose}
        onChooseAll={chosen.chooseAll}
        onReach={chosen.reach}
      />
      <More list={list} total={props.numbers.data?.errors.totalCount} />
    </>
  )
}

function More({ list, total }: { list: List; total: number | undefined }) {
  const { rows, isLate } = list
  const shown = rows.rows.length
  if (!rows.hasMore) return <p className={styles.more}>{shown > 20 ? `All ${errors(shown)} are shown.` : null}</p>
  return (
    <div className={styles.more}>
      <Button busy={rows.phase === 'more'} disabled={isLate} onClick={list.more}>
        Load more
      </Button>
      {total !== undefined && total > shown && (
        <span>
          {shown.toLocaleString('en')} of {total.toLocaleString('en')}
        </span>
      )}
    </div>
  )
}
