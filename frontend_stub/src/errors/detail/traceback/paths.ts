/**
 * A frame's path, cut into what matters less and what matters.
 *
 * Comes in: a path as a server, a browser or a phone has it. Goes out: the folder to show dimly and the file to show
 * clearly; the whole path stays for the title.
 */

export interface ShownPath {
  folder: string
  file: string
}

/** Folders after which the interesting part of a path begins. */
const ROOTS = /^.*\/(?:site-packages|dist-packages|node_modules|extra-addons|custom-addons|custom_addons)\//
const PYTHON_LIBRARY = /^.*\/(lib\/python[\d.]+\/)/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i
/** Folders that are shown at most. */
const DEEPEST = 5

/** The path in two parts; what is no path, as `com.example.Orders`, is all file. */
export function shownPath(path: string): ShownPath {
  if (path === '') return { folder: '', file: 'unknown file' }
  const short = shortened(path)
  const parts = short.split('/')
  const file = parts.pop() ?? ''
  const kept = parts.length > DEEPEST ? ['…', ...parts.slice(-DEEPEST)] : parts
  return { folder: kept.length > 0 ? `${kept.join('/')}/` : '', file: file || short }
}

function shortened(path: string): string {
  const forward = path.replace(/\\/g, '/')
  for (const start of [ROOTS, ORIGIN]) {
    if (start.test(forward)) return forward.replace(start, '')
  }
  return forward.replace(PYTHON_LIBRARY, '$1').replace(/^\/+/, '')
}
