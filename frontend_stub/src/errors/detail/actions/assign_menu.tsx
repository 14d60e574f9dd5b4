/** Who is to work on the error: a menu of the members, oneself first. */
import { useKeptQuery } from '../../../graph/use_kept_query'
import { Menu } from '../../../parts'
import { MEMBERS } from './documents'

interface Props {
  assignee: { id: string; name: string } | null
  onAssign: (memberId: string | null, name: string | null) => void
}

export function AssignMenu({ assignee, onAssign }: Props) {
  const [{ data }] = useKeptQuery({ query: MEMBERS })
  const ownId = data?.viewer.member?.id
  const others = data?.members.nodes.filter((member) => member.id !== ownId) ?? []
  const own = data?.members.nodes.find((member) => member.id === ownId)
  const items = [
    ...(own
      ? [
          {
            label: `${own.name} (you)`,
            onSelect: () => onAssign(own.id, own.name),
          },
        ]
      : []),
    ...others.map(({ id, name }) => ({
      label: name,
      onSelect: () => onAssign(id, name),
    })),
    ...(assignee
      ? [
          {
            label: 'Nobody',
            onSelect: () => onAssign(null, null),
          },
        ]
      : []),
  ]
  return <Menu size="s" label={assignee ? `Assigned to ${assignee.name}` : 'Assign'} items={items} />
}
