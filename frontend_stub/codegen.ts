import { readFileSync, writeFileSync } from 'node:fs'

import type { CodegenConfig } from '@graphql-codegen/cli'
import type { Types } from '@graphql-codegen/plugin-helpers'
import { Kind, visit, type FieldNode } from 'graphql'

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/** Adds what urql's cache needs, below the root: a subscription may have one field there. It is done here, and not when
 * a page asks, as the documents' hashes are those of the documents with it. */
const withTypenames = {
  transform: ({ documents }: Parameters<Types.DocumentTransformFunction>[0]) =>
    documents.map((file) => ({
      ...file,
      document:
        file.document &&
        visit(file.document, {
          SelectionSet(node, _key, parent) {
            const isRoot = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
            const hasIt = node.selections.some((one) => one.kind === Kind.FIELD && one.name.value === '__typename')
            return isRoot || hasIt ? undefined : { ...node, selections: [TYPENAME, ...node.selections] }
          },
        }),
    })),
}

/** Types and typed documents, from the schema that the server writes (`make schema`) and the documents in src. */
const config: CodegenConfig = {
  // In types it may be missing, so that tests can write down what they need and no more.
  hooks: { afterOneFileWrite: (file) => rewrite(file, (text) => text.replaceAll("__typename: '", "__typename?: '")) },
  schema: '../schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/graph/generated/**'],
  ignoreNoDocuments: true,
  generates: {
    './src/graph/generated/': {
      preset: 'client',
      documentTransforms: [withTypenames],
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'read' },
        // The documents' hashes stand in them, and all documents in persisted-documents.json: the server can take them
        // by their hash, and refuse everything else.
        persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'hash', hashAlgorithm: 'sha256' },
      },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        defaultScalarType: 'unknown',
        scalars: { BigInt: 'number', DateTime: 'string', JSON: 'unknown' },
        strictScalars: true,
        skipTypename: true,
        avoidOptionals: { field: true, inputValue: false, object: false },
      },
    },
  },
}

function rewrite(file: string, change: (text: string) => string): void {
  if (file.endsWith('graphql.ts')) writeFileSync(file, change(readFileSync(file, 'utf8')))
}

export default config
