/** The dialogs about resolving, assigning and deleting errors. */
import { useState } from 'react'
import { Select, TextField } from '../../../parts'
import { FIELDS } from '../fields'
import { errors } from '../words'
import type { AskProps } from './ask'
import { Form, Radios } from './form'
import styles from './form.module.css'

type How = 'now' | 'next' | 'version'

export function ResolveDialog({ onDo, ...props }: AskProps) {
  const [how, setHow] = useState<How>('now')
  const [version, setVersion] = useState('')
  const text = version.trim()
  const submit = () => {
    if (how === 'version') onDo({ kind: 'resolve', inVersion: text })
    else onDo({ kind: 'resolve', inNextVersion: how === 'next' })
  }
  const field = (
    <TextField
      label="Version"
      hideLabel
      value={version}
      onChange={setVersion}
      maxLength={200}
      placeholder="1.10.2, or a commit"
    />
  )
  return (
    <Form
      {...props}
      title={`Resolve ${errors(props.rows.length)}`}
      verb="Resolve"
      isReady={how !== 'version' || text !== ''}
      onSubmit={submit}
    >
      <Radios
        legend="It comes back as regressed if it happens"
        value={how}
        onChange={setHow}
        options={[
          { value: 'now', label: 'From now on' },
          { value: 'next', label: 'In the next version', hint: 'after the newest that is known' },
          { value: 'version', label: 'In a version, or a later one', extra: field },
        ]}
      />
    </Form>
  )
}

const NOBODY = ''

export function AssignDialog({ onDo, ...props }: AskProps) {
  const people = FIELDS.find((field) => field.key === 'assignee')?.options(props.choices) ?? []
  const [member, setMember] = useState(people[0]?.value ?? NOBODY)
  return (
    <Form
      {...props}
      title={`Assign ${errors(props.rows.length)}`}
      verb={member === NOBODY ? 'Unassign' : 'Assign'}
      onSubmit={() => {
        onDo({ kind: 'assign', memberId: member === NOBODY ? null : member })
      }}
    >
      <Select
        label="To"
        value={member}
        onChange={setMember}
        options={[...people.map(({ value, label }) => ({ value, label })), { value: NOBODY, label: 'Nobody' }]}
      />
    </Form>
  )
}

export function DeleteDialog({ onDo, ...props }: AskProps) {
  const what = errors(props.rows.length)
  return (
    <Form
      {...props}
      title={`Delete ${what}?`}
      verb={`Delete ${what}`}
      isDanger
      onSubmit={() => {
        onDo({ kind: 'delete' })
      }}
    >
      <p className={styles.text}>
        Occurrences, comments and history go with {props.rows.length === 1 ? 'it' : 'them'}, for good. If it happens
        again, it is a new error. To keep the history, resolve or silence instead.
      </p>
    </Form>
  )
}
