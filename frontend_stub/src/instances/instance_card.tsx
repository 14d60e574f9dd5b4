/** One instance in the list: what it is, where its log is, how its scans go, and what can be done with it. */

import { useState } from 'react'
import { Link } from 'react-router'
import { useMutation } from 'urql'

import type { InstanceInListFragment, ScanInstanceMutation } from '../graph/generated/graphql'
import { classes, Badge, Button, Menu, TimeAgo } from '../parts'
import { sentence } from '../projects/mistakes'
import { failed } from '../projects/wrong'
import { SCAN_INSTANCE } from './documents'
import { bytes, many, scanState } from './scan_state'
import { placeOf } from './source_form'
import { TriedBox } from './tried'
import { useTry } from './use_try'
import styles from './instances.module.css'

const ENVIRONMENTS = { PRODUCTION: 'Production', STAGING: 'Staging', DEVELOPMENT: 'Development' } as const

interface Props {
  instance: InstanceInListFragment
  showsProject: boolean
  mayManage: boolean
  onEdit: () => void
  onDelete: () => void
}

/** The card. */
export function InstanceCard({ instance, showsProject, mayManage, onEdit, onDelete }: Props) {
  const scan = useScan(instance.id)
  const trying = useTry()
  return (
    <article className={styles.instance} aria-label={instance.name}>
      <header className={styles.head}>
        <h2>{instance.name}</h2>
        <Badge tone={instance.environment === 'PRODUCTION' ? 'blue' : 'grey'}>
          {ENVIRONMENTS[instance.environment]}
        </Badge>
        {showsProject && <span className={styles.project}>{instance.project.name}</span>}
        <span className={styles.actions}>
          {mayManage && (
            <>
              <Button size="s" busy={scan.isScanning} onClick={() => void scan.start()}>
                {scan.isScanning ? 'Scanning …' : 'Scan now'}
              </Button>
              <Menu
                label={`More about ${instance.name}`}
                text={false}
                size="s"
                items={[
                  { label: 'Test connection', onSelect: () => void trying.attempt({ id: instance.id }) },
                  { label: 'Edit', onSelect: onEdit },
                  { label: 'Delete', onSelect: onDelete, danger: true },
                ]}
              />
            </>
          )}
        </span>
      </header>
      <Place instance={instance} />
      <Scans instance={instance} />
      <p role="status" className={classes(styles.told, scan.isBad && styles.isBad)}>
        {scan.told}
      </p>
      <TriedBox trying={trying} onAccept={null} />
    </article>
  )
}

function Place({ instance }: { instance: InstanceInListFragment }) {
  const { kind, place, machine } = placeOf(instance.source)
  return (
    <p className={styles.place}>
      <span className={styles.kind}>{kind}</span>
      {machine && <code>{machine}</code>}
      <code>{place}</code>
      {instance.odooVersion && <span>Odoo {instance.odooVersion}</span>}
      {instance.commitSha && <code title={instance.commitSha}>{instance.commitSha.slice(0, 9)}</code>}
      <Link to={`/errors?instance=${encodeURIComponent(instance.id)}`}>
        Its errors<span className="aside-for-ears"> of {instance.name}</span>
      </Link>
    </p>
  )
}

function Scans({ instance }: { instance: InstanceInListFragment }) {
  const state = scanState(instance)
  return (
    <div className={styles.scans}>
      <p>
        <Badge tone={state.tone}>{state.label}</Badge>
        {instance.lastScanAt && (
          <span>
            Scanned <TimeAgo at={instance.lastScanAt} />
          </span>
        )}
        {state.tone === 'red' || state.tone === 'orange' ? <Since at={state.since} /> : null}
        {!instance.isDetecting && <span>Scanned only when somebody asks</span>}
      </p>
      {state.reason && <p className={styles.reason}>{sentence(state.reason)}</p>}
      {instance.lastMissedAt && (
        <p className={styles.missed}>
          Text was gone before it could be read <TimeAgo at={instance.lastMissedAt} />: {instance.lastMissed}
        </p>
      )}
    </div>
  )
}

function Since({ at }: { at: string | null }) {
  if (at === null) return <span>Its end was never reached</span>
  return (
    <span>
      Its end was last reached <TimeAgo at={at} />
    </span>
  )
}

type Scanned = ScanInstanceMutation['instanceScan']

function useScan(id: string) {
  const [{ fetching, error }, scan] = useMutation(SCAN_INSTANCE)
  const [scanned, setScanned] = useState<Scanned | null>(null)
  const start = async () => {
    setScanned(null)
    const { data } = await scan({ input: { id } })
    setScanned(data?.instanceScan ?? null)
  }
  const mistakes = scanned?.userErrors.map((one) => sentence(one.message)).join(' ') ?? ''
  const told = error ? failed(error) : [scanned && found(scanned), mistakes].filter(Boolean).join(' ')
  return { start, isScanning: fetching, told, isBad: Boolean(error ?? mistakes) }
}

function found({ bytesRead, detections, newGroups, isBehind, userErrors }: Scanned): string {
  if (userErrors.length > 0 && bytesRead === 0) return ''
  const read =
    bytesRead === 0 ? 'Nothing new in the log.' : `Read ${bytes(bytesRead)}: ${many(detections, 'detection')}`
  const opened = bytesRead === 0 ? '' : `, ${many(newGroups, 'new error')}.`
  return `${read}${opened}${isBehind ? ' There is more; it is being read.' : ''}`
}
