/** Keeps a page fresh: asks again every few seconds while somebody looks at it, and at once when they come back. */

import { useEffect } from 'react'

/** Call `refresh` every `seconds` while the page is to be seen. */
export function useRefresh(refresh: () => void, seconds: number): void {
  useEffect(() => {
    const look = () => {
      if (!document.hidden) refresh()
    }
    const timer = setInterval(look, seconds * 1000)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [refresh, seconds])
}
