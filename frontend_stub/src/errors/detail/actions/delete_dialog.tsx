/** Asks before an error is deleted, which cannot be undone. */
import { Button, Dialog } from '../../../parts'

interface Props {
  open: boolean
  onClose: () => void
  onDelete: () => void
}

export function DeleteDialog({ open, onClose, onDelete }: Props) {
  return (
    <Dialog
      title="Delete this error?"
      open={open}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="danger" onClick={onDelete}>
            Delete
          </Button>
        </>
      }
    >
      <p>
        It is gone for everybody, with its occurrences, comments and history, and with what was merged into
        it. This cannot be undone. If it happens again, it opens a new error.
      </p>
    </Dialog>
  )
}
