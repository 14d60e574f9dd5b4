/**
 * Where and under which circumstances an error happened.
 *
 * Comes in: an occurrence. Goes out: names and texts to show, only those that are known.
 */
import type { OccurrenceShownFragment } from '../../../graph/generated/graphql'

export interface Circumstance {
  name: string
  text: string
  /** Whether it is code, as a path or a model. */
  code?: boolean
}

export function circumstances(occurrence: OccurrenceShownFragment): Circumstance[] {
  const all: [string, string | null | undefined, boolean?][] = [
    ['Instance', occurrence.instance?.name],
    ['App', occurrence.app?.name],
    ['Environment', occurrence.environment?.toLowerCase()],
    ['Release', occurrence.release ?? occurrence.appVersion],
    ['Odoo', occurrence.odooVersion],
    ['Commit', occurrence.commitSha?.slice(0, 12), true],
    ['Level', occurrence.level?.toLowerCase()],
    ['Database', occurrence.databaseName, true],
    ['URL', occurrence.httpUrl, true],
    ['Model', occurrence.odooModel, true],
    ['Scheduled action', occurrence.cronJobName],
    ['Server action', occurrence.serverActionId == null ? null : String(occurrence.serverActionId)],
    ['Denied', denied(occurrence)],
    ['Transaction', occurrence.transaction, true],
    ['Logger', occurrence.logger, true],
    ['Server', occurrence.serverName, true],
    ['SDK', occurrence.sdk],
    ['User', occurrence.user ? null : occurrence.userId],
  ]
  return all.flatMap(([name, text, code]) => (text ? [{ name, text, ...(code ? { code } : {}) }] : []))
}

function denied({ aclOperation, aclUid }: OccurrenceShownFragment): string | null {
  if (aclOperation === null) return null
  return aclUid == null ? aclOperation : `${aclOperation} to Odoo user ${aclUid}`
}
