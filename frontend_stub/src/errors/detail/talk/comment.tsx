/** One comment. Its HTML was made and sanitised by the server: no pictures, no scripts, and links that say where they lead. */
import { useState } from 'react'
import { Badge, Button, Dialog, Menu, TimeAgo } from '../../../parts'
import type { CommentShownFragment } from '../../../graph/generated/graphql'
import { useDeed } from '../actions/use_deed'
import { DELETE_COMMENT, EDIT_COMMENT } from './documents'
import styles from './talk.module.css'
import { actorWords } from './words'
import { Writing } from './writing'

interface Props {
  comment: CommentShownFragment
  refresh: () => void
}

type Opened = 'edit' | 'delete' | null

export function CommentShown({ comment, refresh }: Props) {
  const [opened, setOpened] = useState<Opened>(null)
  const edit = useDeed(EDIT_COMMENT, (data) => data.commentEdit, refresh)
  const close = () => {
    setOpened(null)
  }
  return (
    <li className={styles.comment}>
      <header>
        <Initials name={comment.authorName} />
        <strong>{actorWords(comment.authorKind, comment.authorName)}</strong>
        {comment.authorKind === 'AGENT' && <Badge tone="purple">Agent</Badge>}
        <span className={styles.soft}>
          <TimeAgo at={comment.createdAt} />
          {comment.editedAt && ', edited'}
        </span>
        <CommentMenu comment={comment} onOpen={setOpened} />
      </header>
      {opened === 'edit' ? (
        <Writing
          label="Edit the comment"
          does="Save"
          first={comment.body}
          onCancel={close}
          onSave={async (body) => {
            const saved = (await edit({ id: comment.id, body }, null)) !== null
            if (saved) close()
            return saved
          }}
        />
      ) : (
        <div className={styles.markdown} dangerouslySetInnerHTML={{ __html: comment.bodyHtml }} />
      )}
      <Deleting comment={comment} refresh={refresh} open={opened === 'delete'} onClose={close} />
    </li>
  )
}

function CommentMenu({
  comment,
  onOpen,
}: {
  comment: CommentShownFragment
  onOpen: (opened: Opened) => void
}) {
  const items = [
    ...(comment.canEdit
      ? [
          {
            label: 'Edit',
            onSelect: () => onOpen('edit'),
          },
        ]
      : []),
    ...(comment.canDelete
      ? [
          {
            label: 'Delete…',
            danger: true,
            onSelect: () => onOpen('delete'),
          },
        ]
      : []),
  ]
  if (items.length === 0) return null
  return (
    <Menu
      label={`What to do with the comment of ${comment.authorName}`}
      text={false}
      size="s"
      items={items}
    />
  )
}

function Deleting({ comment, refresh, open, onClose }: Props & { open: boolean; onClose: () => void }) {
  const remove = useDeed(DELETE_COMMENT, (data) => data.commentDelete, refresh)
  const buttons = (
    <>
      <Button kind="quiet" onClick={onClose}>
        Cancel
      </Button>
      <Button
        kind="danger"
        onClick={() => {
          onClose()
          void remove({ id: comment.id }, { text: 'The comment is deleted' })
        }}
      >
        Delete
      </Button>
    </>
  )
  return (
    <Dialog title="Delete this comment?" size="s" open={open} onClose={onClose} footer={buttons}>
      <p>
        {comment.authorKind === 'GITHUB'
          ? 'It is gone here for everybody, and stays on GitHub. This cannot be undone.'
          : 'What it said is gone for everybody. This cannot be undone.'}
      </p>
    </Dialog>
  )
}

function Initials({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
  return (
    <span className={styles.initials} aria-hidden="true">
      {letters.toUpperCase()}
    </span>
  )
}
