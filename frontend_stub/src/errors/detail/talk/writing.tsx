/** A field for Markdown; Ctrl or Cmd with Enter saves. */
import { useState } from 'react'
import { Button, Kbd, TextField } from '../../../parts'
import styles from './talk.module.css'

interface Props {
  label: string
  /** What the button says. */
  does: string
  first?: string
  /** Answers whether it was saved: if not, the text stays. */
  onSave: (body: string) => Promise<boolean>
  onCancel?: () => void
}

export function Writing({ label, does, first = '', onSave, onCancel }: Props) {
  const [body, setBody] = useState(first)
  const [busy, setBusy] = useState(false)
  const isBlank = body.trim() === ''
  const save = async () => {
    if (isBlank || busy) return
    setBusy(true)
    const saved = await onSave(body)
    setBusy(false)
    if (saved) setBody('')
  }
  return (
    <form
      className={styles.writing}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextField
        label={label}
        hideLabel
        rows={first === '' ? 3 : 6}
        value={body}
        placeholder="Say something, in Markdown"
        onChange={setBody}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
        }}
      />
      <div className={styles.buttons}>
        <span className={styles.soft}>
          <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd>
        </span>
        {onCancel && (
          <Button kind="quiet" size="s" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button type="submit" size="s" busy={busy} disabled={isBlank}>
          {does}
        </Button>
      </div>
    </form>
  )
}
