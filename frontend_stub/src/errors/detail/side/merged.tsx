/** What makes detections this error: its fingerprints. Those that came by a merge can go back. */
import { Link } from 'react-router'
import { Badge, Button, Count, TimeAgo } from '../../../parts'
import { useViewer } from '../../../session'
import { useUnmerge } from '../actions/use_merge'
import type { ErrorPage } from '../use_error_page'
import { Times } from '../times'
import { Card } from './card'
import styles from './side.module.css'

type Fingerprint = ErrorPage['error']['fingerprints'][number]

export function Merged({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const { goBack } = useUnmerge(page.refresh)
  const { fingerprints, mergedGroups } = page.error
  if (fingerprints.length === 0) return null
  return (
    <Card
      title={mergedGroups.length > 0 ? 'Merged and fingerprints' : 'Fingerprint'}
      more={fingerprints.length > 1 && <Count value={fingerprints.length} />}
    >
      <ul className={styles.fingerprints}>
        {fingerprints.map((fingerprint) => (
          <Shown
            key={fingerprint.id}
            fingerprint={fingerprint}
            onGoBack={may('MANAGE_ERRORS') ? () => void goBack(page.id, [fingerprint.id]) : null}
          />
        ))}
      </ul>
    </Card>
  )
}

function Shown({ fingerprint, onGoBack }: { fingerprint: Fingerprint; onGoBack: (() => void) | null }) {
  const { isOwn, homeGroup, totalCount, lastSeenAt, reason, version } = fingerprint
  return (
    <li>
      {!isOwn && (
        <div className={styles.line}>
          <Badge tone="purple">Merged</Badge>
          {homeGroup && (
            <Link className={styles.home} to={`/errors/${homeGroup.id}`}>
              {homeGroup.title}
            </Link>
          )}
        </div>
      )}
      <details>
        <summary>
          <Times count={totalCount} />, <TimeAgo at={lastSeenAt} />
        </summary>
        <pre aria-label={`What the fingerprint consists of, by version ${version} of the rules`}>
          {reason}
        </pre>
      </details>
      {!isOwn && homeGroup && onGoBack && (
        <Button size="s" onClick={onGoBack}>
          Undo the merge
        </Button>
      )}
    </li>
  )
}
