import { useCallback } from 'react'

import { told } from '../graph/failures'
import { useToast } from '../parts/toast'
import { useSession } from './session'

/** Signs out, or says why that did not work. */
export function useSignOut(): () => void {
  const { end } = useSession()
  const toast = useToast()
  return useCallback(() => {
    void end().then((error) => {
      if (error) toast(`You are still signed in: ${told(error).text}`, { tone: 'bad' })
    })
  }, [end, toast])
}
