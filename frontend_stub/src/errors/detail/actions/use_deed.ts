/**
 * Doing something with an error, and saying how it went.
 *
 * Comes in: a mutation and how to read its payload. Goes out: a function that does it, shows a toast with what was done or
 * what is to be put right, and has the page ask anew.
 */
import { useCallback } from 'react'
import { type AnyVariables, type TypedDocumentNode, useMutation } from 'urql'
import { told } from '../../../graph/failures'
import { useToast } from '../../../parts'

interface Payload {
  userErrors: readonly { message: string }[]
}

export interface Said {
  text: string
  undo?: (() => void) | undefined
}

/** The function answers the payload where all went well, and null otherwise. */
export function useDeed<Data, Input, Result extends Payload>(
  document: TypedDocumentNode<Data, { input: Input } & AnyVariables>,
  payload: (data: Data) => Result,
  refresh: () => void,
) {
  const [, execute] = useMutation<Data, { input: Input } & AnyVariables>(document)
  const toast = useToast()
  return useCallback(
    async (input: Input, said: Said | null): Promise<Result | null> => {
      const { data, error } = await execute({ input } as { input: Input } & AnyVariables)
      const result = data ? payload(data) : null
      const wrong =
        result?.userErrors.map((mistake) => mistake.message).join(' ') || (error && told(error).text)
      if (!result || wrong) {
        toast(wrong ?? 'The server did not answer', { tone: 'bad' })
        return null
      }
      if (said) toast(said.text, said.undo ? { undo: said.undo } : {})
      refresh()
      return result
    },
    [execute, payload, refresh, toast],
  )
}
