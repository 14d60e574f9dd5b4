/** When errors were seen: a quick range or, with two fields, between any times. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Button, ClockIcon, CloseIcon, Menu, TextField } from '../../../parts'
import { type Filters, type Range, RANGES } from '../address'
import type { Refine } from '../use_filters'
import { RANGE_WORDS } from '../words'
import styles from './chip.module.css'
import { fromField, short, toField } from './local_time'
import { Popover } from './popover'
import popover from './popover.module.css'

type Choice = Range | 'any' | 'between'

const OPTIONS: { value: Choice; label: string }[] = [
  { value: 'any', label: 'Any time' },
  ...(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: RANGE_WORDS[value] })),
  { value: 'between', label: 'Between…' },
]

interface Props {
  filters: Filters
  refine: Refine
}

export function Times({ filters, refine }: Props) {
  const [isOpen, setOpen] = useState(false)
  const [isApplied, setApplied] = useState(false)
  const isBetween = !filters.last && (filters.since !== null || filters.until !== null)
  const choose = (value: Choice) => {
    if (value === 'between') setOpen(true)
    else refine({ last: value === 'any' ? null : value, since: null, until: null })
  }
  const close = () => {
    setOpen(false)
  }
  const items = OPTIONS.map(({ value, label }) => ({
    label,
    checked: value === (filters.last ?? 'any'),
    onSelect: () => {
      choose(value)
    },
  }))
  return (
    <div className={popover.anchor} role="group" aria-label="When errors were seen" data-end>
      {isBetween ? (
        <Between filters={filters} refine={refine} isOpen={isOpen} setOpen={setOpen} takesFocus={isApplied} />
      ) : (
        <Menu
          label={filters.last ? RANGE_WORDS[filters.last] : 'Any time'}
          size="s"
          icon={<ClockIcon />}
          items={items}
        />
      )}
      {isOpen && (
        <Popover label="When errors were seen" onClose={close}>
          <TimesForm
            filters={filters}
            refine={refine}
            onDone={() => {
              setApplied(true)
              close()
            }}
          />
        </Popover>
      )}
    </div>
  )
}

function Between({
  filters,
  refine,
  isOpen,
  setOpen,
  takesFocus,
}: Props & { isOpen: boolean; setOpen: (isOpen: boolean) => void; takesFocus: boolean }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // It stands where the menu was from which it was made, and which had the focus.
    if (takesFocus) button.current?.focus({ preventScroll: true })
  }, [takesFocus])
  const now = new Date()
  const { since, until } = filters
  const parts = [since && `since ${short(since, now)}`, until && `first before ${short(until, now)}`]
  return (
    <div className={styles.chip}>
      <button
        ref={button}
        type="button"
        className={styles.text}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen)
        }}
      >
        <span className={styles.label}>Seen</span>
        <span className={styles.value}>{parts.filter(Boolean).join(', ')}</span>
      </button>
      <button
        type="button"
        className={styles.remove}
        aria-label="Show errors of any time"
        onClick={() => {
          setOpen(false)
          refine({ since: null, until: null })
        }}
      >
        <CloseIcon size={12} />
      </button>
    </div>
  )
}

function TimesForm({ filters, refine, onDone }: Props & { onDone: () => void }) {
  const [since, setSince] = useState(toField(filters.since))
  const [until, setUntil] = useState(toField(filters.until))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    refine({ last: null, since: fromField(since), until: fromField(until) })
    onDone()
  }
  return (
    <form className={popover.form} onSubmit={submit}>
      <TextField type="datetime-local" label="Last seen then or later" value={since} onChange={setSince} />
      <TextField type="datetime-local" label="First seen then or before" value={until} onChange={setUntil} />
      <Button kind="primary" size="s" type="submit">
        Apply
      </Button>
    </form>
  )
}
