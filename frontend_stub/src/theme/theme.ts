/** Light or dark: what was chosen, or else what the system has. The choice is kept in this browser. */
import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'
export type Choice = Theme | 'system'

const KEY = 'snaglist.theme'
const SYSTEM = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

/** What was chosen here. */
export function choice(): Choice {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}

/** Choose; pages follow at once. */
export function choose(next: Choice): void {
  try {
    if (next === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  } catch {
    // it counts for this page only then
  }
  show(next)
}

/** The theme that is shown; what draws on a canvas draws again when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(listen, shown)
}

/** The choice, to show it. */
export function useChoice(): Choice {
  return useSyncExternalStore(listen, choice)
}

/** The value of a token such as `--accent`, for a canvas. */
export function colour(token: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim()
}

function shown(): Theme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light'
}

function show(next: Choice): void {
  document.documentElement.dataset['theme'] = next === 'system' ? (SYSTEM.matches ? 'dark' : 'light') : next
  for (const told of [...listeners]) told()
}

function listen(told: () => void): () => void {
  listeners.add(told)
  return () => listeners.delete(told)
}

SYSTEM.addEventListener('change', () => show(choice()))
