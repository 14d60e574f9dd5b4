/**
 * A log's place as a form has it, and as the graph wants it.
 *
 * Comes in: what was typed, or an instance's source. Goes out: `InstanceSourceInput`, and words for people. Secrets only go
 * towards the server: of what is stored the graph tells only that there is some.
 */

import type { InstanceSourceInput, JumpHostInput, SshInput, SshLogInput } from '../graph/generated/graphql'

export type LogKind = 'file' | 'docker' | 'journal' | 'kubernetes'

/** Which log of a machine. All kinds' fields are kept, so that changing the kind loses nothing that was typed. */
export interface LogForm {
  kind: LogKind
  path: string
  container: string
  unit: string
  namespace: string
  target: string
  podContainer: string
}

/** A machine that is reached over SSH, perhaps by way of another one. */
export interface MachineForm {
  host: string
  port: string
  user: string
  login: 'key' | 'password'
  privateKey: string
  passphrase: string
  password: string
  hostKey: string
  hostKeyFingerprint: string
  hasPrivateKey: boolean
  hasPassword: boolean
  jump: MachineForm | null
}

export interface SourceForm {
  where: 'here' | 'ssh'
  log: LogForm
  machine: MachineForm
}

export const NO_LOG: LogForm = {
  kind: 'file',
  path: '',
  container: '',
  unit: '',
  namespace: '',
  target: '',
  podContainer: '',
}

export const NO_MACHINE: MachineForm = {
  host: '',
  port: '22',
  user: '',
  login: 'key',
  privateKey: '',
  passphrase: '',
  password: '',
  hostKey: '',
  hostKeyFingerprint: '',
  hasPrivateKey: false,
  hasPassword: false,
  jump: null,
}

export const NO_SOURCE: SourceForm = { where: 'here', log: NO_LOG, machine: NO_MACHINE }

/** A log as the graph tells it: exactly one of the fields is there. */
interface KnownLog {
  file?: { path: string } | null
  docker?: { container: string } | null
  journal?: { unit: string } | null
  kubernetes?: { namespace: string; target: string; container?: string | null } | null
}

interface KnownMachine {
  host: string
  port: number
  user: string
  hostKey?: string | null
  hostKeyFingerprint?: string | null
  hasPrivateKey: boolean
  hasPassword: boolean
  jump?: KnownMachine | null
}

/** A source as the graph tells it; with none of the fields where what is stored cannot be understood. */
export interface KnownSource {
  localFile?: KnownLog['file']
  localDocker?: KnownLog['docker']
  localJournal?: KnownLog['journal']
  localKubernetes?: KnownLog['kubernetes']
  ssh?: (KnownMachine & { log: KnownLog }) | null
}

/** The form of what is stored, without its secrets. */
export function formOf(source: KnownSource): SourceForm {
  if (source.ssh) {
    return { where: 'ssh', log: logFormOf(source.ssh.log), machine: machineFormOf(source.ssh) }
  }
  return { where: 'here', log: logFormOf(localLog(source)), machine: NO_MACHINE }
}

function localLog(source: KnownSource): KnownLog {
  return {
    file: source.localFile,
    docker: source.localDocker,
    journal: source.localJournal,
    kubernetes: source.localKubernetes,
  }
}

function logFormOf(log: KnownLog): LogForm {
  if (log.docker) return { ...NO_LOG, kind: 'docker', container: log.docker.container }
  if (log.journal) return { ...NO_LOG, kind: 'journal', unit: log.journal.unit }
  if (log.kubernetes) {
    const { namespace, target, container } = log.kubernetes
    return { ...NO_LOG, kind: 'kubernetes', namespace, target, podContainer: container ?? '' }
  }
  return { ...NO_LOG, path: log.file?.path ?? '' }
}

function machineFormOf(machine: KnownMachine): MachineForm {
  return {
    ...NO_MACHINE,
    host: machine.host,
    port: String(machine.port),
    user: machine.user,
    login: machine.hasPassword && !machine.hasPrivateKey ? 'password' : 'key',
    hostKey: machine.hostKey ?? '',
    hostKeyFingerprint: machine.hostKeyFingerprint ?? '',
    hasPrivateKey: machine.hasPrivateKey,
    hasPassword: machine.hasPassword,
    jump: machine.jump ? machineFormOf(machine.jump) : null,
  }
}

/** What the mutations take. An empty field of a secret is left out: what is stored stays then. */
export function inputOf(form: SourceForm): InstanceSourceInput {
  if (form.where === 'ssh') {
    const ssh: SshInput = { ...machineInput(form.machine), log: sshLog(form.log) }
    return { ssh }
  }
  const { log } = form
  switch (log.kind) {
    case 'file':
      return { localFile: { path: log.path.trim() } }
    case 'docker':
      return { localDocker: { container: log.container.trim() } }
    case 'journal':
      return { localJournal: { unit: log.unit.trim() } }
    case 'kubernetes':
      return { localKubernetes: pods(log) }
  }
}

function sshLog(log: LogForm): SshLogInput {
  switch (log.kind) {
    case 'file':
      return { file: { path: log.path.trim() } }
    case 'docker':
      return { docker: { container: log.container.trim() } }
    case 'journal':
      return { journal: { unit: log.unit.trim() } }
    case 'kubernetes':
      return { kubernetes: pods(log) }
  }
}

function pods(log: LogForm): { namespace: string; target: string; container?: string } {
  const container = log.podContainer.trim()
  return { namespace: log.namespace.trim(), target: log.target.trim(), ...(container && { container }) }
}

function machineInput(machine: MachineForm): JumpHostInput {
  const byKey = machine.login === 'key'
  return {
    host: machine.host.trim(),
    port: portOf(machine.port),
    user: machine.user.trim(),
    ...(byKey && machine.privateKey.trim() && { privateKey: `${machine.privateKey.trim()}\n` }),
    ...(byKey && machine.passphrase && { passphrase: machine.passphrase }),
    ...(!byKey && machine.password && { password: machine.password }),
    ...(machine.hostKey && { hostKey: machine.hostKey }),
    ...(machine.jump && { jump: machineInput(machine.jump) }),
  }
}

/** The port that was typed; 0, which the server refuses with a sentence at the field, where it is no number. */
function portOf(typed: string): number {
  return /^\d{1,9}$/.test(typed.trim()) ? Number(typed.trim()) : 0
}

/** The form with a machine's key accepted, at the path that the server named: `["source", "ssh", "jump", "hostKey"]`. */
export function withHostKey(form: SourceForm, path: readonly string[], key: string, fingerprint: string): SourceForm {
  const jumps = path.filter((part) => part === 'jump').length
  return { ...form, machine: accepted(form.machine, jumps, key, fingerprint) }
}

function accepted(machine: MachineForm, jumps: number, hostKey: string, hostKeyFingerprint: string): MachineForm {
  if (jumps === 0 || machine.jump === null) return { ...machine, hostKey, hostKeyFingerprint }
  return { ...machine, jump: accepted(machine.jump, jumps - 1, hostKey, hostKeyFingerprint) }
}

const SECRETS = ['privateKey', 'passphrase', 'password'] as const

/** The machine after somebody typed: another host, port or user is another machine, of which no key was accepted. */
export function retyped(machine: MachineForm, change: Partial<MachineForm>): MachineForm {
  const next = { ...machine, ...change }
  const moved = next.host !== machine.host || next.port !== machine.port || next.user !== machine.user
  if (!moved) return next
  return { ...next, hostKey: '', hostKeyFingerprint: '', hasPrivateKey: false, hasPassword: false }
}

/** Whether nothing of the place was changed, and no secret was typed. */
export function isSame(form: SourceForm, before: SourceForm): boolean {
  return JSON.stringify(inputOf(form)) === JSON.stringify(inputOf(before)) && !typedSecrets(form.machine)
}

function typedSecrets(machine: MachineForm): boolean {
  return SECRETS.some((name) => machine[name] !== '') || (machine.jump !== null && typedSecrets(machine.jump))
}

/** A place in a few words, for a list: what kind it is, and where. */
export function placeOf(source: KnownSource): { kind: string; place: string; machine: string | null } {
  const log = source.ssh ? source.ssh.log : localLog(source)
  const machine = source.ssh ? `${source.ssh.user}@${source.ssh.host}` : null
  if (log.file) return { kind: 'File', place: log.file.path, machine }
  if (log.docker) return { kind: 'Docker', place: log.docker.container, machine }
  if (log.journal) return { kind: 'Journal', place: log.journal.unit, machine }
  if (log.kubernetes) {
    const { namespace, target, container } = log.kubernetes
    return { kind: 'Kubernetes', place: [namespace, target, container].filter(Boolean).join(' / '), machine }
  }
  return { kind: 'Unknown', place: 'What is stored cannot be understood: edit it', machine }
}
