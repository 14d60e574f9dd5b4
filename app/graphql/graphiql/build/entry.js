// What ../files/page.js is given as `Snaglist`: GraphiQL with its explorer, and all that they stand on.
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'

export { explorerPlugin } from '@graphiql/plugin-explorer'
export { createGraphiQLFetcher } from '@graphiql/toolkit'
export { GraphiQL } from 'graphiql'
export { parse } from 'graphql'
export { createClient } from 'graphql-ws'
export { createElement } from 'react'
export { createRoot } from 'react-dom/client'
