/** Errors that are probably the same one, and why: one click merges them into this one. */
import { Link } from 'react-router'
import { Button, Count, MergeIcon, StatusBadge } from '../../../parts'
import { useViewer } from '../../../session'
import { useMerge } from '../actions/use_merge'
import { SIMILAR_ERRORS } from '../documents'
import { useFresh } from '../use_fresh'
import type { ErrorPage } from '../use_error_page'
import { Times } from '../times'
import { Card } from './card'
import styles from './side.module.css'

export function Similar({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const merge = useMerge(page.refresh)
  const [{ data }] = useFresh(SIMILAR_ERRORS, { id: page.id }, page.beat, page.state.mergedInto !== null)
  const similar = data?.error?.similar ?? []
  if (similar.length === 0) return null
  return (
    <Card title="Probably the same" more={<Count value={similar.length} />}>
      <ul className={styles.similar}>
        {similar.map(({ errorGroup: other, reason, score }) => (
          <li key={other.id}>
            <Link to={`/errors/${other.id}`}>{other.title}</Link>
            <p className={styles.soft}>
              {reason} <span title="How alike they are">({Math.round(score * 100)}%)</span>
            </p>
            <div className={styles.line}>
              <StatusBadge status={other.status} />
              <span className={styles.soft}>
                <Times count={other.totalCount} />
              </span>
              {may('MANAGE_ERRORS') && (
                <Button size="s" icon={<MergeIcon />} onClick={() => void merge(page.id, other.id)}>
                  Merge
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  )
}
