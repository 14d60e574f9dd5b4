/** An access token, for as long as the tab is there: it is in no cookie, and no other tab sees it. */

const KEY = 'snaglist.token'
let held: string | null = null // where the browser keeps nothing

/** The token that was pasted, or came with the address; null where a cookie may do. */
export function keptToken(): string | null {
  try {
    return sessionStorage.getItem(KEY) ?? held
  } catch {
    return held
  }
}

/** Keep it; null forgets it. */
export function keepToken(token: string | null): void {
  held = token
  try {
    if (token) sessionStorage.setItem(KEY, token)
    else sessionStorage.removeItem(KEY)
  } catch {
    // `held` has it
  }
}

/** The token in an address's fragment, `#token=...`; null where there is none. */
export function tokenIn(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('token')?.trim() || null
}

/** Take over `#token=...`, and take it out of the address and the browser's history at once. */
export function takeTokenFromAddress(): void {
  const token = tokenIn(window.location.hash)
  if (!token) return
  keepToken(token)
  window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
}
