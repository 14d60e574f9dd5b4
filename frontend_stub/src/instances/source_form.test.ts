import { describe, expect, it } from 'vitest'

import { formOf, inputOf, isSame, NO_MACHINE, NO_SOURCE, placeOf, retyped, withHostKey } from './source_form'

const BY_WAY = {
  host: 'odoo.internal',
  port: 2222,
  user: 'odoo',
  hostKey: 'ssh-ed25519 AAAA',
  hostKeyFingerprint: 'SHA256:abc',
  hasPrivateKey: true,
  hasPassword: false,
  jump: { host: 'gate', port: 22, user: 'ann', hasPrivateKey: false, hasPassword: true },
}

describe('a source that is stored', () => {
  it('comes back as it was, without secrets', () => {
    const source = { ssh: { ...BY_WAY, log: { kubernetes: { namespace: 'prod', target: 'deploy/odoo' } } } }
    expect(inputOf(formOf(source))).toEqual({
      ssh: {
        host: 'odoo.internal',
        port: 2222,
        user: 'odoo',
        hostKey: 'ssh-ed25519 AAAA',
        jump: { host: 'gate', port: 22, user: 'ann' },
        log: { kubernetes: { namespace: 'prod', target: 'deploy/odoo' } },
      },
    })
    expect(placeOf(source)).toEqual({ kind: 'Kubernetes', place: 'prod / deploy/odoo', machine: 'odoo@odoo.internal' })
  })

  it('is the same until something is typed', () => {
    const before = formOf({ ssh: { ...BY_WAY, log: { file: { path: '/var/log/odoo.log' } } } })
    expect(isSame(before, before)).toBe(true)
    expect(isSame({ ...before, machine: { ...before.machine, passphrase: 'new' } }, before)).toBe(false)
    expect(isSame({ ...before, log: { ...before.log, path: '/other' } }, before)).toBe(false)
  })

  it('can be one that nobody understands', () => {
    expect(placeOf({}).kind).toBe('Unknown')
    expect(formOf({})).toEqual(NO_SOURCE)
  })
})

describe('what is typed', () => {
  it('is exactly one source, whatever was typed for others', () => {
    const log = { ...NO_SOURCE.log, path: '/a', container: ' web ', unit: 'odoo.service' }
    expect(inputOf({ ...NO_SOURCE, log })).toEqual({ localFile: { path: '/a' } })
    expect(inputOf({ ...NO_SOURCE, log: { ...log, kind: 'docker' } })).toEqual({ localDocker: { container: 'web' } })
  })

  it('logs in with a key or a password, not with both', () => {
    const machine = { ...NO_MACHINE, host: 'h', user: 'u', privateKey: 'KEY', passphrase: 'p', password: 'secret' }
    const source = { ...NO_SOURCE, where: 'ssh' as const, machine }
    expect(inputOf(source).ssh).toMatchObject({ privateKey: 'KEY\n', passphrase: 'p' })
    expect(inputOf(source).ssh).not.toHaveProperty('password')
    const other = inputOf({ ...source, machine: { ...machine, login: 'password' } }).ssh
    expect(other).toMatchObject({ password: 'secret' })
    expect(other).not.toHaveProperty('privateKey')
  })

  it('leaves a port that is no number to the server to refuse', () => {
    const source = { ...NO_SOURCE, where: 'ssh' as const, machine: { ...NO_MACHINE, port: 'ssh' } }
    expect(inputOf(source).ssh?.port).toBe(0)
  })

  it('is another machine, with no key accepted, when its host changes', () => {
    const machine = formOf({ ssh: { ...BY_WAY, log: {} } }).machine
    expect(retyped(machine, { passphrase: 'x' }).hostKey).toBe('ssh-ed25519 AAAA')
    expect(retyped(machine, { host: 'other' })).toMatchObject({ hostKey: '', hasPrivateKey: false })
  })
})

describe('a host key', () => {
  const form = formOf({ ssh: { ...BY_WAY, log: {} } })

  it('is accepted for the machine that the server named', () => {
    expect(withHostKey(form, ['source', 'ssh', 'jump', 'hostKey'], 'ssh-rsa B', 'SHA256:b').machine).toMatchObject({
      hostKey: 'ssh-ed25519 AAAA',
      jump: { hostKey: 'ssh-rsa B', hostKeyFingerprint: 'SHA256:b' },
    })
    expect(withHostKey(form, ['source', 'ssh', 'hostKey'], 'ssh-rsa C', 'SHA256:c').machine.hostKey).toBe('ssh-rsa C')
  })
})
