/** Make an app, or change one. */

import { type FormEvent, useId, useState } from 'react'
import { useMutation } from 'urql'

import { read } from '../graph/generated'
import type { AppSetUpFragment } from '../graph/generated/graphql'
import { Button, Dialog, useToast } from '../parts'
import { type Mistakes, mistakesElsewhere, mistakesOf, NO_MISTAKES } from '../projects/mistakes'
import type { ProjectInList } from '../projects/use_projects'
import { useFirstMistake } from '../projects/use_first_mistake'
import { Wrong } from '../projects/wrong'
import { AppFields } from './app_fields'
import {
  APP_FIELDS,
  appCreateInput,
  type AppForm as Form,
  appForm,
  appUpdateInput,
  blankApp,
  wrongNumbers,
} from './app_settings'
import { APP_SET_UP, CREATE_APP, UPDATE_APP } from './documents'
import css from '../projects/form.module.css'

interface Props {
  /** Null to make one. */
  app: AppSetUpFragment | null
  projects: readonly ProjectInList[]
  projectId: string
  /** Is told the app's id. */
  onSaved: (id: string) => void
  onClose: () => void
}

/** The dialog; `onSaved` after the server has taken it. */
export function AppForm({ app, projects, projectId, onSaved, onClose }: Props) {
  const id = useId()
  const [form, setForm] = useState(() => (app ? appForm(app) : blankApp(projectId)))
  const [mistakes, setMistakes] = useState(NO_MISTAKES)
  const shownForm = useFirstMistake(mistakes)
  const { save, isSaving, error } = useSave(app, onSaved)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setMistakes(await save(form))
  }
  return (
    <Dialog
      title={app ? `Edit ${app.name}` : 'New app'}
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} busy={isSaving}>
            {app ? 'Save' : 'Make app'}
          </Button>
        </>
      }
    >
      <form ref={shownForm} id={id} className={css.form} onSubmit={(event) => void submit(event)}>
        <Wrong messages={mistakesElsewhere(mistakes, APP_FIELDS)} error={error} />
        <AppFields form={form} projects={app ? [] : projects} mistakes={mistakes} onChange={setForm} />
      </form>
    </Dialog>
  )
}

function useSave(app: AppSetUpFragment | null, onSaved: (id: string) => void) {
  const toast = useToast()
  const [created, create] = useMutation(CREATE_APP)
  const [updated, update] = useMutation(UPDATE_APP)
  const save = async (form: Form): Promise<Mistakes> => {
    const wrong = wrongNumbers(form)
    if (wrong.length > 0) return new Map(wrong)
    const payload = app
      ? (await update({ input: appUpdateInput(app.id, form) })).data?.appUpdate
      : (await create({ input: appCreateInput(form) })).data?.appCreate
    const saved = read(APP_SET_UP, payload?.app)
    if (saved) {
      toast(app ? `${saved.name} is saved` : `${saved.name} is made: set it up`)
      onSaved(saved.id)
    }
    return mistakesOf(payload?.userErrors ?? [])
  }
  return { save, isSaving: created.fetching || updated.fetching, error: created.error ?? updated.error }
}
