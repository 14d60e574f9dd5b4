/** Make a project: instances and apps belong to one, so the first of them needs it. */

import { type FormEvent, useId, useState } from 'react'
import { useMutation } from 'urql'

import type { ProjectInList } from './use_projects'
import { Button, Dialog, TextField } from '../parts'
import { CREATE_PROJECT } from './documents'
import { mistakeAt, mistakesElsewhere, mistakesOf, NO_MISTAKES } from './mistakes'
import { useFirstMistake } from './use_first_mistake'
import { Wrong } from './wrong'
import css from './form.module.css'

const SHOWN = ['name', 'timeZone']

interface Props {
  onMade: (project: ProjectInList) => void
  onClose: () => void
}

/** The dialog; `onMade` is told the new project. */
export function NewProject({ onMade, onClose }: Props) {
  const form = useId()
  const [name, setName] = useState('')
  const [timeZone, setTimeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC')
  const [mistakes, setMistakes] = useState(NO_MISTAKES)
  const shownForm = useFirstMistake(mistakes)
  const [{ fetching, error }, create] = useMutation(CREATE_PROJECT)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const { data } = await create({ input: { name: name.trim(), timeZone: timeZone.trim() || 'UTC' } })
    if (!data) return
    setMistakes(mistakesOf(data.projectCreate.userErrors))
    if (data.projectCreate.project) onMade(data.projectCreate.project)
  }

  return (
    <Dialog
      title="New project"
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={fetching}>
            Make project
          </Button>
        </>
      }
    >
      <form ref={shownForm} id={form} className={css.form} onSubmit={(event) => void save(event)}>
        <p className={css.intro}>
          A project is what belongs together: instances and apps, their errors, and how errors are dealt with.
        </p>
        <Wrong messages={mistakesElsewhere(mistakes, SHOWN)} error={error} />
        <TextField label="Name" value={name} onChange={setName} error={mistakeAt(mistakes, 'name')} />
        <TextField
          label="Time zone"
          value={timeZone}
          onChange={setTimeZone}
          error={mistakeAt(mistakes, 'timeZone')}
          hint="Its days and digests follow it."
        />
      </form>
    </Dialog>
  )
}
