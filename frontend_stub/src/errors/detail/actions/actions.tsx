/** The buttons of the error page, and their keys. */
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Button, Menu } from '../../../parts'
import { useViewer } from '../../../session'
import { useKeys } from '../../../parts/use_keys'
import { useWayBack } from '../../back'
import type { ErrorPage } from '../use_error_page'
import { AssignMenu } from './assign_menu'
import { DeleteDialog } from './delete_dialog'
import { KeysDialog } from './keys_dialog'
import { MergeDialog } from './merge_dialog'
import { MuteDialog } from './mute_dialog'
import { ResolveDialog } from './resolve_dialog'
import { steps } from './steps'
import styles from './actions.module.css'
import { type StepsOfPage, useSteps } from './use_steps'

type Opened = 'mute' | 'resolve' | 'merge' | 'delete' | 'keys' | null

export function Actions({ page }: { page: ErrorPage }) {
  const { may } = useViewer()
  const take = useSteps(page)
  const navigate = useNavigate()
  const back = useWayBack()
  const [opened, setOpened] = useState<Opened>(null)
  const close = () => {
    setOpened(null)
  }
  const mayAct = may('MANAGE_ERRORS')
  usePageKeys(page, take, mayAct, setOpened)
  const remove = async () => {
    close()
    if (await take.remove()) void navigate(back)
  }
  return (
    <div className={styles.actions} role="toolbar" aria-label="What to do with this error">
      {mayAct && <MainButtons page={page} take={take} onOpen={setOpened} />}
      {mayAct && <MoreMenu page={page} take={take} onOpen={setOpened} />}
      {!mayAct && (
        <Menu
          size="s"
          label="More"
          items={[
            {
              label: 'Keys',
              kbd: '?',
              onSelect: () => setOpened('keys'),
            },
          ]}
        />
      )}
      <MuteDialog open={opened === 'mute'} onClose={close} onMute={take.mute} />
      <ResolveDialog open={opened === 'resolve'} onClose={close} onResolve={take.resolve} />
      {opened === 'merge' && <MergeDialog page={page} onClose={close} />}
      <DeleteDialog open={opened === 'delete'} onClose={close} onDelete={() => void remove()} />
      <KeysDialog open={opened === 'keys'} mayAct={mayAct} onClose={close} />
    </div>
  )
}

interface Parts {
  page: ErrorPage
  take: StepsOfPage
  onOpen: (opened: Opened) => void
}

function MainButtons({ page, take, onOpen }: Parts) {
  const can = steps(page.state.status)
  return (
    <>
      {can.resolve && (
        <Button kind="primary" size="s" onClick={() => take.resolve()}>
          Resolve
        </Button>
      )}
      {page.error.source === 'EVENT' && can.resolve && <ResolveInMenu take={take} onOpen={onOpen} />}
      {!can.resolve && (
        <Button kind="primary" size="s" onClick={take.reopen}>
          Reopen
        </Button>
      )}
      {can.claim && (
        <Button size="s" onClick={take.claim}>
          Claim
        </Button>
      )}
      {page.state.muted ? (
        <Button size="s" onClick={take.unmute}>
          Unmute
        </Button>
      ) : (
        <Button size="s" onClick={() => onOpen('mute')}>
          Mute
        </Button>
      )}
      <AssignMenu assignee={page.state.assignee} onAssign={take.assign} />
    </>
  )
}

function ResolveInMenu({ take, onOpen }: Omit<Parts, 'page'>) {
  return (
    <Menu
      size="s"
      label="Resolve in"
      items={[
        {
          label: 'In the next version',
          onSelect: () => take.resolve({ inNextVersion: true }),
        },
        {
          label: 'In a version…',
          onSelect: () => onOpen('resolve'),
        },
      ]}
    />
  )
}

function MoreMenu({ page, take, onOpen }: Parts) {
  const can = steps(page.state.status)
  const items = [
    ...(can.reopen && can.resolve ? [{ label: 'Reopen', kbd: 'o', onSelect: take.reopen }] : []),
    ...(can.silence ? [{ label: 'Silence', kbd: 's', onSelect: take.silence }] : []),
    {
      label: 'Merge with…',
      kbd: 'g',
      onSelect: () => onOpen('merge'),
    },
    {
      label: 'Keys',
      kbd: '?',
      onSelect: () => onOpen('keys'),
    },
    {
      label: 'Delete…',
      danger: true,
      apart: true,
      onSelect: () => onOpen('delete'),
    },
  ]
  return <Menu size="s" label="More" items={items} />
}

function usePageKeys(page: ErrorPage, take: StepsOfPage, mayAct: boolean, onOpen: (opened: Opened) => void) {
  const navigate = useNavigate()
  const back = useWayBack()
  const can = steps(page.state.status)
  const acting = {
    e: () => {
      ;(can.resolve ? take.resolve : take.reopen)()
    },
    c: () => {
      if (can.claim) take.claim()
    },
    m: () => {
      if (page.state.muted) take.unmute()
      else onOpen('mute')
    },
    o: () => {
      if (can.reopen) take.reopen()
    },
    s: () => {
      if (can.silence) take.silence()
    },
    g: () => {
      onOpen('merge')
    },
  }
  useKeys({
    ...(mayAct ? acting : {}),
    u: () => void navigate(back),
    '?': () => {
      onOpen('keys')
    },
  })
}
