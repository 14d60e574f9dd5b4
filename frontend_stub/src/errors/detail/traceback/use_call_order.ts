/** In which order people like to read calls; the browser remembers it. */
import { useCallback, useState } from 'react'
import type { CallOrder } from './fold'

const KEY = 'snaglist.calls'

export function useCallOrder(): [CallOrder, () => void] {
  const [order, setOrder] = useState<CallOrder>(remembered)
  const turnAround = useCallback(() => {
    setOrder((before) => {
      const after = before === 'last-first' ? 'first-first' : 'last-first'
      remember(after)
      return after
    })
  }, [])
  return [order, turnAround]
}

function remembered(): CallOrder {
  try {
    return localStorage.getItem(KEY) === 'first-first' ? 'first-first' : 'last-first'
  } catch {
    return 'last-first' // a browser that keeps nothing
  }
}

function remember(order: CallOrder): void {
  try {
    localStorage.setItem(KEY, order)
  } catch {
    // It is asked for again next time.
  }
}
