/** The fields that say where a log is: on which machine, and which log of it. */

import { Choice } from '../projects/choice'
import { TextField } from '../parts'
import { mistakeAt, type Mistakes } from '../projects/mistakes'
import { MachineFields } from './machine_fields'
import type { LogForm, LogKind, SourceForm } from './source_form'
import css from '../projects/form.module.css'

const MACHINES = [
  { value: 'here', label: 'This machine' },
  { value: 'ssh', label: 'Over SSH' },
] as const

const LOGS = [
  { value: 'file', label: 'File' },
  { value: 'docker', label: 'Docker' },
  { value: 'journal', label: 'journald' },
  { value: 'kubernetes', label: 'Kubernetes' },
] as const

interface Props {
  form: SourceForm
  mistakes: Mistakes
  onChange: (form: SourceForm) => void
}

/** Where the log is: machine first, then the log on it. */
export function SourceFields({ form, mistakes, onChange }: Props) {
  const log = (change: Partial<LogForm>) => onChange({ ...form, log: { ...form.log, ...change } })
  return (
    <>
      <Choice
        label="Where the log is"
        options={MACHINES}
        value={form.where}
        onChange={(where) => onChange({ ...form, where })}
      />
      {form.where === 'ssh' && (
        <MachineFields
          title="Machine"
          path="source.ssh"
          machine={form.machine}
          mistakes={mistakes}
          onChange={(machine) => onChange({ ...form, machine })}
        />
      )}
      <Choice label="Kind of log" options={LOGS} value={form.log.kind} onChange={(kind) => log({ kind })} />
      <LogFields form={form.log} path={logPath(form)} mistakes={mistakes} onChange={log} />
    </>
  )
}

/** The graph's path of the log's fields, as `source.ssh.log.docker`. */
export function logPath(form: SourceForm): string {
  const local: Record<LogKind, string> = {
    file: 'localFile',
    docker: 'localDocker',
    journal: 'localJournal',
    kubernetes: 'localKubernetes',
  }
  return form.where === 'ssh' ? `source.ssh.log.${form.log.kind}` : `source.${local[form.log.kind]}`
}

interface LogProps {
  form: LogForm
  path: string
  mistakes: Mistakes
  onChange: (change: Partial<LogForm>) => void
}

function LogFields({ form, path, mistakes, onChange }: LogProps) {
  switch (form.kind) {
    case 'file':
      return (
        <TextField
          label="Path of the log"
          value={form.path}
          onChange={(value) => onChange({ path: value })}
          error={mistakeAt(mistakes, `${path}.path`)}
          hint="Absolute, as /var/log/odoo/odoo-server.log. Rotated ones beside it are read too."
        />
      )
    case 'docker':
      return (
        <TextField
          label="Container"
          value={form.container}
          onChange={(value) => onChange({ container: value })}
          error={mistakeAt(mistakes, `${path}.container`)}
          hint="Its name or id. One that is created anew under its name is followed."
        />
      )
    case 'journal':
      return (
        <TextField
          label="Unit"
          value={form.unit}
          onChange={(value) => onChange({ unit: value })}
          error={mistakeAt(mistakes, `${path}.unit`)}
          hint="A systemd unit, as odoo.service."
        />
      )
    case 'kubernetes':
      return <PodFields form={form} path={path} mistakes={mistakes} onChange={onChange} />
  }
}

function PodFields({ form, path, mistakes, onChange }: LogProps) {
  return (
    <>
      <div className={css.row}>
        <TextField
          label="Namespace"
          value={form.namespace}
          onChange={(value) => onChange({ namespace: value })}
          error={mistakeAt(mistakes, `${path}.namespace`)}
        />
        <TextField
          label="Container (optional)"
          value={form.podContainer}
          onChange={(value) => onChange({ podContainer: value })}
          error={mistakeAt(mistakes, `${path}.container`)}
        />
      </div>
      <TextField
        label="Pods"
        value={form.target}
        onChange={(value) => onChange({ target: value })}
        error={mistakeAt(mistakes, `${path}.target`)}
        hint="A pod's name; deploy/NAME, statefulset/NAME and the like; or labels, as app=odoo."
      />
    </>
  )
}
