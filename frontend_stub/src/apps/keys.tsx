/** An app's keys, and a new one in their place. */

import { useState } from 'react'
import { useMutation } from 'urql'

import type { AppSetUpFragment } from '../graph/generated/graphql'
import { Button, CopyButton, Dialog, Select, TimeAgo, useToast } from '../parts'
import { sentence } from '../projects/mistakes'
import { Wrong } from '../projects/wrong'
import { ROTATE_KEY } from './documents'
import css from '../projects/form.module.css'
import styles from './one_app.module.css'

interface Props {
  app: AppSetUpFragment
  mayManage: boolean
  onChanged: () => void
}

/** The section. */
export function Keys({ app, mayManage, onChanged }: Props) {
  const [isAsking, setIsAsking] = useState(false)
  return (
    <>
      <ul className={styles.keys}>
        {app.keys.map((key) => (
          <li key={key.key}>
            <code>{key.key}</code>
            <CopyButton text={key.key} label="Copy key" />
            <span>
              Made <TimeAgo at={key.createdAt} />
            </span>
            {key.expiresAt ? (
              <span>Works until {new Date(key.expiresAt).toLocaleString('en')}</span>
            ) : (
              <span>Works with no end</span>
            )}
          </li>
        ))}
      </ul>
      {mayManage && <Button onClick={() => setIsAsking(true)}>Rotate key</Button>}
      {isAsking && <RotateKey app={app} onRotated={onChanged} onClose={() => setIsAsking(false)} />}
    </>
  )
}

const GRACE = [
  { value: '0', label: 'Not any more' },
  { value: '3600', label: 'For an hour' },
  { value: '86400', label: 'For a day' },
  { value: '604800', label: 'For a week' },
  { value: '2592000', label: 'For 30 days' },
] as const

interface RotateProps {
  app: AppSetUpFragment
  onRotated: () => void
  onClose: () => void
}

function RotateKey({ app, onRotated, onClose }: RotateProps) {
  const toast = useToast()
  const [grace, setGrace] = useState<string>('86400')
  const [{ data, error, fetching }, rotate] = useMutation(ROTATE_KEY)
  const go = async () => {
    const answer = await rotate({ input: { id: app.id, graceSeconds: Number(grace) } })
    if (!answer.data?.appRotateKey.key) return
    toast(`${app.name} has a new key`)
    onRotated()
    onClose()
  }
  return (
    <Dialog
      title={`New key for ${app.name}`}
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={fetching} onClick={() => void go()}>
            Make a new key
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Wrong messages={data?.appRotateKey.userErrors.map((one) => sentence(one.message)) ?? []} error={error} />
        <p>The DSN changes with the key. Programs with the old one can go on for a while.</p>
        <Select label="The old keys work" value={grace} onChange={setGrace} options={GRACE} />
      </div>
    </Dialog>
  )
}
