/**
 * What is told while an answer is on its way: the answer may be older, so that it is done again on top of it.
 *
 *     const since = meanwhile.begin()
 *     const page = await ...
 *     show(since()(page))
 */
type Step<T> = (before: T) => T

export interface Meanwhile<T> {
  /** A change that was just made to what is shown. */
  note: (step: Step<T>) => void
  /** An answer is being asked for. To be called when it is there, once: what happened since, as one step. */
  begin: () => () => Step<T>
}

export function meanwhile<T>(): Meanwhile<T> {
  let asking = 0
  let steps: Step<T>[] = []
  return {
    note(step) {
      if (asking > 0) steps.push(step)
    },
    begin() {
      if (asking === 0) steps = []
      asking += 1
      const from = steps.length
      return () => {
        asking -= 1
        const since = steps.slice(from)
        return (answer) => since.reduce((before, step) => step(before), answer)
      }
    },
  }
}
