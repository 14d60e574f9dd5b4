/** Where there are no rows: why, and what to do about it. */
import { Link } from 'react-router'
import { Button, Empty, ErrorIcon, ResolveIcon, SearchIcon } from '../../parts'
import { cleared, type Filters, isFiltered } from './address'
import type { Choices } from './fields'
import type { Refine } from './use_filters'

interface Props {
  filters: Filters
  choices: Choices | undefined
  refine: Refine
}

export function Blank({ filters, choices, refine }: Props) {
  if (choices && isNew(choices)) {
    return (
      <Empty
        icon={<ErrorIcon />}
        title="Nothing is watched yet"
        hint="Add an instance, and its log is scanned for errors; or an app that sends its events itself."
        action={
          <>
            <Link to="/instances">Add an instance</Link> or <Link to="/apps">an app</Link>
          </>
        }
      />
    )
  }
  if (isFiltered(filters)) {
    return (
      <Empty
        icon={<SearchIcon />}
        title="No error matches"
        hint={filters.search ? 'Nothing has this in its title, message, module or path.' : 'Try fewer conditions.'}
        action={
          <Button
            onClick={() => {
              refine(cleared(filters))
            }}
          >
            Clear filters
          </Button>
        }
      />
    )
  }
  return (
    <Empty
      icon={<ResolveIcon />}
      title="No open errors"
      hint="All that was heard of is dealt with. New ones appear here by themselves."
      action={
        <Button
          onClick={() => {
            refine({ status: 'all' })
          }}
        >
          Show resolved ones, too
        </Button>
      }
    />
  )
}

/** There is nothing that could have errors. */
function isNew({ projects, instances, apps }: Choices): boolean {
  return projects.nodes.length === 0 || (instances.nodes.length === 0 && apps.nodes.length === 0)
}
