/** The numbers above the list. A click shows the errors that a number is of. */
import type { ReactNode } from 'react'
import { exact } from '../../parts'
import type { ErrorNumbersQuery } from '../../graph/generated/graphql'
import { type Filters, NOTHING_ASKED } from './address'
import styles from './stats.module.css'
import type { Refine } from './use_filters'

type Numbers = ErrorNumbersQuery['errorStats']

interface Props {
  numbers: Numbers | undefined
  filters: Filters
  refine: Refine
}

export function Stats({ numbers, filters, refine }: Props) {
  const { project, instance } = filters
  const show = (change: Partial<Filters>) => () => {
    refine({ ...NOTHING_ASKED, project, instance, ...change })
  }
  return (
    <ul className={styles.stats} aria-label="Numbers">
      <Number value={numbers?.totalActive} onClick={show({})}>
        Open
      </Number>
      <Number value={numbers?.critical} isBad onClick={show({ severity: ['CRITICAL'] })}>
        Critical
      </Number>
      <Number
        value={numbers?.newLast24h}
        onClick={show({ status: 'all', sort: { field: 'FIRST_SEEN', direction: 'DESC' } })}
      >
        New in 24 h
      </Number>
      <Number value={numbers?.githubIssuesThisWeek}>
        GitHub<span className={styles.wide}> issues</span> in 7 d
      </Number>
    </ul>
  )
}

interface NumberProps {
  value: number | undefined
  isBad?: boolean
  onClick?: () => void
  children: ReactNode
}

function Number({ value, isBad, onClick, children }: NumberProps) {
  const content = (
    <>
      <span className={styles.value} data-bad={(isBad && value) || undefined}>
        {value === undefined ? <span className={styles.unknown} /> : exact(value)}
      </span>
      <span className={styles.name}>{children}</span>
    </>
  )
  return (
    <li>
      {onClick ? (
        <button type="button" className={styles.stat} onClick={onClick}>
          {content}
        </button>
      ) : (
        <div className={styles.stat}>{content}</div>
      )}
    </li>
  )
}
