import { type Client, CombinedError } from 'urql'
import { describe, expect, it } from 'vitest'
import { type Change, perform } from './change'

type Done = Record<string, unknown>

/** A client whose server answers each mutation with what `answer` makes of its input. */
function client(answer: (input: Record<string, unknown>) => Done | CombinedError) {
  const inputs: Record<string, unknown>[] = []
  const mutation = (_document: unknown, { input }: { input: Record<string, unknown> }) => {
    inputs.push(input)
    const found = answer(input)
    const result = found instanceof CombinedError ? { error: found } : { data: { done: { userErrors: [], ...found } } }
    return { toPromise: () => Promise.resolve(result) }
  }
  return { client: { mutation } as unknown as Client, inputs }
}
const rows = (ids: unknown) => (ids as string[]).map((id) => ({ id }))
const RESOLVE: Change = { kind: 'resolve' }

describe('a change', () => {
  it('goes in turns of a hundred', async () => {
    const ids = Array.from({ length: 230 }, (_, number) => `e${String(number)}`)
    const server = client(({ ids: some }) => ({ errorGroups: rows(some) }))
    const outcome = await perform(server.client, RESOLVE, ids)
    expect(server.inputs.map(({ ids: some }) => (some as string[]).length)).toEqual([100, 100, 30])
    expect(outcome.rows.map(({ id }) => id)).toEqual(ids)
    expect(outcome.problems).toEqual([])
  })

  it('ends at the turn that meets a problem, and says which errors it counts in', async () => {
    const ids = Array.from({ length: 150 }, (_, number) => `e${String(number)}`)
    const problem = { field: ['ids', '1'], message: 'no', code: 'INVALID_TRANSITION' }
    const server = client(({ ids: some }) =>
      (some as string[])[0] === 'e0' ? { errorGroups: rows(some) } : { errorGroups: [], userErrors: [problem] },
    )
    const outcome = await perform(server.client, { kind: 'reopen' }, ids)
    expect(outcome.rows).toHaveLength(100)
    expect(outcome.problems).toEqual([problem])
    expect(outcome.asked[1]).toBe('e101')
  })

  it('takes away what was merged, before or now, and what was deleted', async () => {
    const merged = await perform(
      client(() => ({ errorGroups: rows(['b', 'a']) })).client,
      { kind: 'merge', primaryId: 'b' },
      ['a', 'b'],
    )
    expect(merged.rows.map(({ id }) => id)).toEqual(['b'])
    expect(merged.gone).toEqual(['a'])
    const gone = await perform(client(() => ({ deletedErrorGroupIds: ['a', 'z'] })).client, { kind: 'delete' }, ['a'])
    expect(gone.gone).toEqual(['a', 'z'])
    const before = await perform(client(() => ({ errorGroups: rows(['b']) })).client, { kind: 'claim' }, ['a'])
    expect(before.gone).toEqual(['a'])
  })

  it('tells a failure', async () => {
    const failure = new CombinedError({ networkError: new Error('away') })
    const outcome = await perform(client(() => failure).client, RESOLVE, ['a'])
    expect(outcome.failure).toBe(failure)
    expect(outcome.rows).toEqual([])
  })
})
