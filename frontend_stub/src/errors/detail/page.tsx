/** The page of one error, at /errors/:id: its states, and where its parts stand. */
import { Link, useParams } from 'react-router'
import { Empty, Failure } from '../../parts'
import { ErrorHead } from './head'
import { ErrorMain } from './error_main'
import styles from './page.module.css'
import { ErrorSide } from './side/side'
import { PageSkeleton } from './skeleton'
import { Tombstone } from './tombstone'
import { useErrorPage } from './use_error_page'

export default function ErrorPage() {
  const { id = '' } = useParams()
  return <Loaded key={id} id={id} />
}

function Loaded({ id }: { id: string }) {
  const found = useErrorPage(id)
  switch (found.kind) {
    case 'loading':
      return <PageSkeleton />
    case 'failed':
      return <Failure error={found.failure} retry={found.retry} />
    case 'none':
      return <Gone wasDeleted={found.wasDeleted} />
    case 'found':
      return (
        <article className={styles.page}>
          <title>{`${found.page.error.title} · Snaglist`}</title>
          <Tombstone page={found.page} />
          <ErrorHead page={found.page} />
          <ErrorMain page={found.page} />
          <ErrorSide page={found.page} />
        </article>
      )
  }
}

function Gone({ wasDeleted }: { wasDeleted: boolean }) {
  return (
    <Empty
      title={wasDeleted ? 'This error was deleted' : 'There is no such error'}
      hint={
        wasDeleted
          ? 'Somebody deleted it a moment ago. If it happens again, it opens a new one.'
          : 'It was deleted, or belongs to an organization that you are not signed in to.'
      }
      action={<Link to="/errors">To the list of errors</Link>}
    />
  )
}
