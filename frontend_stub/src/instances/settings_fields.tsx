/** The fields of an instance beside where its log is. */

import type { ReactNode } from 'react'

import type { Environment } from '../graph/generated/graphql'
import { Select, TextField } from '../parts'
import { mistakeAt, type Mistakes } from '../projects/mistakes'
import type { ProjectInList } from '../projects/use_projects'
import type { SettingsForm } from './settings_form'
import css from '../projects/form.module.css'

const ENVIRONMENTS: readonly { value: Environment; label: string }[] = [
  { value: 'PRODUCTION', label: 'Production' },
  { value: 'STAGING', label: 'Staging' },
  { value: 'DEVELOPMENT', label: 'Development' },
]

const DETECTION = [
  { value: 'inherit', label: 'Each minute if it is production' },
  { value: 'on', label: 'Each minute' },
  { value: 'off', label: 'Only when somebody asks' },
] as const

interface Props {
  form: SettingsForm
  /** The projects to choose from; none where it stays in its own. */
  projects: readonly ProjectInList[]
  mistakes: Mistakes
  onChange: (form: SettingsForm) => void
  /** The fields of the place of its log. */
  children: ReactNode
}

const RARE = ['slug', 'errorIgnorePatterns', 'addonFolders', 'odooVersion', 'commitSha']

/** Name, project and environment, then the children, then what is rarely needed. */
export function SettingsFields({ form, projects, mistakes, onChange, children }: Props) {
  const set = (change: Partial<SettingsForm>) => onChange({ ...form, ...change })
  const isRareWrong = RARE.some((name) => mistakeAt(mistakes, name))
  return (
    <>
      <TextField
        label="Name"
        value={form.name}
        onChange={(name) => set({ name })}
        error={mistakeAt(mistakes, 'name')}
        hint="What people call this Odoo server."
      />
      <div className={css.row}>
        {projects.length > 1 && (
          <Select
            label="Project"
            value={form.projectId}
            onChange={(projectId) => set({ projectId })}
            options={projects.map((one) => ({ value: one.id, label: one.name }))}
          />
        )}
        <Select
          label="Environment"
          value={form.environment}
          onChange={(environment) => set({ environment })}
          options={ENVIRONMENTS}
        />
        <Select
          label="Scanned"
          value={form.detection}
          onChange={(detection) => set({ detection })}
          options={DETECTION}
        />
      </div>
      {children}
      <details className={css.more} open={isRareWrong || undefined}>
        <summary>More settings</summary>
        <RareFields form={form} isKnown={projects.length === 0} mistakes={mistakes} set={set} />
      </details>
    </>
  )
}

interface RareProps {
  form: SettingsForm
  isKnown: boolean
  mistakes: Mistakes
  set: (change: Partial<SettingsForm>) => void
}

function RareFields({ form, isKnown, mistakes, set }: RareProps) {
  const at = (name: string) => mistakeAt(mistakes, name)
  return (
    <>
      <TextField
        label="Slug"
        value={form.slug}
        onChange={(slug) => set({ slug })}
        error={at('slug')}
        hint="Its name in addresses; made of its name where this is empty."
      />
      <TextField
        label="Texts that make a record no error"
        rows={3}
        value={form.ignorePatterns}
        onChange={(ignorePatterns) => set({ ignorePatterns })}
        error={at('errorIgnorePatterns')}
        hint="One on each line; looked for in a record's first line and its final exception line."
      />
      <TextField
        label="Folders of custom addons"
        mono
        rows={3}
        value={form.addonFolders}
        onChange={(addonFolders) => set({ addonFolders })}
        error={at('addonFolders')}
        hint="One on each line, as the log names them, beside those that are known anyway."
      />
      {isKnown && (
        <div className={css.row}>
          <TextField
            label="Odoo version"
            value={form.odooVersion}
            onChange={(odooVersion) => set({ odooVersion })}
            error={at('odooVersion')}
            hint="As 17.0, until the log tells another."
          />
          <TextField
            label="Commit"
            value={form.commitSha}
            onChange={(commitSha) => set({ commitSha })}
            error={at('commitSha')}
            hint="The commit that runs there."
          />
        </div>
      )}
    </>
  )
}
