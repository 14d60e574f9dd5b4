/** The organization's projects, for choosing one of them. */

import { useCallback } from 'react'
import { type CombinedError } from 'urql'
import { useKeptQuery } from '../graph/use_kept_query'

import type { ProjectsQuery } from '../graph/generated/graphql'
import { PROJECTS } from './documents'

export type ProjectInList = ProjectsQuery['projects']['nodes'][number]

export interface Projects {
  /** Null while they are not known. */
  all: readonly ProjectInList[] | null
  error: CombinedError | undefined
  refresh: () => void
}

/** The projects, asked anew by `refresh`. */
export function useProjects(): Projects {
  const [{ data, error }, ask] = useKeptQuery({ query: PROJECTS })
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  return { all: data?.projects.nodes ?? null, error: data ? undefined : error, refresh }
}
