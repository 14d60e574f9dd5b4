/** The line above an error that was merged away: where it went, and how to have it back. */
import { Link } from 'react-router'
import { Button } from '../../parts'
import { useViewer } from '../../session'
import { useUnmerge } from './actions/use_merge'
import styles from './page.module.css'
import type { ErrorPage } from './use_error_page'

export function Tombstone({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const { takeOut } = useUnmerge(page.refresh)
  const into = page.state.mergedInto
  if (!into) return null
  return (
    <div className={styles.banner} role="status">
      <p>
        This error was merged into <Link to={`/errors/${into.id}`}>{into.title}</Link>, and is counted and
        worked on there.
      </p>
      {may('MANAGE_ERRORS') && (
        <Button size="s" onClick={() => void takeOut(into.id, page.id)}>
          Undo the merge
        </Button>
      )}
    </div>
  )
}
