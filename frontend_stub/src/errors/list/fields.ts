/**
 * What errors can be filtered by: a name, what can be chosen, and where it stands in the filters.
 *
 * Comes in: filters, and the projects, instances, apps and members there are. Goes out: what a menu offers, and chips.
 */
import type { FilterChoicesQuery } from '../../graph/generated/graphql'
import * as parts from '../../parts'
import { type Filters, NOTHING_ASKED, PRIORITIES, SEVERITIES, SOURCES, STATUSES } from './address'
import { DEV_WORDS, SOURCE_WORDS } from './words'

export type Choices = FilterChoicesQuery
type Values = readonly string[]

export interface Option {
  value: string
  label: string
  hint?: string
}

export interface Field {
  key: keyof Filters
  label: string
  /** `text`: what one types; its options are suggestions. */
  input: 'many' | 'one' | 'text'
  placeholder?: string
  options: (choices: Choices | undefined) => Option[]
  values: (filters: Filters) => Values
  change: (values: Values) => Partial<Filters>
}

export interface Chip {
  field: Field
  label: string
  text: string
}

function words<T extends string>(all: readonly T[], labels: Readonly<Record<T, string | { label: string }>>): Option[] {
  return all.map((value) => {
    const known = labels[value]
    return { value, label: typeof known === 'string' ? known : known.label }
  })
}

function many(key: 'severity' | 'priority', label: string, options: Option[]): Field {
  const change = (values: Values) => ({ [key]: values }) as Partial<Filters>
  return { key, label, input: 'many', options: () => options, values: (filters) => filters[key], change }
}

type Single =
  'source' | 'project' | 'instance' | 'app' | 'assignee' | 'environment' | 'release' | 'module' | 'tag' | 'dev'

function one(
  key: Single,
  label: string,
  options: Field['options'],
  input: Field['input'] = 'one',
  placeholder = '',
): Field {
  return {
    key,
    label,
    input,
    placeholder,
    options,
    values: (filters) => (filters[key] === null ? [] : [filters[key]]),
    change: ([value]) => ({ [key]: value ?? null }) as Partial<Filters>,
  }
}

const STATUS: Field = {
  key: 'status',
  label: 'Status',
  input: 'many',
  options: () => words(STATUSES, parts.STATUSES),
  values: ({ status }) => (typeof status === 'string' ? [] : status),
  change: (values) => ({ status: values.length ? STATUSES.filter((each) => values.includes(each)) : 'open' }),
}

const MUTED: Field = {
  key: 'muted',
  label: 'Muted',
  input: 'one',
  options: () => [{ value: 'shown', label: 'Shown, too' }],
  values: ({ muted }) => (muted ? ['shown'] : []),
  change: (values) => ({ muted: values.includes('shown') }),
}

const nothing = () => []
const ENVIRONMENTS: Option[] = [
  { value: 'PRODUCTION', label: 'Production' },
  { value: 'STAGING', label: 'Staging' },
  { value: 'DEVELOPMENT', label: 'Development' },
]

export const FIELDS: readonly Field[] = [
  STATUS,
  many('severity', 'Severity', words(SEVERITIES, parts.SEVERITIES)),
  many('priority', 'Priority', words(PRIORITIES, parts.PRIORITIES)),
  one('project', 'Project', (choices) => choices?.projects.nodes.map(named) ?? []),
  one('instance', 'Instance', (choices) => choices?.instances.nodes.map(placed) ?? []),
  one('app', 'App', (choices) => choices?.apps.nodes.map(placed) ?? []),
  one('environment', 'Environment', () => ENVIRONMENTS, 'text', 'production, or an app’s own word'),
  one('assignee', 'Assignee', people),
  one('source', 'Source', () => words(SOURCES, SOURCE_WORDS)),
  one('release', 'Release', nothing, 'text', 'exactly, as 1.10.2'),
  one('module', 'Module', nothing, 'text', 'a part of its name'),
  one('tag', 'Tag', nothing, 'text', 'key:value'),
  MUTED,
  one('dev', 'Developers’ builds', () => words(['only', 'none'] as const, DEV_WORDS)),
]

/** A chip for each condition. One status alone has none: it is one of the views above the list. */
export function chips(filters: Filters, choices: Choices | undefined): Chip[] {
  return FIELDS.flatMap((field) => {
    const values = field.values(filters)
    if (values.length === 0 || (field === STATUS && values.length === 1)) return []
    const options = field.options(choices)
    const names = values.map((value) => nameOf(field, value, options, choices))
    return [{ field, label: field.label, text: names.join(', ') }]
  })
}

/** The filters without a field's condition. */
export function withoutField(field: Field): Partial<Filters> {
  return { [field.key]: NOTHING_ASKED[field.key] } as Partial<Filters>
}

function nameOf(field: Field, value: string, options: Option[], choices: Choices | undefined): string {
  const known = options.find((option) => option.value === value)?.label
  if (known !== undefined || field.input === 'text') return known ?? value
  return choices ? 'not there any more' : '…'
}

function named({ id, name }: { id: string; name: string }): Option {
  return { value: id, label: name }
}

function placed({ id, name, project }: { id: string; name: string; project: { name: string } }): Option {
  return { value: id, label: name, hint: project.name }
}

/** Oneself first. */
function people(choices: Choices | undefined): Option[] {
  const own = choices?.viewer.member?.id
  const all = choices?.members.nodes ?? []
  const sorted = [...all.filter(({ id }) => id === own), ...all.filter(({ id }) => id !== own)]
  return sorted.map(({ id, name, email }) => ({ value: id, label: id === own ? `${name} (you)` : name, hint: email }))
}
