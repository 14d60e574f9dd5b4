/** The top of the error page: what it is, where it stands, and what can be done with it. */
import { Link } from 'react-router'
import { Badge, Count, MuteIcon, PriorityBadge, SeverityBadge, StatusBadge, TimeAgo } from '../../parts'
import { useWayBack } from '../back'
import { Actions } from './actions/actions'
import { titleParts } from './title'
import styles from './head.module.css'
import type { ErrorPage } from './use_error_page'

export function ErrorHead({ page }: { page: ErrorPage }) {
  const { error, state } = page
  const { type, text } = titleParts(error)
  return (
    <header className={styles.head}>
      <nav className={styles.trail} aria-label="Where you are">
        <Link to={useWayBack()}>Errors</Link>
        <span aria-hidden="true">/</span>
        <Link to={`/errors?project=${error.project.id}`}>{error.project.name}</Link>
        {error.app && (
          <>
            <span aria-hidden="true">/</span>
            <Link to={`/errors?app=${error.app.id}`}>{error.app.name}</Link>
          </>
        )}
      </nav>
      <h1 className={styles.title}>
        {type && <span className={styles.type}>{type}</span>}
        {text && <span className={styles.text}>{text}</span>}
      </h1>
      <Brief state={state} isEvent={error.source === 'EVENT'} />
      <div className={styles.line}>
        <div className={styles.badges}>
          <span aria-live="polite">
            <StatusBadge status={state.status} />
          </span>
          <PriorityBadge priority={state.priority} />
          <SeverityBadge severity={state.severity} />
          {state.muted && <MutedBadge state={state} />}
          {error.isDev && <Badge tone="grey">Developer build</Badge>}
          {error.module && <span className={styles.module}>{error.module}</span>}
        </div>
        {!state.mergedInto && <Actions page={page} />}
      </div>
    </header>
  )
}

/** The facts in one line, where there is no room for them beside the rest. */
function Brief({ state, isEvent }: { state: ErrorPage['state']; isEvent: boolean }) {
  return (
    <p className={styles.brief}>
      <span>
        <strong>
          <Count value={state.totalCount} />
        </strong>{' '}
        {state.totalCount === 1 ? 'time' : 'times'}
      </span>
      {isEvent && (
        <span>
          <strong>
            <Count value={state.userCount} />
          </strong>{' '}
          {state.userCount === 1 ? 'user' : 'users'}
        </span>
      )}
      <span>
        last <TimeAgo at={state.lastSeenAt} />
      </span>
      <span>
        first <TimeAgo at={state.firstSeenAt} />
      </span>
    </p>
  )
}

function MutedBadge({ state }: { state: ErrorPage['state'] }) {
  const { muteUntil, muteUntilCount, totalCount } = state
  const left = muteUntilCount === null ? null : Math.max(0, muteUntilCount - totalCount)
  return (
    <Badge tone="grey" title="It is kept out of lists and sends no notifications">
      <MuteIcon size={12} />
      <span>
        Muted
        {(muteUntil !== null || left !== null) && ', ends '}
        {muteUntil !== null && <TimeAgo at={muteUntil} />}
        {muteUntil !== null && left !== null && ' or '}
        {left !== null && `after ${left.toLocaleString('en')} more`}
      </span>
    </Badge>
  )
}
