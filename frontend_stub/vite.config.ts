import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

import { ownDocuments } from './build/documents'

const SERVER = process.env['SNAGLIST'] ?? 'http://127.0.0.1:8000'

/** What the server answers itself; everything else is the front end's. The origin is rewritten to the server's own, so
 * that it takes its cookie from a page of the development server. */
const proxied = {
  target: SERVER,
  changeOrigin: true,
  ws: true,
  headers: { origin: SERVER },
}

const LIBRARIES = /node_modules\/(react|react-dom|react-router|scheduler|urql|@urql|wonka|graphql-ws|@0no-co)\//

export default defineConfig({
  plugins: [ownDocuments(), react()],
  server: {
    port: 5173,
    proxy: { '/graphql': proxied, '/oidc': proxied, '/invite': proxied, '/v1': proxied, '/api': proxied },
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // no data: addresses in styles and scripts
    modulePreload: { polyfill: false },
    manifest: true, // for build/finish.js, which takes it away
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      output: {
        // what changes seldom is a file of its own, which browsers keep
        codeSplitting: { groups: [{ name: 'libraries', test: LIBRARIES }] },
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
})
