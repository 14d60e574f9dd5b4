/** The mark of Snaglist: a list, and a snag in it. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <path d="M8.5 10.5h8M8.5 16h5.5M8.5 21.5h4" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path
        d="M18 14.2a4 4 0 1 1 4.4 6.2v1.4"
        fill="none"
        stroke="#fcd34d"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="22.4" cy="25.2" r="1.5" fill="#fcd34d" />
    </svg>
  )
}
