/** What can be done to the rows that are selected: a bar at the foot of the window, as long as there are some. */
import {
  Button,
  ClaimIcon,
  CloseIcon,
  IconButton,
  Menu,
  type MenuItem,
  MergeIcon,
  MuteIcon,
  ReopenIcon,
  ResolveIcon,
  SilenceIcon,
  TrashIcon,
  BellIcon,
  UserIcon,
} from '../../../parts'
import type { Change } from '../change'
import type { Question } from './ask'
import styles from './bulk_bar.module.css'

interface Props {
  count: number
  isBusy: boolean
  isNarrow: boolean
  onDo: (change: Change) => void
  onAsk: (question: Question) => void
  onClear: () => void
}

export function BulkBar(props: Props) {
  const { count, isBusy, isNarrow, onDo, onAsk, onClear } = props
  const more: MenuItem[] = [...(isNarrow ? asides(props) : []), ...others(props)]
  return (
    <div className={styles.place}>
      <div className={styles.bar} role="toolbar" aria-label="Selected errors" aria-busy={isBusy}>
        <IconButton size="s" label="Select none" icon={<CloseIcon />} onClick={onClear} />
        <span className={styles.count} role="status">
          {count} selected
        </span>
        <Button
          size="s"
          kind="quiet"
          icon={<ResolveIcon />}
          disabled={isBusy}
          onClick={() => {
            onDo({ kind: 'resolve' })
          }}
        >
          Resolve
        </Button>
        <Button
          size="s"
          kind="quiet"
          icon={<MuteIcon />}
          disabled={isBusy}
          onClick={() => {
            onAsk('mute')
          }}
        >
          Mute
        </Button>
        {!isNarrow && (
          <>
            <Button
              size="s"
              kind="quiet"
              icon={<ClaimIcon />}
              disabled={isBusy}
              onClick={() => {
                onDo({ kind: 'claim' })
              }}
            >
              Claim
            </Button>
            <Button
              size="s"
              kind="quiet"
              icon={<UserIcon />}
              disabled={isBusy}
              onClick={() => {
                onAsk('assign')
              }}
            >
              Assign
            </Button>
          </>
        )}
        <Menu label="More" text={false} size="s" disabled={isBusy} items={more} />
      </div>
    </div>
  )
}

function asides({ onDo, onAsk }: Props): MenuItem[] {
  return [
    {
      label: 'Claim',
      icon: <ClaimIcon />,
      onSelect: () => {
        onDo({ kind: 'claim' })
      },
    },
    {
      label: 'Assign…',
      icon: <UserIcon />,
      onSelect: () => {
        onAsk('assign')
      },
    },
  ]
}

function others({ count, onDo, onAsk }: Props): MenuItem[] {
  return [
    {
      label: 'Resolve in a version…',
      icon: <ResolveIcon />,
      onSelect: () => {
        onAsk('resolve')
      },
    },
    {
      label: 'Reopen',
      icon: <ReopenIcon />,
      onSelect: () => {
        onDo({ kind: 'reopen' })
      },
    },
    {
      label: 'Unmute',
      icon: <BellIcon />,
      kbd: 'u',
      onSelect: () => {
        onDo({ kind: 'unmute' })
      },
    },
    {
      label: 'Silence',
      icon: <SilenceIcon />,
      onSelect: () => {
        onDo({ kind: 'silence' })
      },
    },
    {
      label: 'Merge…',
      icon: <MergeIcon />,
      apart: true,
      disabled: count < 2,
      onSelect: () => {
        onAsk('merge')
      },
    },
    {
      label: 'Delete…',
      icon: <TrashIcon />,
      danger: true,
      onSelect: () => {
        onAsk('delete')
      },
    },
  ]
}
