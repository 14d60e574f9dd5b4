/** In a build, each `graphql(...)` becomes its own document, in the file where it stands.
 *
 * As codegen writes it, one file holds the documents of all pages, as parsed trees, and every page would wait for it. So an
 * operation becomes its hash and its text, which is a tenth as large and parsed when it is used; a fragment becomes
 * nothing, as its text is in the operations that spread it.
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const GENERATED = new URL('../src/graph/generated/', import.meta.url)
const CALL = /\bgraphql\(\s*(?:\/\*\s*GraphQL\s*\*\/\s*)?`([^`]*)`,?\s*\)/g
const NAME = /^\s*(?:#.*\s*)*(query|mutation|subscription|fragment)\s+(\w+)/
const HERE = '/src/graph/document'

/** The plugin; run codegen before. */
export function ownDocuments(): Plugin {
  let texts: Record<string, string> = {}
  let written = ''
  return {
    name: 'snaglist-own-documents',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      texts = JSON.parse(readFileSync(new URL('persisted-documents.json', GENERATED), 'utf8')) as Record<string, string>
      written = readFileSync(new URL('graphql.ts', GENERATED), 'utf8')
    },
    transform(code, file) {
      if (file.includes('/generated/') || !/\.tsx?$/.test(file) || !code.includes('graphql(')) return null
      const replaced = code.replace(CALL, (_call, document: string) => replacement(document, written, texts, file))
      if (replaced === code) return null
      return { code: `import { documentOf as __documentOf } from '${HERE}'\n${replaced}`, map: null }
    },
  }
}

function replacement(document: string, written: string, texts: Record<string, string>, file: string): string {
  const [, kind, name] = NAME.exec(document) ?? []
  if (!kind || !name) throw new Error(`${file} holds a document without a name`)
  if (kind === 'fragment') return '({ kind: "Document", definitions: [] } as never)'
  const camel = name.charAt(0).toUpperCase() + name.slice(1)
  const hash = new RegExp(`export const ${camel}Document = \\{"__meta__":\\{"hash":"([^"]+)"`).exec(written)?.[1]
  const text = hash && texts[hash]
  if (!text) throw new Error(`${file}: ${name} is not in what codegen wrote; run it again`)
  return `(/* @__PURE__ */ __documentOf(${JSON.stringify(hash)}, ${JSON.stringify(text)}) as never)`
}
