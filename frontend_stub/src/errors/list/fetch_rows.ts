/** Pages of the list, as the server has them now. */
import type { Client, CombinedError } from 'urql'
import type { Asked } from './asked'
import { ErrorListDocument, type Row, rowsOf } from './documents'
import type { Page } from './rows'

export interface Answer {
  page?: Page<Row>
  failure?: CombinedError | undefined
}

const LARGEST = 100
/** Rows that are fetched anew at once; of a longer list the rest has to be asked for again. */
const MOST_ANEW = 300

/** One page: `first` rows, at most 100, after a cursor. */
export async function fetchPage(client: Client, asked: Asked, first: number, after: string | null): Promise<Answer> {
  const variables = { ...asked, first, after }
  const { data, error } = await client
    .query(ErrorListDocument, variables, { requestPolicy: 'network-only' })
    .toPromise()
  if (!data) return { failure: error }
  const { hasNextPage, endCursor } = data.errors.pageInfo
  return { page: { rows: rowsOf(data.errors.nodes), hasMore: hasNextPage, endCursor } }
}

/** From the beginning, as many rows as there were. */
export async function fetchAnew(client: Client, asked: Asked, size: number): Promise<Answer> {
  const wanted = Math.min(size, MOST_ANEW)
  let whole: Page<Row> = { rows: [], endCursor: null, hasMore: true }
  while (whole.hasMore && whole.rows.length < wanted) {
    const first = Math.min(LARGEST, wanted - whole.rows.length)
    const { page, failure } = await fetchPage(client, asked, first, whole.endCursor)
    if (!page) return { failure }
    whole = { ...page, rows: [...whole.rows, ...page.rows] }
  }
  return { page: whole }
}
