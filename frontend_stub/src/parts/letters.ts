/** Whether keys that are one sign do something, which whoever dictates or uses a switch turns off. Kept in this browser. */
import { useSyncExternalStore } from 'react'

const KEY = 'snaglist.letters'
const OFF = 'off'
const listeners = new Set<() => void>()
let areOn = kept()

/** Whether they do. */
export function letters(): boolean {
  return areOn
}

/** Turn them on or off; it counts at once. */
export function turnLetters(on: boolean): void {
  areOn = on
  try {
    if (on) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, OFF)
  } catch {
    // it counts for this page only then
  }
  for (const told of [...listeners]) told()
}

/** Whether they do, to show it. */
export function useLetters(): boolean {
  return useSyncExternalStore(listen, letters)
}

function listen(told: () => void): () => void {
  listeners.add(told)
  return () => listeners.delete(told)
}

function kept(): boolean {
  try {
    return localStorage.getItem(KEY) !== OFF
  } catch {
    return true
  }
}
