/** The page of apps: programs that send their events themselves. With `?app=` in its address it shows one of them. */

import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'react-router'

import { AppIcon, Button, Empty, Failure, Page, PlusIcon, Skeleton } from '../parts'
import { NewProject } from '../projects/new_project'
import { ProjectChoice } from '../projects/project_choice'
import { useProjects } from '../projects/use_projects'
import { useViewer } from '../session'
import { AppForm } from './app_form'
import { AppPages } from './app_list'
import { OneApp } from './one_app'
import { Problems } from './problems'

/** The page, or the page of one app. */
export default function AppsPage() {
  const [address] = useSearchParams()
  const id = address.get('app')
  return id ? <OneApp key={id} id={id} /> : <AllApps />
}

function AllApps() {
  const { may } = useViewer()
  const [address, setAddress] = useSearchParams()
  const projects = useProjects()
  const [opened, setOpened] = useState<'app' | 'project' | null>(null)
  const known = projects.all ?? []
  const isFirst = known.length === 0
  const projectId = address.get('project')
  const newApp = may('MANAGE_INSTANCES') && (
    <Button kind="primary" icon={<PlusIcon />} onClick={() => setOpened('app')}>
      New app
    </Button>
  )
  const close = () => setOpened(null)
  return (
    <Page
      title="Apps"
      about="Programs that send their events themselves: with a Sentry SDK, or by our own API."
      actions={
        !isFirst && (
          <>
            <ProjectChoice projects={known} />
            {newApp}
          </>
        )
      }
    >
      {!projects.all &&
        (projects.error ? <Failure error={projects.error} retry={projects.refresh} /> : <Skeleton lines={6} />)}
      {projects.all && isFirst && <FirstProject mayMake={may('MANAGE_PROJECTS')} onMake={() => setOpened('project')} />}
      {!isFirst && (
        <AppPages
          key={projectId}
          projectId={projectId}
          showsProject={known.length > 1}
          empty={<NoApps action={newApp} />}
        />
      )}
      {!isFirst && may('MANAGE_PROJECTS') && <Problems />}
      {opened === 'app' && !isFirst && (
        <AppForm
          app={null}
          projects={known}
          projectId={projectId ?? known[0]?.id ?? ''}
          onSaved={(id) => setAddress({ app: id })}
          onClose={close}
        />
      )}
      {opened === 'project' && (
        <NewProject
          onMade={() => {
            projects.refresh()
            setOpened('app')
          }}
          onClose={close}
        />
      )}
    </Page>
  )
}

function NoApps({ action }: { action: ReactNode }) {
  return (
    <Empty
      icon={<AppIcon />}
      title="No apps"
      hint="Make one, give its DSN to a Sentry SDK, and its errors are here seconds after they happen."
      action={action}
    />
  )
}

function FirstProject({ mayMake, onMake }: { mayMake: boolean; onMake: () => void }) {
  return (
    <Empty
      icon={<AppIcon />}
      title="First, a project"
      hint="Instances and apps belong to a project. Make one, then the app that sends its events."
      action={
        mayMake && (
          <Button kind="primary" onClick={onMake}>
            New project
          </Button>
        )
      }
    />
  )
}
