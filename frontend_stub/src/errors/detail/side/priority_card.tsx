/** Why an error has its priority. */
import { PriorityBadge } from '../../../parts'
import type { ErrorPage } from '../use_error_page'
import { Card } from './card'
import styles from './side.module.css'

export function PriorityCard({ page }: { page: ErrorPage }) {
  const reasons = page.error.priorityReasons
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0)
  return (
    <Card title="Priority" more={<PriorityBadge priority={page.state.priority} />}>
      {reasons.length === 0 ? (
        <p className={styles.soft}>Nothing makes it urgent.</p>
      ) : (
        <ul className={styles.reasons}>
          {reasons.map(({ code, points: of, message }) => (
            <li key={code}>
              <span>{message}</span>
              <strong>+{of}</strong>
            </li>
          ))}
          <li className={styles.sum}>
            <span>{points === 1 ? 'Point' : 'Points'}</span>
            <strong>{points}</strong>
          </li>
        </ul>
      )}
    </Card>
  )
}
