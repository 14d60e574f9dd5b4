/** What is asked of the server for an address, as of now: a quick range begins when it is first asked for. */
import { useMemo } from 'react'
import type { ErrorFilter, ErrorOrder } from '../../graph/generated/graphql'
import { read } from './address'
import { condition } from './conditions'

export interface Asked {
  filter: ErrorFilter
  orderBy: ErrorOrder
}

/** The same as long as the address is. */
export function useAsked(address: string): Asked {
  return useMemo(() => asked(address), [address])
}

function asked(address: string): Asked {
  const filters = read(new URLSearchParams(address))
  return { filter: condition(filters, Date.now()), orderBy: filters.sort }
}
