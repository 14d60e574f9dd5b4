/** The page of one app: how to set it up, what became of its events, its keys and limits. */

import { type ReactNode, useCallback, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useKeptQuery } from '../graph/use_kept_query'

import { read } from '../graph/generated'
import type { AppSetUpFragment } from '../graph/generated/graphql'
import { Badge, Button, EditIcon, Empty, Failure, Menu, Page, Panel, Skeleton } from '../parts'
import { useViewer } from '../session'
import { AppForm } from './app_form'
import styles from './one_app.module.css'
import { DeleteApp } from './delete_app'
import { APP, APP_SET_UP } from './documents'
import { Keys } from './keys'
import { Limits } from './limits'
import { Numbers } from './numbers'
import { SetUp } from './set_up'

const BACK = <Link to="/apps">All apps</Link>

/** The page. */
export function OneApp({ id }: { id: string }) {
  const [{ data, error, fetching }, ask] = useKeptQuery({
    query: APP,
    variables: { id },
  })
  const refresh = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  const app = read(APP_SET_UP, data?.app)
  if (app) return <Known app={app} onChanged={refresh} />
  return (
    <Page title="App" back={BACK}>
      {error && !fetching && <Failure error={error} retry={refresh} />}
      {!data && !error && <Skeleton lines={8} />}
      {data && <Empty title="There is no such app" hint="It was deleted, or its address is wrong." action={BACK} />}
    </Page>
  )
}

function Known({ app, onChanged }: { app: AppSetUpFragment; onChanged: () => void }) {
  const { may } = useViewer()
  const go = useNavigate()
  const [opened, setOpened] = useState<'edit' | 'delete' | null>(null)
  const mayManage = may('MANAGE_INSTANCES')
  const close = () => setOpened(null)
  const changed = () => {
    close()
    onChanged()
  }
  return (
    <Page
      name={app.name}
      back={BACK}
      title={<Title app={app} />}
      about={`${app.project.name} · number ${app.number}`}
      actions={
        mayManage && <Actions name={app.name} onEdit={() => setOpened('edit')} onDelete={() => setOpened('delete')} />
      }
    >
      <div className={styles.sections}>
        <div className={styles.column}>
          <Section title="Set it up">
            <SetUp app={app} />
          </Section>
          <Section title="Keys">
            <Keys app={app} mayManage={mayManage} onChanged={onChanged} />
          </Section>
          <Section title="Limits and rules">
            <Limits app={app} />
          </Section>
        </div>
        <Section title="Statistics" actions={<Link to={`/errors?app=${encodeURIComponent(app.id)}`}>Its errors</Link>}>
          <Numbers id={app.id} />
        </Section>
      </div>
      {opened === 'edit' && (
        <AppForm app={app} projects={[]} projectId={app.project.id} onSaved={changed} onClose={close} />
      )}
      {opened === 'delete' && <DeleteApp app={app} onDeleted={() => void go('/apps')} onClose={close} />}
    </Page>
  )
}

function Title({ app }: { app: AppSetUpFragment }) {
  return (
    <span className={styles.title}>
      {app.name} <Badge>{app.platform}</Badge>
    </span>
  )
}

function Actions({ name, onEdit, onDelete }: { name: string; onEdit: () => void; onDelete: () => void }) {
  return (
    <>
      <Button icon={<EditIcon />} onClick={onEdit}>
        Edit
      </Button>
      <Menu label={`More about ${name}`} text={false} items={[{ label: 'Delete', onSelect: onDelete, danger: true }]} />
    </>
  )
}

function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Panel title={title} actions={actions}>
      <div className={styles.section}>{children}</div>
    </Panel>
  )
}
