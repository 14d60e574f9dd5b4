/**
 * The two parts of an error's title.
 *
 * Comes in: an error. Goes out: the short name of its exception, to stand out, and what it says, in one line or few.
 */
import type { ErrorOnPageFragment } from '../../graph/generated/graphql'

/** Characters of a message that a title shows; the page has all of it further down. */
const LONGEST = 300

/** `KeyError` and `'voucher'`; the whole title where there is no exception. */
export function titleParts(error: Pick<ErrorOnPageFragment, 'title' | 'exceptionType'>) {
  const type = error.exceptionType?.split('.').pop() ?? null
  const begin = `${type ?? ''}: `
  if (type === null) return { type: null, text: cut(error.title) }
  if (error.title === type) return { type, text: '' }
  return { type, text: cut(error.title.startsWith(begin) ? error.title.slice(begin.length) : error.title) }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
