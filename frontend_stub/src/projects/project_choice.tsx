/** Which project a page shows, kept in its address; nothing to choose where there is one only. */

import { useSearchParams } from 'react-router'

import { Select } from '../parts'
import type { ProjectInList } from './use_projects'

/** The choice of a project, or of all. */
export function ProjectChoice({ projects }: { projects: readonly ProjectInList[] }) {
  const [address, setAddress] = useSearchParams()
  if (projects.length < 2) return null
  const choose = (id: string) => {
    const next = new URLSearchParams(address)
    if (id) next.set('project', id)
    else next.delete('project')
    setAddress(next)
  }
  return (
    <Select
      label="Project"
      value={address.get('project') ?? ''}
      onChange={choose}
      options={[{ value: '', label: 'All projects' }, ...projects.map((one) => ({ value: one.id, label: one.name }))]}
    />
  )
}
