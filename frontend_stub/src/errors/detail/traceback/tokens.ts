/**
 * A line of code, coloured a little.
 *
 * Comes in: a line of any language, torn out of its file, and the file's path. Goes out: its pieces, which joined are the
 * line again. It knows no language well: a text over several lines, for one, is taken for code.
 */

export type Kind = 'plain' | 'word' | 'text' | 'number' | 'comment'

export interface Piece {
  kind: Kind
  text: string
}

const WORDS = new Set(
  (
    'and as assert async await break case catch class const continue def default del do elif else except export extends ' +
    'extern fi final finally fn for from func function global go guard if impl implements import in instanceof interface ' +
    'internal is lambda let loop match mut namespace new nonlocal not null nil None or package pass private protected ' +
    'public pub raise readonly return self static struct super switch this throw throws trait True true False false try ' +
    'type typeof undefined use using val var void when where while with yield'
  ).split(' '),
)

const TEXT = String.raw`(?:[rbfu]{0,2})"(?:[^"\\]|\\.)*"|(?:[rbfu]{0,2})'(?:[^'\\]|\\.)*'|${'`'}(?:[^${'`'}\\]|\\.)*${'`'}`
const REST = String.raw`|\b\d[\w.]*\b|[A-Za-z_$][\w$]*`
const WITH_HASH = new RegExp(String.raw`#.*$|${TEXT}${REST}`, 'g')
const WITH_SLASHES = new RegExp(String.raw`\/\/.*$|\/\*.*?\*\/|${TEXT}${REST}`, 'g')

/** Characters of a line from which on it is left as it is: minified code. */
const LONGEST = 500

/** The pieces of a line. */
export function pieces(line: string, path: string): Piece[] {
  if (line.length > LONGEST) return [{ kind: 'plain', text: line }]
  const found: Piece[] = []
  let end = 0
  for (const match of line.matchAll(hasHashes(path) ? WITH_HASH : WITH_SLASHES)) {
    const kind = kindOf(match[0])
    if (kind === 'plain') continue
    if (match.index > end) found.push({ kind: 'plain', text: line.slice(end, match.index) })
    found.push({ kind, text: match[0] })
    end = match.index + match[0].length
  }
  if (end < line.length) found.push({ kind: 'plain', text: line.slice(end) })
  return found
}

function hasHashes(path: string): boolean {
  return /\.(?:py|pyx|rb|sh|pl|ex|exs|r|ya?ml)$|^$|^[^./]*$/i.test(path)
}

function kindOf(text: string): Kind {
  if (text.startsWith('#') || text.startsWith('//') || text.startsWith('/*')) return 'comment'
  if (/^[rbfu]{0,2}["'`]/.test(text)) return 'text'
  if (/^\d/.test(text)) return 'number'
  return WORDS.has(text) ? 'word' : 'plain'
}
