/** The filters, as the address has them, and a way to change them. */
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { type Filters, read, write } from './address'

export type Refine = (change: Partial<Filters>, how?: { replace?: boolean }) => void

/** `refine` changes some of them, as a step that one can go back from, unless it says `replace`. */
export function useFilters(): [Filters, Refine] {
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const filters = useMemo(() => read(new URLSearchParams(text)), [text])
  const refine = useCallback<Refine>(
    (change, how) => {
      setAddress((present) => write({ ...read(present), ...change }), { replace: how?.replace ?? false })
    },
    [setAddress],
  )
  return [filters, refine]
}
