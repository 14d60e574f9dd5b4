/** Ask before an instance is deleted. */

import { useMutation } from 'urql'

import type { InstanceInListFragment } from '../graph/generated/graphql'
import { Button, Dialog, useToast } from '../parts'
import { sentence } from '../projects/mistakes'
import { Wrong } from '../projects/wrong'
import { DELETE_INSTANCE } from './documents'

interface Props {
  instance: InstanceInListFragment
  onDeleted: () => void
  onClose: () => void
}

/** The question; `onDeleted` after the server has done it. */
export function DeleteInstance({ instance, onDeleted, onClose }: Props) {
  const toast = useToast()
  const [{ data, error, fetching }, remove] = useMutation(DELETE_INSTANCE)
  const go = async () => {
    const answer = await remove({ input: { id: instance.id } })
    if (!answer.data?.instanceDelete.deletedInstanceId) return
    toast(`${instance.name} is deleted`)
    onDeleted()
  }
  return (
    <Dialog
      title={`Delete ${instance.name}?`}
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={fetching} onClick={() => void go()}>
            Delete instance
          </Button>
        </>
      }
    >
      <Wrong messages={data?.instanceDelete.userErrors.map((one) => sentence(one.message)) ?? []} error={error} />
      <p>Its log is not read any more. The errors that were found in it stay, with its name.</p>
    </Dialog>
  )
}
