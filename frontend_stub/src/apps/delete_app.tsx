/** Ask before an app is deleted. */

import { useMutation } from 'urql'

import type { AppSetUpFragment } from '../graph/generated/graphql'
import { Button, Dialog, useToast } from '../parts'
import { sentence } from '../projects/mistakes'
import { Wrong } from '../projects/wrong'
import { DELETE_APP } from './documents'

interface Props {
  app: AppSetUpFragment
  onDeleted: () => void
  onClose: () => void
}

/** The question; `onDeleted` after the server has done it. */
export function DeleteApp({ app, onDeleted, onClose }: Props) {
  const toast = useToast()
  const [{ data, error, fetching }, remove] = useMutation(DELETE_APP)
  const go = async () => {
    const answer = await remove({ input: { id: app.id } })
    if (!answer.data?.appDelete.deletedAppId) return
    toast(`${app.name} is deleted`)
    onDeleted()
  }
  return (
    <Dialog
      title={`Delete ${app.name}?`}
      open
      size="s"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={fetching} onClick={() => void go()}>
            Delete app
          </Button>
        </>
      }
    >
      <Wrong messages={data?.appDelete.userErrors.map((one) => sentence(one.message)) ?? []} error={error} />
      <p>Its keys stop working, and what it sends is refused. The errors that it sent before stay, with its name.</p>
    </Dialog>
  )
}
