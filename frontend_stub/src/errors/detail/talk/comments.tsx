/** What people and agents said about the error, oldest first, and a field to say more. */
import { useState } from 'react'
import { Button, Failure, Skeleton } from '../../../parts'
import { read } from '../../../graph/generated'
import { useViewer } from '../../../session'
import { useDeed } from '../actions/use_deed'
import type { ErrorPage } from '../use_error_page'
import { useFresh } from '../use_fresh'
import { CommentShown } from './comment'
import { ADD_COMMENT, COMMENT_SHOWN, COMMENTS } from './documents'
import styles from './talk.module.css'
import { Writing } from './writing'

export function Comments({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const add = useDeed(ADD_COMMENT, (data) => data.commentAdd, page.refresh)
  return (
    <div className={styles.talk}>
      <CommentsAfter page={page} after={null} />
      {may('MANAGE_ERRORS') && (
        <Writing
          label="Comment"
          does="Comment"
          onSave={async (body) => (await add({ errorId: page.id, body }, null)) !== null}
        />
      )}
    </div>
  )
}

function CommentsAfter({ page, after }: { page: ErrorPage; after: string | null }) {
  const [more, setMore] = useState(false)
  const [{ data, error }, retry] = useFresh(COMMENTS, { id: page.id, after }, page.beat)
  const shown = data?.error?.comments
  if (!shown && error) return <Failure error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
  if (!shown) return <Skeleton lines={6} />
  const comments = read(COMMENT_SHOWN, shown.nodes)
  if (comments.length === 0 && after === null) {
    return <p className={styles.nothing}>Nobody has said anything yet.</p>
  }
  return (
    <>
      <ol className={styles.comments}>
        {comments.map((comment) => (
          <CommentShown key={comment.id} comment={comment} refresh={page.refresh} />
        ))}
      </ol>
      {shown.pageInfo.hasNextPage && !more && (
        <Button size="s" onClick={() => setMore(true)}>
          Show later ones
        </Button>
      )}
      {more && <CommentsAfter page={page} after={shown.pageInfo.endCursor} />}
    </>
  )
}
