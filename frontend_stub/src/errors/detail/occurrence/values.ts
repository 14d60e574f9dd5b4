/**
 * Values that apps send along, as pairs of a name and a text.
 *
 * Comes in: JSON of any form, `contexts` or `extra` for instance. Goes out: rows to show, in the order in which they
 * came; what is deep stays JSON.
 */

export interface Row {
  name: string
  text: string
  /** Whether the text is JSON, to be shown as code. */
  code: boolean
}

/** One row per entry of an object; one without a name for anything else; none for null. */
export function rows(value: unknown): Row[] {
  if (value === null || value === undefined) return []
  if (!isObject(value)) return [{ name: '', ...shown(value) }]
  return Object.entries(value).map(([name, entry]) => ({ name, ...shown(entry) }))
}

/** The contexts of an event, each with its rows; empty ones left out. */
export function contexts(value: unknown): { name: string; rows: Row[] }[] {
  if (!isObject(value)) return []
  return Object.entries(value)
    .map(([name, entry]) => ({
      name,
      rows: rows(entry).filter((row) => row.name !== 'type' || row.text !== name),
    }))
    .filter((context) => context.rows.length > 0)
}

function shown(value: unknown): Pick<Row, 'text' | 'code'> {
  if (typeof value === 'string') return { text: value, code: value.includes('\n') }
  if (typeof value === 'object' && value !== null) return { text: JSON.stringify(value, null, 2), code: true }
  return { text: String(value), code: false }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
