/** Occurrences that were heard of live, and which of them came after the one that is shown. */
export interface Heard {
  id: string
  /** In UTC, always as long: later ones are greater. */
  receivedAt: string
}

/** Of more than these it is not known how many there are. */
export const MOST_HEARD = 100

/** With one more, which may be told twice; the last ones are kept. */
export function withHeard(all: readonly Heard[], one: Heard): readonly Heard[] {
  return all.some(({ id }) => id === one.id) ? all : [...all, one].slice(-MOST_HEARD)
}

/** How many were received later than the one that is shown. */
export function later(all: readonly Heard[], shown: Heard): number {
  return all.filter(({ id, receivedAt }) => id !== shown.id && receivedAt > shown.receivedAt).length
}
