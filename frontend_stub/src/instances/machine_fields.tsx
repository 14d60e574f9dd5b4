/** How a machine is reached over SSH: who logs in, with what, and perhaps by way of another machine. */

import { Button, TextField, classes } from '../parts'
import { Choice } from '../projects/choice'
import { mistakeAt, type Mistakes } from '../projects/mistakes'
import { type MachineForm, NO_MACHINE, retyped } from './source_form'
import css from '../projects/form.module.css'

const LOGINS = [
  { value: 'key', label: 'Private key' },
  { value: 'password', label: 'Password' },
] as const

const MOST_JUMPS = 3

interface Props {
  title: string
  /** The graph's path of its fields, as `source.ssh.jump`. */
  path: string
  machine: MachineForm
  mistakes: Mistakes
  onChange: (machine: MachineForm) => void
  onRemove?: () => void
}

/** A machine, with the machines by way of which it is reached. */
export function MachineFields({ title, path, machine, mistakes, onChange, onRemove }: Props) {
  const change = (typed: Partial<MachineForm>) => onChange(retyped(machine, typed))
  const jumps = path.split('.').length - 2
  const at = (name: string) => mistakeAt(mistakes, `${path}.${name}`)
  return (
    <fieldset className={css.machine}>
      <legend>{title}</legend>
      <div className={classes(css.row, css.machineAddress)}>
        <TextField label="Host" value={machine.host} onChange={(host) => change({ host })} error={at('host')} />
        <TextField label="Port" value={machine.port} onChange={(port) => change({ port })} error={at('port')} />
        <TextField label="User" value={machine.user} onChange={(user) => change({ user })} error={at('user')} />
      </div>
      <Choice label="Log in with" options={LOGINS} value={machine.login} onChange={(login) => change({ login })} />
      <Login machine={machine} at={at} onChange={change} />
      {machine.hostKeyFingerprint && (
        <p className={css.machineKey}>
          Accepted host key: <code>{machine.hostKeyFingerprint}</code>
        </p>
      )}
      {machine.jump ? (
        <MachineFields
          title="By way of"
          path={`${path}.jump`}
          machine={machine.jump}
          mistakes={mistakes}
          onChange={(jump) => onChange({ ...machine, jump })}
          onRemove={() => onChange({ ...machine, jump: null })}
        />
      ) : (
        jumps < MOST_JUMPS && (
          <Button kind="quiet" size="s" onClick={() => onChange({ ...machine, jump: NO_MACHINE })}>
            Add a jump host
          </Button>
        )
      )}
      {onRemove && (
        <Button kind="quiet" size="s" onClick={onRemove}>
          Remove this jump host
        </Button>
      )}
    </fieldset>
  )
}

interface LoginProps {
  machine: MachineForm
  at: (name: string) => string | undefined
  onChange: (typed: Partial<MachineForm>) => void
}

const KEPT = 'One is stored; leave this empty to keep it.'

function Login({ machine, at, onChange }: LoginProps) {
  if (machine.login === 'password') {
    return (
      <TextField
        label="Password"
        type="password"
        autoComplete="off"
        value={machine.password}
        onChange={(password) => onChange({ password })}
        error={at('password') ?? at('privateKey')}
        hint={machine.hasPassword ? KEPT : 'Stored encrypted, and never shown.'}
      />
    )
  }
  return (
    <>
      <TextField
        label="Private key"
        mono
        rows={4}
        value={machine.privateKey}
        onChange={(privateKey) => onChange({ privateKey })}
        error={at('privateKey')}
        hint={
          machine.hasPrivateKey ? KEPT : 'As text, in the form of OpenSSH or PEM. Stored encrypted, and never shown.'
        }
      />
      <TextField
        label="Passphrase of the key (optional)"
        type="password"
        autoComplete="off"
        value={machine.passphrase}
        onChange={(passphrase) => onChange({ passphrase })}
        error={at('passphrase')}
      />
    </>
  )
}
