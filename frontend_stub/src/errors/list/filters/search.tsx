/** Search as one types: the address follows a moment after the last key. */
import { type Ref, useEffect, useState } from 'react'
import { Kbd, SearchIcon } from '../../../parts'
import type { Refine } from '../use_filters'
import styles from './search.module.css'

const PAUSE = 250

interface Props {
  value: string
  refine: Refine
  ref: Ref<HTMLInputElement>
}

export function Search({ value, refine, ref }: Props) {
  const [text, setText] = useState(value)
  const [taken, setTaken] = useState(value)
  const [sent, setSent] = useState<string | null>(null)
  // Changed from elsewhere, as by going back, the address wins over what was typed; what was sent from here does not.
  if (value !== taken) {
    setTaken(value)
    if (value !== sent) {
      setSent(null)
      setText(value)
    }
  }
  useEffect(() => {
    if (text.trim() === value.trim()) return
    const timer = setTimeout(() => {
      setSent(text.trim())
      refine({ search: text.trim() }, { replace: true })
    }, PAUSE)
    return () => {
      clearTimeout(timer)
    }
  }, [text, value, refine])
  return (
    <div className={styles.field}>
      <SearchIcon />
      <input
        ref={ref}
        type="search"
        aria-label="Search errors"
        placeholder="Search title, message, module or path"
        maxLength={1000}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <span className={styles.key}>
        <Kbd>/</Kbd>
      </span>
    </div>
  )
}
