/** After `vite build`: the documents' manifest for the server, a compressed copy beside each file that gains by it, and a
 * look at the scales.
 *
 * Compressed here, once, as hard as it goes: the server has nothing left to do but to send them.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const MANIFEST = new URL('../src/graph/generated/persisted-documents.json', import.meta.url)
const COMPRESSED = /\.(js|css|html|svg|json|txt)$/
const LARGEST_LIST = 240_000 // with the font, 48 KB, and the answers it stays under 300
const SMALLEST = 500 // below that the headers are most of it

/** The documents by the bare hash, as the server has them; every hash is checked, as the server does. */
function writeManifest() {
  const documents = Object.entries(JSON.parse(readFileSync(MANIFEST, 'utf8'))).map(([name, text]) => {
    const hash = name.replace(/^sha256:/, '')
    const isRight = createHash('sha256').update(text).digest('hex') === hash
    if (!isRight) throw new Error(`${name} is not the SHA-256 of its document`)
    return [hash, text]
  })
  writeFileSync(join(DIST, 'documents.json'), JSON.stringify(Object.fromEntries(documents)))
}

function compress(file) {
  const bytes = readFileSync(file)
  if (bytes.length < SMALLEST) return
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })
  writeFileSync(`${file}.br`, brotli)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

/** What a browser fetches to show the list for the first time. */
function weighList() {
  const chunks = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'))
  const names = new Set(['index.html', 'src/errors/list/page.tsx'])
  for (const name of names) for (const next of chunks[name].imports ?? []) names.add(next)
  const files = new Set([...names].flatMap((name) => [chunks[name].file, ...(chunks[name].css ?? [])]))
  const sizeOf = (file) =>
    Math.min(...['', '.br'].map((end) => statSync(join(DIST, file + end), { throwIfNoEntry: false })?.size ?? Infinity))
  const bytes = [...files].reduce((sum, file) => sum + sizeOf(file), 0)
  rmSync(join(DIST, '.vite'), { recursive: true })
  console.log(`The list's scripts and styles: ${Math.round(bytes / 1000)} KB, compressed`)
  if (bytes > LARGEST_LIST) throw new Error(`that is more than ${LARGEST_LIST / 1000} KB`)
}

writeManifest()
for (const name of readdirSync(DIST, { recursive: true })) {
  if (COMPRESSED.test(name)) compress(join(DIST, name))
}
weighList()
