import { useEffect } from 'react'
import { useRouteError } from 'react-router'

import { Button } from '../parts/button'
import { Empty } from '../parts/empty'
import { WarningIcon } from '../parts/icons'

/** Where a page broke, or could not be fetched: after an update its old files are gone. */
export function Broken() {
  const error = useRouteError()
  useEffect(() => {
    console.error(error)
  }, [error])
  const isFetching = error instanceof TypeError && /import|fetch|module/i.test(error.message)
  return (
    <Empty
      icon={<WarningIcon />}
      title={isFetching ? 'This page could not be fetched' : 'This page broke'}
      hint={
        isFetching
          ? 'Snaglist may have been updated, or cannot be reached.'
          : 'That is a fault of ours. What was done before is safe.'
      }
      action={
        <Button kind="primary" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      }
    />
  )
}
