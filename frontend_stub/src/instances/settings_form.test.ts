import { describe, expect, it } from 'vitest'

import { blank, createInput, settingsOf, sourceFields, updateInput } from './settings_form'

const INSTANCE = {
  id: 'I1',
  name: 'Shop',
  slug: 'shop',
  environment: 'STAGING',
  isDetecting: false,
  errorDetectionEnabled: null,
  errorIgnorePatterns: ['bus timeout'],
  addonFolders: ['/opt/addons'],
  odooVersion: '17.0',
  commitSha: null,
  project: { id: 'P1', name: 'Shop' },
  source: {
    localFile: { path: '/var/log/odoo.log' },
    localDocker: null,
    localJournal: null,
    localKubernetes: null,
    ssh: null,
  },
} as unknown as Parameters<typeof settingsOf>[0]

describe('settings of an instance', () => {
  it('send a place only where it was changed, since another one is read from its start', () => {
    const before = settingsOf(INSTANCE)
    const same = updateInput('I1', { ...before, name: ' Webshop ' }, before)
    expect(same).toEqual({
      id: 'I1',
      name: 'Webshop',
      slug: 'shop',
      environment: 'STAGING',
      errorDetectionEnabled: null,
      errorIgnorePatterns: ['bus timeout'],
      addonFolders: ['/opt/addons'],
    })
    const source = { ...before.source, log: { ...before.source.log, path: '/other.log' } }
    expect(updateInput('I1', { ...before, source }, before).source).toEqual({ localFile: { path: '/other.log' } })
  })

  it('forget a version that was taken out', () => {
    const before = settingsOf(INSTANCE)
    expect(updateInput('I1', { ...before, odooVersion: ' ' }, before)).toMatchObject({ odooVersion: null })
  })

  it('leave out empty lines, and have the server make a slug', () => {
    const form = { ...blank('P1'), name: 'A', ignorePatterns: '\n one \n\ntwo', detection: 'off' as const }
    expect(createInput(form)).toMatchObject({
      slug: null,
      errorIgnorePatterns: ['one', 'two'],
      errorDetectionEnabled: false,
    })
  })

  it('know the fields of each machine on the way', () => {
    const { source } = blank('P1')
    const machine = { ...source.machine, jump: { ...source.machine, login: 'password' as const } }
    const shown = sourceFields({ ...source, where: 'ssh', machine }, 'source.ssh.log.file')
    expect(shown).toContain('source.ssh.passphrase')
    expect(shown).toContain('source.ssh.jump.password')
    expect(shown).not.toContain('source.ssh.jump.passphrase')
  })
})
