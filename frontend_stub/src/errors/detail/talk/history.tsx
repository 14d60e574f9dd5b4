/** What happened in the life of the error, newest first, in words. */
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import {
  BellIcon,
  Button,
  ClaimIcon,
  ErrorIcon,
  Failure,
  fullTime,
  MergeIcon,
  MuteIcon,
  ReopenIcon,
  ResolveIcon,
  SilenceIcon,
  Skeleton,
  TimeAgo,
  TrashIcon,
  UserIcon,
  WarningIcon,
} from '../../../parts'
import { read } from '../../../graph/generated'
import type { ErrorChangeKind, HistoryShownFragment } from '../../../graph/generated/graphql'
import type { ErrorPage } from '../use_error_page'
import { useFresh } from '../use_fresh'
import { HISTORY, HISTORY_SHOWN } from './documents'
import styles from './talk.module.css'
import { sentence } from './words'

const ICONS: Record<ErrorChangeKind, ReactNode> = {
  OPENED: <ErrorIcon />,
  ACTIVATED: <WarningIcon />,
  REGRESSED: <WarningIcon />,
  RESOLVED: <ResolveIcon />,
  CLAIMED: <ClaimIcon />,
  REOPENED: <ReopenIcon />,
  SILENCED: <SilenceIcon />,
  MUTED: <MuteIcon />,
  UNMUTED: <BellIcon />,
  ASSIGNED: <UserIcon />,
  MERGED: <MergeIcon />,
  UNMERGED: <MergeIcon />,
  DELETED: <TrashIcon />,
}

export function History({ page }: { page: ErrorPage }) {
  return (
    <ol className={styles.history}>
      <HistoryAfter page={page} after={null} />
    </ol>
  )
}

function HistoryAfter({ page, after }: { page: ErrorPage; after: string | null }) {
  const [more, setMore] = useState(false)
  const [{ data, error }, retry] = useFresh(HISTORY, { id: page.id, after }, page.beat)
  const shown = data?.error?.history
  if (!shown && error) {
    return (
      <li>
        <Failure error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
      </li>
    )
  }
  if (!shown)
    return (
      <li>
        <Skeleton lines={6} />
      </li>
    )
  return (
    <>
      {read(HISTORY_SHOWN, shown.nodes).map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
      {shown.pageInfo.hasNextPage && !more && (
        <li>
          <Button size="s" onClick={() => setMore(true)}>
            Show older ones
          </Button>
        </li>
      )}
      {more && <HistoryAfter page={page} after={shown.pageInfo.endCursor} />}
    </>
  )
}

function Entry({ entry }: { entry: HistoryShownFragment }) {
  const { who, did } = sentence(entry, (at) => fullTime(Date.parse(at)))
  return (
    <li className={styles.entry} data-kind={entry.kind}>
      <span className={styles.mark}>{ICONS[entry.kind]}</span>
      <div>
        <p>
          <strong>{who}</strong> {did}
          <span className={styles.soft}>
            <TimeAgo at={entry.at} />
          </span>
        </p>
        {entry.reason && <p className={styles.reason}>{entry.reason}</p>}
        {entry.seenAt && (
          <p className={styles.soft}>
            It happened <TimeAgo at={entry.seenAt} />
          </p>
        )}
        {entry.otherErrorIds.length > 0 && (
          <p className={styles.others}>
            {entry.otherErrorIds.map((id, place) => (
              <Link key={id} to={`/errors/${id}`}>
                {entry.otherErrorIds.length === 1 ? 'The other error' : `Error ${place + 1}`}
              </Link>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}
