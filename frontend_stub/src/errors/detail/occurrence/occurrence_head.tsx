/** Which occurrence is shown, and the way to the ones before and after it. */
import { useSearchParams } from 'react-router'
import {
  Badge,
  Button,
  ChevronLeftIcon,
  ChevronRightIcon,
  fullTime,
  IconButton,
  TimeAgo,
} from '../../../parts'
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'
import { useKeys } from '../../../parts/use_keys'
import type { ErrorPage } from '../use_error_page'
import { useFresh } from '../use_fresh'
import { NEIGHBOURS } from './documents'
import styles from './occurrence.module.css'

interface Props {
  page: ErrorPage
  occurrence: OccurrenceShownFragment
  /** Its place in the list; null where the address does not tell. */
  at: string | null
  isLatest: boolean
  /** Shows the latest one; null where that is only a matter of the address. */
  onLatest: (() => void) | null
}

export function OccurrenceHead({ page, occurrence, at, isLatest, onLatest }: Props) {
  const { newer, older, toLatest } = useNeighbours(page, at)
  useKeys({ j: () => older?.(), k: () => newer?.() })
  return (
    <header className={styles.head}>
      <p className={styles.when}>
        {isLatest && <Badge tone="blue">Latest</Badge>}
        <strong>
          <TimeAgo at={occurrence.occurredAt} />
        </strong>
        <span className={styles.soft}>{fullTime(Date.parse(occurrence.occurredAt))}</span>
        {occurrence.isClamped && <Badge tone="yellow">Its clock is wrong</Badge>}
      </p>
      <div className={styles.ways}>
        {!isLatest && (
          <Button size="s" kind="quiet" onClick={onLatest ?? toLatest}>
            Latest
          </Button>
        )}
        <IconButton
          size="s"
          label="Older occurrence (j)"
          icon={<ChevronLeftIcon />}
          disabled={!older}
          onClick={() => older?.()}
        />
        <IconButton
          size="s"
          label="Newer occurrence (k)"
          icon={<ChevronRightIcon />}
          disabled={!newer}
          onClick={() => newer?.()}
        />
      </div>
    </header>
  )
}

function useNeighbours({ id, beat }: ErrorPage, at: string | null) {
  const [, setSearch] = useSearchParams()
  const [{ data }] = useFresh(NEIGHBOURS, { id, at: at ?? '' }, beat, at === null)
  const go = (edge: { cursor: string; node: { id: string } } | undefined) => {
    if (!edge || at === null) return undefined
    return () => {
      setSearch((before) => chosenIn(before, edge.node.id, edge.cursor), {
        replace: true,
        preventScrollReset: true,
      })
    }
  }
  return {
    older: go(data?.error?.older.edges[0]),
    newer: go(data?.error?.newer.edges[0]),
    toLatest: () => {
      setSearch((before) => chosenIn(before, null, null), { replace: true, preventScrollReset: true })
    },
  }
}

/** The address with another occurrence chosen; without one it is the latest. */
export function chosenIn(before: URLSearchParams, id: string | null, at: string | null): URLSearchParams {
  const after = new URLSearchParams(before)
  after.delete('tab')
  after.delete('occurrence')
  after.delete('at')
  if (id !== null) after.set('occurrence', id)
  if (at !== null) after.set('at', at)
  return after
}
