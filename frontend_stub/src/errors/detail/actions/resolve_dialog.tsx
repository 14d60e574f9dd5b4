/** In which version of the app an error is mended. */
import { useEffect, useRef, useState } from 'react'
import { Button, Dialog, TextField } from '../../../parts'
import type { ResolveIn } from './use_steps'

interface Props {
  open: boolean
  onClose: () => void
  onResolve: (where: ResolveIn) => void
}

export function ResolveDialog({ open, onClose, onResolve }: Props) {
  const [version, setVersion] = useState('')
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  useEffect(() => {
    if (open) field.current?.focus() // after the dialog is shown: it focuses its first button
  }, [open])
  const inVersion = version.trim()
  const resolve = () => {
    if (inVersion === '') return
    onClose()
    onResolve({ inVersion })
  }
  return (
    <Dialog
      title="Resolve in a version"
      open={open}
      onClose={onClose}
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" disabled={inVersion === ''} onClick={resolve}>
            Resolve
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          resolve()
        }}
      >
        <TextField
          ref={field}
          label="Version"
          value={version}
          onChange={setVersion}
          placeholder="2.4.1"
          hint="The version that has the repair. The error comes back as regressed when a newer one sends it."
        />
      </form>
    </Dialog>
  )
}
