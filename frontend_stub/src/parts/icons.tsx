/** The icons: 16 by 16, in the colour of the text around them, hidden from those who listen (labels say what they mean). */
import type { ReactNode, SVGProps } from 'react'

export type IconProps = Omit<SVGProps<SVGSVGElement>, 'children'> & { size?: number }

function drawn(name: string, shapes: ReactNode) {
  function Icon({ size = 16, ...more }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        {...more}
      >
        {shapes}
      </svg>
    )
  }
  Icon.displayName = `${name}Icon`
  return Icon
}

export const ErrorIcon = drawn(
  'Error',
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 5v3.4M8 10.8v.1" />
  </>,
)
export const ServerIcon = drawn(
  'Server',
  <>
    <rect x="2" y="2.5" width="12" height="4.6" rx="1.2" />
    <rect x="2" y="8.9" width="12" height="4.6" rx="1.2" />
    <path d="M4.6 4.8h.1M4.6 11.2h.1M7.5 4.8h4M7.5 11.2h4" />
  </>,
)
export const AppIcon = drawn(
  'App',
  <>
    <path d="M8 1.8 13.6 5v6L8 14.2 2.4 11V5z" />
    <path d="M2.6 5.1 8 8.2l5.4-3.1M8 8.2v5.8" />
  </>,
)
export const SearchIcon = drawn(
  'Search',
  <>
    <circle cx="7" cy="7" r="4.6" />
    <path d="m10.5 10.5 3.3 3.3" />
  </>,
)
export const FilterIcon = drawn('Filter', <path d="M2 3.5h12M4.3 8h7.4M6.5 12.5h3" />)
export const SortIcon = drawn('Sort', <path d="M5 3v10M5 13l-2.2-2.3M5 13l2.2-2.3M11 13V3M11 3 8.8 5.3M11 3l2.2 2.3" />)
export const CheckIcon = drawn('Check', <path d="m3 8.5 3.2 3.2L13 4.8" />)
export const CloseIcon = drawn('Close', <path d="m4 4 8 8M12 4l-8 8" />)
export const PlusIcon = drawn('Plus', <path d="M8 3v10M3 8h10" />)
export const MoreIcon = drawn('More', <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth={2.2} />)
export const ChevronDownIcon = drawn('ChevronDown', <path d="m4 6 4 4 4-4" />)

export const ChevronRightIcon = drawn('ChevronRight', <path d="m6 4 4 4-4 4" />)
export const ChevronLeftIcon = drawn('ChevronLeft', <path d="m10 4-4 4 4 4" />)

export const ArrowUpIcon = drawn('ArrowUp', <path d="M8 13V3M4 7l4-4 4 4" />)
export const CopyIcon = drawn(
  'Copy',
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
  </>,
)

export const ExternalIcon = drawn('External', <path d="M6 3H3.5v9.5H13V10M9 3h4v4M13 3 7.5 8.5" />)
export const ResolveIcon = drawn(
  'Resolve',
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="m5.4 8.2 1.9 1.9 3.4-3.8" />
  </>,
)
export const ReopenIcon = drawn(
  'Reopen',
  <>
    <path d="M2.6 8a5.4 5.4 0 1 0 1.7-3.9L2.6 5.6" />
    <path d="M2.5 2.6v3h3" />
  </>,
)
export const MuteIcon = drawn(
  'Mute',
  <path d="M4 6.6a4 4 0 0 1 5.6-3.7M12 6.6c0 3 1.3 3.8 1.3 4.6H5.5M3.9 8.5c-.2 1.6-1.2 2-1.2 2.7M6.6 13.4a1.6 1.6 0 0 0 2.8 0M2 2l12 12" />,
)
export const BellIcon = drawn(
  'Bell',
  <path d="M4 6.6a4 4 0 0 1 8 0c0 3 1.3 3.8 1.3 4.6H2.7c0-.8 1.3-1.6 1.3-4.6zM6.6 13.4a1.6 1.6 0 0 0 2.8 0" />,
)
export const SilenceIcon = drawn('Silence', <path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z" />)
export const UserIcon = drawn(
  'User',
  <>
    <circle cx="8" cy="5.4" r="2.9" />
    <path d="M2.6 13.6c.6-2.6 2.7-4 5.4-4s4.8 1.4 5.4 4" />
  </>,
)

export const ClaimIcon = drawn(
  'Claim',
  <path d="M5 8.5V4.2a1 1 0 0 1 2 0V7m0-.2V3a1 1 0 0 1 2 0v4m0-3a1 1 0 0 1 2 0v3.2m0-1.2a1 1 0 0 1 2 0v3.8c0 2.6-1.7 4.4-4.2 4.4-2 0-3.1-.9-4-2.5L3.2 9.6c-.5-1 .8-1.9 1.5-1.1z" />,
)
export const MergeIcon = drawn(
  'Merge',
  <>
    <circle cx="4" cy="3.8" r="1.6" />
    <circle cx="4" cy="12.2" r="1.6" />
    <circle cx="12" cy="8" r="1.6" />
    <path d="M4 5.4v5.2M4 5.6C4.3 7.4 6 8 10.4 8" />
  </>,
)
export const TrashIcon = drawn('Trash', <path d="M2.8 4.2h10.4M6 4V2.6h4V4M4.2 4.4l.6 9h6.4l.6-9M6.7 7v4M9.3 7v4" />)
export const EditIcon = drawn(
  'Edit',
  <path d="m9.8 3.8 2.4 2.4M3 13l.6-3 6.9-6.9a1.2 1.2 0 0 1 1.7 0l.7.7a1.2 1.2 0 0 1 0 1.7L6 12.4z" />,
)

export const ClockIcon = drawn(
  'Clock',
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 4.6V8l2.3 1.6" />
  </>,
)

export const RefreshIcon = drawn(
  'Refresh',
  <>
    <path d="M13.4 8A5.4 5.4 0 0 1 3.6 11M2.6 8a5.4 5.4 0 0 1 9.8-3" />
    <path d="M12.9 2.2v3h-3M3.1 13.8v-3h3" />
  </>,
)

export const SunIcon = drawn(
  'Sun',
  <>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" />
  </>,
)
export const MoonIcon = SilenceIcon
export const ScreenIcon = drawn(
  'Screen',
  <>
    <rect x="1.8" y="2.6" width="12.4" height="8.4" rx="1.3" />
    <path d="M5.4 13.6h5.2" />
  </>,
)
export const SignOutIcon = drawn('SignOut', <path d="M6.5 2.8H3.2v10.4h3.3M7 8h6.6M11 5.2 13.8 8 11 10.8" />)
export const WarningIcon = drawn('Warning', <path d="M8 2.2 14.4 13.4H1.6zM8 6.4v3M8 11.4v.1" />)
export const InfoIcon = drawn(
  'Info',
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 7.4V11M8 5v.1" />
  </>,
)
export const HelpIcon = drawn(
  'Help',
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M6.3 6.3A1.8 1.8 0 1 1 8 8.5v.6M8 11.2v.1" />
  </>,
)

export const GraphIcon = drawn(
  'Graph',
  <>
    <path d="M8 2 13.2 5v6L8 14l-5.2-3V5zM8 2 2.9 11h10.2z" />
  </>,
)
