/** Add an instance, or change one: a form that can be tried before it is saved. */

import { type FormEvent, useId, useState } from 'react'
import { useMutation } from 'urql'

import type { InstanceInListFragment } from '../graph/generated/graphql'
import { Button, Dialog, useToast } from '../parts'
import { mistakesElsewhere, mistakesOf, NO_MISTAKES } from '../projects/mistakes'
import type { ProjectInList } from '../projects/use_projects'
import { useFirstMistake } from '../projects/use_first_mistake'
import { Wrong } from '../projects/wrong'
import { CREATE_INSTANCE, UPDATE_INSTANCE } from './documents'
import { SettingsFields } from './settings_fields'
import {
  blank,
  createInput,
  settingsOf,
  type SettingsForm,
  shownFields,
  sourceFields,
  updateInput,
} from './settings_form'
import { inputOf, isSame, type SourceForm, withHostKey } from './source_form'
import { logPath, SourceFields } from './source_fields'
import { TriedBox } from './tried'
import { type Tried, useTry } from './use_try'
import css from '../projects/form.module.css'

interface Props {
  /** Null to add one. */
  instance: InstanceInListFragment | null
  projects: readonly ProjectInList[]
  projectId: string
  onSaved: () => void
  onClose: () => void
}

/** The dialog; `onSaved` after the server has taken it. */
export function InstanceForm({ instance, projects, projectId, onSaved, onClose }: Props) {
  const id = useId()
  const [before] = useState<SettingsForm>(() => (instance ? settingsOf(instance) : blank(projectId)))
  const [form, setForm] = useState(before)
  const [mistakes, setMistakes] = useState(NO_MISTAKES)
  const shownForm = useFirstMistake(mistakes)
  const trying = useTry()
  const { save, isSaving, error } = useSave(instance, before, onSaved)

  const attempt = async (source: SourceForm) => {
    const kept = instance && isSame(source, before.source)
    const tried = await trying.attempt({
      ...(instance && { id: instance.id }),
      ...(!kept && { source: inputOf(source) }),
    })
    if (tried) setMistakes(mistakesOf(tried.userErrors))
  }
  const accept = (tried: Tried) => {
    const source = withHostKey(
      form.source,
      tried.hostKeyField ?? [],
      tried.hostKey ?? '',
      tried.hostKeyFingerprint ?? '',
    )
    setForm({ ...form, source })
    void attempt(source)
  }
  const moved = (source: SourceForm) => {
    trying.forget()
    setForm({ ...form, source })
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setMistakes(await save(form))
  }
  const shown = shownFields(sourceFields(form.source, logPath(form.source)))
  return (
    <Dialog
      title={instance ? `Edit ${instance.name}` : 'Add instance'}
      open
      onClose={onClose}
      footer={
        <>
          <Button busy={trying.isTrying} onClick={() => void attempt(form.source)}>
            Test connection
          </Button>
          <Button kind="primary" type="submit" form={id} busy={isSaving}>
            {instance ? 'Save' : 'Add instance'}
          </Button>
        </>
      }
    >
      <form ref={shownForm} id={id} className={css.form} onSubmit={(event) => void submit(event)}>
        <Wrong messages={mistakesElsewhere(mistakes, shown)} error={error} />
        <SettingsFields form={form} projects={instance ? [] : projects} mistakes={mistakes} onChange={setForm}>
          <SourceFields form={form.source} mistakes={mistakes} onChange={moved} />
        </SettingsFields>
        <TriedBox trying={trying} onAccept={accept} />
      </form>
    </Dialog>
  )
}

function useSave(instance: InstanceInListFragment | null, before: SettingsForm, onSaved: () => void) {
  const toast = useToast()
  const [created, create] = useMutation(CREATE_INSTANCE)
  const [updated, update] = useMutation(UPDATE_INSTANCE)
  const save = async (form: SettingsForm) => {
    const payload = instance
      ? (await update({ input: updateInput(instance.id, form, before) })).data?.instanceUpdate
      : (await create({ input: createInput(form) })).data?.instanceCreate
    if (payload?.instance) {
      toast(instance ? `${form.name.trim()} is saved` : `${form.name.trim()} is added; its log is being read`)
      onSaved()
    }
    return mistakesOf(payload?.userErrors ?? [])
  }
  return { save, isSaving: created.fetching || updated.fetching, error: created.error ?? updated.error }
}
