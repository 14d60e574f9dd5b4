/**
 * In which environments and releases an error was seen.
 *
 * Comes in: an error. Goes out: their names, the most frequent first: of an app as its events' tags say, of a log as the
 * instances are used.
 */
import type { ErrorOnPageFragment } from '../../../graph/generated/graphql'

type Seen = Pick<ErrorOnPageFragment, 'tags' | 'affectedInstances'>

/** Names that are shown at most. */
const MOST = 3

export function environments({ tags, affectedInstances }: Seen): string | null {
  const ofInstances = affectedInstances.map(({ instance }) => instance.environment.toLowerCase())
  return listed([...new Set([...values(tags, 'environment'), ...ofInstances])])
}

export function releases({ tags }: Pick<Seen, 'tags'>): string | null {
  return listed(values(tags, 'release'))
}

function values(tags: Seen['tags'], key: string): string[] {
  return tags.find((tag) => tag.key === key)?.values.map(({ value }) => value) ?? []
}

function listed(names: readonly string[]): string | null {
  if (names.length === 0) return null
  const more = names.length - MOST
  return names.slice(0, MOST).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
