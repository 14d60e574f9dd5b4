/**
 * What is to be put right in a form, at the fields where it is.
 *
 * Comes in: the `userErrors` of a mutation. Goes out: sentences by the path of their field.
 */

interface UserError {
  field: readonly string[] | null
  message: string
}

/** Sentences by path: `name`, `source.ssh.host`; with an empty path where it is no field in particular. */
export type Mistakes = ReadonlyMap<string, string>

export const NO_MISTAKES: Mistakes = new Map()

/** The mistakes by path, the first one where a field has several. */
export function mistakesOf(errors: readonly UserError[]): Mistakes {
  const found = new Map<string, string>()
  for (const { field, message } of errors) {
    const path = (field ?? []).join('.')
    if (!found.has(path)) found.set(path, sentence(message))
  }
  return found
}

/** What is wrong at a field, or at an entry of its list. */
export function mistakeAt(mistakes: Mistakes, path: string): string | undefined {
  const exact = mistakes.get(path)
  if (exact) return exact
  for (const [where, message] of mistakes) {
    const entry = where.startsWith(`${path}.`) ? where.slice(path.length + 1) : ''
    if (/^\d+(\.|$)/.test(entry)) return `Entry ${Number.parseInt(entry, 10) + 1}: ${message}`
  }
  return undefined
}

/** What no field of the form shows. */
export function mistakesElsewhere(mistakes: Mistakes, shown: readonly string[]): string[] {
  return [...mistakes]
    .filter(([path]) => !shown.some((field) => path === field || isEntry(path, field)))
    .map(([, message]) => message)
}

function isEntry(path: string, field: string): boolean {
  return path.startsWith(`${field}.`) && /^\d+(\.|$)/.test(path.slice(field.length + 1))
}

/** The server's words as a sentence to show. */
export function sentence(message: string): string {
  const begun = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
