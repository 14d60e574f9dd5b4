import { Link } from 'react-router'

import { Empty } from '../parts/empty'
import { SearchIcon } from '../parts/icons'

export function NotFound() {
  return (
    <>
      <title>Not found · Snaglist</title>
      <Empty
        icon={<SearchIcon />}
        title="There is no such page"
        hint="The address may be old, or mistyped."
        action={<Link to="/errors">To the errors</Link>}
      />
    </>
  )
}
