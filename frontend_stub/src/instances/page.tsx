/** The page of instances: the Odoo servers whose logs are scanned. */

import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'react-router'

import type { InstanceInListFragment } from '../graph/generated/graphql'
import { Button, Empty, Failure, Page, PlusIcon, ServerIcon, Skeleton } from '../parts'
import { NewProject } from '../projects/new_project'
import { ProjectChoice } from '../projects/project_choice'
import { type ProjectInList, useProjects } from '../projects/use_projects'
import { useViewer } from '../session'
import { DeleteInstance } from './delete_instance'
import { InstanceForm } from './instance_form'
import { InstancePage } from './instance_pages'
import styles from './instances.module.css'

/** What stands open over the page. */
type Opened = { what: 'add' | 'project' } | { what: 'edit' | 'delete'; instance: InstanceInListFragment } | null

/** The page. */
export default function InstancesPage() {
  const { may } = useViewer()
  const [address] = useSearchParams()
  const projects = useProjects()
  const [opened, setOpened] = useState<Opened>(null)
  const [changes, setChanges] = useState(0)
  const known = projects.all ?? []
  const isFirst = known.length === 0
  const addButton = may('MANAGE_INSTANCES') && (
    <Button kind="primary" icon={<PlusIcon />} onClick={() => setOpened({ what: 'add' })}>
      Add instance
    </Button>
  )
  const newProject = may('MANAGE_PROJECTS') && (
    <Button kind={isFirst ? 'primary' : 'plain'} onClick={() => setOpened({ what: 'project' })}>
      New project
    </Button>
  )
  const listed = { projectId: address.get('project'), changes, showsProject: known.length > 1 }
  return (
    <Page
      title="Instances"
      about="Odoo servers whose logs are read."
      actions={
        !isFirst && (
          <>
            <ProjectChoice projects={known} />
            {newProject}
            {addButton}
          </>
        )
      }
    >
      {!projects.all &&
        (projects.error ? <Failure error={projects.error} retry={projects.refresh} /> : <Skeleton lines={6} />)}
      {projects.all && isFirst && <FirstProject action={newProject} />}
      {!isFirst && (
        <Pages
          key={listed.projectId}
          {...listed}
          mayManage={may('MANAGE_INSTANCES')}
          action={addButton}
          onOpen={setOpened}
        />
      )}
      <OpenedDialog
        opened={opened}
        projects={known}
        projectId={listed.projectId ?? known[0]?.id ?? ''}
        onChanged={() => {
          setChanges(changes + 1)
          setOpened(null)
        }}
        onMade={() => {
          projects.refresh()
          setOpened(isFirst ? { what: 'add' } : null)
        }}
        onClose={() => setOpened(null)}
      />
    </Page>
  )
}

function FirstProject({ action }: { action: ReactNode }) {
  return (
    <Empty
      icon={<ServerIcon />}
      title="First, a project"
      hint="Instances and apps belong to a project. Make one, then add the Odoo server whose log is to be read."
      action={action}
    />
  )
}

interface DialogProps {
  opened: Opened
  projects: readonly ProjectInList[]
  projectId: string
  onChanged: () => void
  onMade: () => void
  onClose: () => void
}

function OpenedDialog({ opened, projects, projectId, onChanged, onMade, onClose }: DialogProps) {
  if (opened === null) return null
  if (opened.what === 'project') return <NewProject onMade={onMade} onClose={onClose} />
  if (opened.what === 'delete')
    return <DeleteInstance instance={opened.instance} onDeleted={onChanged} onClose={onClose} />
  if (projects.length === 0) return null
  const instance = opened.what === 'edit' ? opened.instance : null
  return (
    <InstanceForm instance={instance} projects={projects} projectId={projectId} onSaved={onChanged} onClose={onClose} />
  )
}

interface PagesProps {
  projectId: string | null
  changes: number
  showsProject: boolean
  mayManage: boolean
  action: ReactNode
  onOpen: (opened: Opened) => void
}

function Pages({ action, onOpen, ...page }: PagesProps) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null])
  const empty = (
    <Empty
      icon={<ServerIcon />}
      title="No instances"
      hint="An instance is a running Odoo server. Tell where its log is, and its errors are here a minute later."
      action={action}
    />
  )
  return (
    <div className={styles.instances}>
      {cursors.map((after, place) => (
        <InstancePage
          key={after}
          {...page}
          after={after}
          empty={empty}
          onEdit={(instance) => onOpen({ what: 'edit', instance })}
          onDelete={(instance) => onOpen({ what: 'delete', instance })}
          onMore={place === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : null}
        />
      ))}
    </div>
  )
}
