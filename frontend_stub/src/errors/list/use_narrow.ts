/** Whether the window is as narrow as a phone's. */
import { useSyncExternalStore } from 'react'

const NARROW = '(max-width: 720px)'

export function useNarrow(): boolean {
  return useSyncExternalStore(listen, () => window.matchMedia(NARROW).matches)
}

function listen(changed: () => void): () => void {
  const query = window.matchMedia(NARROW)
  query.addEventListener('change', changed)
  return () => {
    query.removeEventListener('change', changed)
  }
}
