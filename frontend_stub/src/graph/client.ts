/** How the graph is asked: one client for each session, so that nobody sees what another one was shown. */
import { Client, fetchExchange, mapExchange } from 'urql'

import { codeOf } from './failures'
import { persistedExchange } from './persisted'
import { rememberingExchange } from './remembered'

/** Where the graph is: at the server that the page is from. */
export const GRAPH_PATH = '/graphql'

/** A client. `token`: what is sent with each request, null where a cookie does it. `onLost` is called when the server
 * says that nobody is signed in any more. */
export function makeClient(token: string | null, onLost: () => void): Client {
  return new Client({
    url: GRAPH_PATH,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: {
      // so that an answer is 200 whatever it holds, and no browser complains that nobody is signed in yet
      headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      credentials: 'same-origin',
    },
    exchanges: [
      rememberingExchange,
      mapExchange({
        onError(error) {
          if (codeOf(error) === 'UNAUTHENTICATED') onLost()
        },
      }),
      ...(import.meta.env.PROD ? [persistedExchange] : []), // a document that is being written is in no build
      fetchExchange,
    ],
  })
}
