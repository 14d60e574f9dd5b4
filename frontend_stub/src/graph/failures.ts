/** What can go wrong between here and the server, in words. */
import { CombinedError } from 'urql'

export interface Told {
  title: string
  text: string
  /** `extensions.code` of the first error, `NETWORK` where nobody answered, null where it has none. */
  code: string | null
}

const TITLES: Record<string, string> = {
  NETWORK: 'Snaglist cannot be reached',
  UNAVAILABLE: 'Snaglist is not ready yet',
  UNAUTHENTICATED: 'You are not signed in',
  FORBIDDEN: 'Not allowed',
  RATE_LIMITED: 'Too many questions at once',
  COST_EXCEEDED: 'That asks for too much at once',
  INTERNAL: 'Something went wrong on the server',
}

/** `extensions.code` of an error of the graph; null where it has none. */
export function codeOf(error: CombinedError | Error): string | null {
  if (!(error instanceof CombinedError)) return null
  for (const one of error.graphQLErrors) {
    const code = one.extensions['code']
    if (typeof code === 'string') return code
  }
  return error.networkError ? 'NETWORK' : null
}

/** A title and a sentence to show. */
export function told(error: CombinedError | Error): Told {
  const code = codeOf(error)
  const first = error instanceof CombinedError ? error.graphQLErrors[0]?.message : error.message
  const text =
    code === 'NETWORK'
      ? 'Is it running? The page will work again as soon as it answers.'
      : sentence(first ?? 'It may work when tried again.')
  return { title: (code && TITLES[code]) ?? 'That did not work', text, code }
}

/** Errors of the graph begin small and have no full stop. */
function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
