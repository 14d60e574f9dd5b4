/** What is asked of the server for an address, as of a moment: a quick range begins there. */
import { useCallback, useState } from 'react'
import type { ErrorFilter, ErrorOrder } from '../../graph/generated/graphql'
import { read } from './address'
import { condition } from './conditions'

export interface Asked {
  filter: ErrorFilter
  orderBy: ErrorOrder
}

/** The same as long as the address is, until the function that comes out is called: then as of now. */
export function useAsked(address: string): [Asked, () => void] {
  const [present, setPresent] = useState(() => ({ address, asked: askedAt(address, Date.now()) }))
  let { asked } = present
  if (present.address !== address) {
    asked = askedNow(address)
    setPresent({ address, asked })
  }
  const renew = useCallback(() => {
    setPresent((before) => ({ ...before, asked: renewed(before.asked, askedNow(before.address)) }))
  }, [])
  return [asked, renew]
}

function askedNow(address: string): Asked {
  return askedAt(address, Date.now())
}

/** What an address asks at a time, in milliseconds. */
export function askedAt(address: string, now: number): Asked {
  const filters = read(new URLSearchParams(address))
  return { filter: condition(filters, now), orderBy: filters.sort }
}

/** The later one; the earlier one itself where it asks for the same. */
export function renewed(before: Asked, after: Asked): Asked {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after
}
