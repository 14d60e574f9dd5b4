/** The way back to the list as it was left: with the filters that its address had. */
import { useEffect } from 'react'
import { type Client, useClient } from 'urql'

/** By session: another one begins with none. */
const searches = new WeakMap<Client, string>()

/** For the list: `search` is its address's search part. */
export function useWayBackHere(search: string): void {
  const client = useClient()
  useEffect(() => {
    searches.set(client, search)
  }, [client, search])
}

/** For the pages that one comes to from the list: its address. */
export function useWayBack(): string {
  const search = searches.get(useClient())
  return search ? `/errors?${search}` : '/errors'
}
