import { useState } from 'react'
import { useLocation } from 'react-router'

import { graphql } from '../graph/generated'
import { useLive } from '../graph/live'

const ERROR_OPENED = graphql(`
  subscription ErrorOpenedElsewhere($after: String) {
    errorOpened(after: $after) {
      cursor
      refetch
      errorId
    }
  }
`)

/** How many errors were opened since the list was looked at last: told on every other page. */
export function useNewErrors(): number {
  const [ids, setIds] = useState<ReadonlySet<string>>(NONE)
  const isLooking = useLocation().pathname === '/errors'
  if (isLooking && ids.size > 0) setIds(NONE)
  useLive(
    ERROR_OPENED,
    {},
    ({ errorId }) => {
      if (errorId && !isLooking) setIds((before) => new Set(before).add(errorId))
    },
    () => {}, // how many there were while the connection was away is not worth a question
  )
  return ids.size
}

const NONE: ReadonlySet<string> = new Set()
