import { gql } from 'urql'

/** A document as it is built (build/documents.ts puts it in the place of `graphql(...)`): its hash, and its text. */
export function documentOf(hash: string, text: string): object {
  return Object.assign(gql(text), { __meta__: { hash } })
}
