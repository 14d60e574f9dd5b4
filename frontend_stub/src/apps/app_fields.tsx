/** The fields of an app. */

import { Button, Select, TextField, classes } from '../parts'
import { mistakeAt, type Mistakes } from '../projects/mistakes'
import type { ProjectInList } from '../projects/use_projects'
import type { AppForm, RuleForm } from './app_settings'
import css from '../projects/form.module.css'

const PLATFORMS = ['python', 'node', 'browser', 'ios', 'android', 'php', 'other']

interface Props {
  form: AppForm
  /** The projects to choose from; none where it stays in its own. */
  projects: readonly ProjectInList[]
  mistakes: Mistakes
  onChange: (form: AppForm) => void
}

/** All fields; those that are rarely needed are folded away. */
export function AppFields({ form, projects, mistakes, onChange }: Props) {
  const set = (change: Partial<AppForm>) => onChange({ ...form, ...change })
  const platforms = PLATFORMS.includes(form.platform) ? PLATFORMS : [form.platform, ...PLATFORMS]
  const isRareWrong = ['slug', 'ignoreRules', 'inAppInclude', 'inAppExclude'].some((name) => mistakeAt(mistakes, name))
  return (
    <>
      <TextField
        label="Name"
        value={form.name}
        onChange={(name) => set({ name })}
        error={mistakeAt(mistakes, 'name')}
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
          label="Platform"
          value={form.platform}
          onChange={(platform) => set({ platform })}
          options={platforms.map((one) => ({ value: one, label: one }))}
        />
      </div>
      <div className={css.row}>
        <TextField
          label="Quota"
          value={form.quotaPerMinute}
          onChange={(quotaPerMinute) => set({ quotaPerMinute })}
          error={mistakeAt(mistakes, 'quotaPerMinute')}
          hint="Events a minute; empty for as many as come."
        />
        <TextField
          label="Stored, in percent"
          value={form.sampleRate}
          onChange={(sampleRate) => set({ sampleRate })}
          error={mistakeAt(mistakes, 'sampleRate')}
          hint="Of an error's events; counts are exact all the same."
        />
      </div>
      <details className={css.more} open={isRareWrong || undefined}>
        <summary>More settings</summary>
        <RareFields form={form} mistakes={mistakes} set={set} />
      </details>
    </>
  )
}

interface RareProps {
  form: AppForm
  mistakes: Mistakes
  set: (change: Partial<AppForm>) => void
}

function RareFields({ form, mistakes, set }: RareProps) {
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
      <Rules rules={form.ignoreRules} wrong={at('ignoreRules')} onChange={(ignoreRules) => set({ ignoreRules })} />
      <TextField
        label="The app's own code"
        mono
        rows={3}
        value={form.inAppInclude}
        onChange={(inAppInclude) => set({ inAppInclude })}
        error={at('inAppInclude')}
        hint="Beginnings of modules and paths, one on each line, that are its own whatever its SDK says."
      />
      <TextField
        label="Not its own code"
        mono
        rows={3}
        value={form.inAppExclude}
        onChange={(inAppExclude) => set({ inAppExclude })}
        error={at('inAppExclude')}
        hint="Beginnings of modules and paths, one on each line, that are not."
      />
    </>
  )
}

interface RulesProps {
  rules: readonly RuleForm[]
  wrong: string | undefined
  onChange: (rules: readonly RuleForm[]) => void
}

function Rules({ rules, wrong, onChange }: RulesProps) {
  const change = (key: number, typed: Partial<RuleForm>) =>
    onChange(rules.map((rule) => (rule.key === key ? { ...rule, ...typed } : rule)))
  const add = () =>
    onChange([...rules, { key: Math.max(-1, ...rules.map((rule) => rule.key)) + 1, exceptionType: '', message: '' }])
  return (
    <fieldset className={css.rules}>
      <legend>Ignored errors</legend>
      <p className={css.hint}>They are taken, and neither counted nor grouped. * is any text, ? any character.</p>
      {wrong && <p className={css.error}>{wrong}</p>}
      {rules.map((rule, place) => (
        <div key={rule.key} className={classes(css.row, css.rule)}>
          <TextField
            label={`Exception type of rule ${place + 1}`}
            value={rule.exceptionType}
            onChange={(exceptionType) => change(rule.key, { exceptionType })}
          />
          <TextField
            label={`Message of rule ${place + 1}`}
            value={rule.message}
            onChange={(message) => change(rule.key, { message })}
          />
          <Button size="s" kind="quiet" onClick={() => onChange(rules.filter((one) => one.key !== rule.key))}>
            Remove<span className="aside-for-ears"> rule {place + 1}</span>
          </Button>
        </div>
      ))}
      <Button size="s" onClick={add}>
        Add a rule
      </Button>
    </fieldset>
  )
}
