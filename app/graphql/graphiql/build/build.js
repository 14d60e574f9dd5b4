// Makes ../files/graphiql.js, graphiql.css and LICENSES.txt of the packages of package-lock.json, always the same bytes.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const FILES = new URL('../files/', import.meta.url).pathname

/** Fonts make up nine tenths of the style sheet, and the system's serve as well. */
const withoutFonts = {
  name: 'without fonts',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }))
  },
}

/** The folder of the package that a file belongs to: `.../node_modules/name` or `.../node_modules/@scope/name`. */
const packageOf = (path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]

const licenceOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package has no file with its licence.'
  return { name: `${name} ${version}`, text: `${name} ${version} (${license})\n\n${text}` }
}

const { metafile } = await build({
  entryPoints: ['entry.js'],
  outfile: join(FILES, 'graphiql.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'Snaglist',
  target: 'es2022',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.USE_IMPORT': '"false"' },
  plugins: [withoutFonts],
  metafile: true,
})

const folders = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean))
const licences = [...folders].map(licenceOf).sort((one, other) => (one.name < other.name ? -1 : 1))
const texts = licences.map(({ text }) => text).filter((text, at, all) => all.indexOf(text) === at)
writeFileSync(join(FILES, 'LICENSES.txt'), texts.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n')
console.log(`${texts.length} packages, in ${dirname(FILES)}/files`)
