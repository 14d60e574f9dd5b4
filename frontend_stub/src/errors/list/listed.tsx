/** The rows, kept as they are now, with the keyboard, the selection, and what is done to it. */
import { useCallback, useMemo, useState } from 'react'
import { ArrivalsBar } from './arrivals_bar'
import { Asking } from './actions/asking'
import type { Question } from './actions/ask'
import { BulkBar } from './actions/bulk_bar'
import type { Filters } from './address'
import type { Asked } from './asked'
import { belongs as belongsTo } from './conditions'
import type { Row } from './documents'
import type { Choices } from './fields'
import styles from './page.module.css'
import { arrivals } from './rows'
import { scroller } from '../../parts/scroller'
import { Shown } from './shown'
import { useActions } from './use_actions'
import type { Refine } from './use_filters'
import { useList } from './use_list'
import { useListKeys } from './use_list_keys'
import { useLiveList } from './use_live_list'
import { useNarrow } from './use_narrow'
import type { Numbers } from './use_numbers'
import { useSelection } from './use_selection'

export interface ListedProps {
  /** What is asked, as the address says it. */
  address: string
  asked: Asked
  renew: () => void
  filters: Filters
  choices: Choices | undefined
  numbers: Numbers
  canChange: boolean
  refine: Refine
  onSearch: () => void
  onHelp: () => void
}

export function Listed(props: ListedProps) {
  const { address, asked, renew, filters, choices, numbers, canChange } = props
  const list = useList(address, asked, renew)
  const ids = useMemo(() => list.rows.rows.map((row) => row.id), [list.rows.rows])
  const chosen = useSelection(address, ids)
  const belongs = useCallback((row: Row) => belongsTo(filters, row), [filters])
  const { refresh } = numbers
  const actions = useActions({ list, belongs, onDone: refresh })
  const [question, setQuestion] = useState<{ about: Question; ids: readonly string[] } | null>(null)
  // A question is about the rows that it was asked for, whatever is selected meanwhile, as long as they are there.
  const askedFor = question === null ? [] : list.rows.rows.filter((row) => question.ids.includes(row.id))
  if (question !== null && askedFor.length === 0) setQuestion(null)
  const isNarrow = useNarrow()
  useLiveList({
    list,
    filter: asked.filter,
    filters,
    belongs,
    onNumbers: () => {
      refresh(true)
    },
  })

  const showNew = () => {
    list.reload()
    refresh()
    scroller().scrollTop = 0
  }
  const ask = (about: Question) => {
    if (!canChange || chosen.ids.length === 0) return
    actions.forget()
    setQuestion({ about, ids: chosen.ids })
  }
  useListKeys({ ...props, chosen, actions, onAsk: ask, onNew: showNew })

  const isSelecting = canChange && chosen.count > 0
  return (
    <>
      <ArrivalsBar text={list.isLate ? null : arrivals(list.rows)} onShow={showNew} />
      <div className={styles.rows} data-selecting={isSelecting || undefined}>
        <Shown {...props} list={list} chosen={chosen} pending={actions.pending} isNarrow={isNarrow} />
      </div>
      {isSelecting && (
        <BulkBar
          count={chosen.count}
          isBusy={actions.pending.size > 0}
          isNarrow={isNarrow}
          onDo={(change) => void actions.run(change, chosen.ids)}
          onAsk={ask}
          onClear={chosen.clear}
        />
      )}
      {question !== null && askedFor.length > 0 && (
        <Asking
          question={question.about}
          rows={askedFor}
          choices={choices}
          isBusy={actions.pending.size > 0}
          problem={actions.problem}
          onDo={(change) =>
            void actions.run(change, askedFor.map(({ id }) => id), true).then((isDone) => {
              if (isDone) setQuestion(null)
            })
          }
          onClose={() => {
            setQuestion(null)
          }}
        />
      )}
    </>
  )
}
