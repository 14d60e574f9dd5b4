/**
 * An instance's settings as a form has them, and as the graph wants them.
 *
 * Comes in: an instance, or nothing. Goes out: the inputs of `instanceCreate` and `instanceUpdate`.
 */

import type {
  Environment,
  InstanceCreateInput,
  InstanceInListFragment,
  InstanceUpdateInput,
} from '../graph/generated/graphql'
import { entries } from '../projects/entries'
import { formOf, inputOf, isSame, NO_SOURCE, type SourceForm } from './source_form'

export interface SettingsForm {
  projectId: string
  name: string
  slug: string
  environment: Environment
  detection: 'inherit' | 'on' | 'off'
  ignorePatterns: string
  addonFolders: string
  odooVersion: string
  commitSha: string
  source: SourceForm
}

/** The fields that show what is wrong with them; the rest is told above the form. */
export function shownFields(source: readonly string[]): string[] {
  return [
    'projectId',
    'name',
    'slug',
    'environment',
    'errorIgnorePatterns',
    'addonFolders',
    'odooVersion',
    'commitSha',
    ...source,
  ]
}

/** The form of an instance to be. */
export function blank(projectId: string): SettingsForm {
  return {
    projectId,
    name: '',
    slug: '',
    environment: 'PRODUCTION',
    detection: 'inherit',
    ignorePatterns: '',
    addonFolders: '',
    odooVersion: '',
    commitSha: '',
    source: NO_SOURCE,
  }
}

/** The form of an instance. */
export function settingsOf(instance: InstanceInListFragment): SettingsForm {
  const wanted = instance.errorDetectionEnabled
  return {
    projectId: instance.project.id,
    name: instance.name,
    slug: instance.slug,
    environment: instance.environment,
    detection: wanted === null ? 'inherit' : wanted ? 'on' : 'off',
    ignorePatterns: instance.errorIgnorePatterns.join('\n'),
    addonFolders: instance.addonFolders.join('\n'),
    odooVersion: instance.odooVersion ?? '',
    commitSha: instance.commitSha ?? '',
    source: formOf(instance.source),
  }
}

const DETECTION = { inherit: null, on: true, off: false } as const

/** The instance to be. */
export function createInput(form: SettingsForm): InstanceCreateInput {
  return {
    projectId: form.projectId,
    name: form.name.trim(),
    slug: form.slug.trim() || null,
    environment: form.environment,
    source: inputOf(form.source),
    errorDetectionEnabled: DETECTION[form.detection],
    errorIgnorePatterns: entries(form.ignorePatterns),
    addonFolders: entries(form.addonFolders),
  }
}

/** What is to be different: a place that nobody changed is not sent, since another one would be read from its start. */
export function updateInput(id: string, form: SettingsForm, before: SettingsForm): InstanceUpdateInput {
  return {
    id,
    name: form.name.trim(),
    slug: form.slug.trim() || null,
    environment: form.environment,
    ...(isSame(form.source, before.source) ? {} : { source: inputOf(form.source) }),
    errorDetectionEnabled: DETECTION[form.detection],
    errorIgnorePatterns: entries(form.ignorePatterns),
    addonFolders: entries(form.addonFolders),
    ...(form.odooVersion === before.odooVersion ? {} : { odooVersion: form.odooVersion.trim() || null }),
    ...(form.commitSha === before.commitSha ? {} : { commitSha: form.commitSha.trim() || null }),
  }
}

/** The graph's paths of the fields of a source that its form shows. */
export function sourceFields(source: SourceForm, log: string): string[] {
  const found = ['path', 'container', 'unit', 'namespace', 'target'].map((name) => `${log}.${name}`)
  if (source.where === 'here') return found
  let path = 'source.ssh'
  for (let machine: SourceForm['machine'] | null = source.machine; machine; machine = machine.jump) {
    const login = machine.login === 'key' ? ['privateKey', 'passphrase'] : ['password', 'privateKey']
    found.push(...['host', 'port', 'user', ...login].map((name) => `${path}.${name}`))
    path += '.jump'
  }
  return found
}
