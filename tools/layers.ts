/**
 * The import matrix: who may import what of ours, by door. The truth about the layers; check-layers.ts enforces it, and the
 * drawing in ARCHITECTURE.md follows it. Data only: a change here is a change of architecture and is reviewed as one.
 */

export interface Part {
  /** Folder from the root. The longest path that holds a file decides, so a folder inside a package may be stricter. */
  readonly path: string
  /** 0 to 4 is the core, 5 the client side and its parts, 6 the apps, 7 what stands around them. */
  readonly layer: number
  /** Doors of ours, as written in an import; `any` for whole-system tests and benchmarks. Test files: see `testsMayImport`. */
  readonly mayImport: readonly string[] | 'any'
  /** No relative import may leave the folder, not even for the rest of its package. */
  readonly closed?: true
  /** Doors that the tests of this part may open beside those of the part. Doors named `testing` are always open to tests. */
  readonly testsMayImport?: readonly string[] | 'any'
  /** Files behind no door that this part may name all the same, each with its reason where it stands in the table. */
  readonly reachesInto?: readonly string[]
  /** The folder does not exist yet. Must go when it does, so that the rule cannot sleep. */
  readonly planned?: true
}

export interface LayerTable {
  readonly parts: readonly Part[]
  /** Sources of packages that may import `node:*`. They are reached by a door of their own or by an `imports` condition. */
  readonly nodeOnly: readonly string[]
  /** Sources of packages that use what only browsers have. They are reached by a door of their own. */
  readonly browserOnly: readonly string[]
  /** All that the server may reach, through any number of imports. A prefix ends in a slash. */
  readonly keyless: readonly string[]
  readonly server: string
  readonly page: string
}

/** What the screens of both apps are made of. */
const screens = [
  '@nokkel/ui/action',
  '@nokkel/ui/acts',
  '@nokkel/ui/ask-dialog',
  '@nokkel/ui/base.css',
  '@nokkel/ui/dialog',
  '@nokkel/ui/icon',
  '@nokkel/ui/item-fields',
  '@nokkel/ui/item-form',
  '@nokkel/ui/item-words',
  '@nokkel/ui/parts',
  '@nokkel/ui/proof',
  '@nokkel/ui/proof-dialog',
  '@nokkel/ui/qr-picture',
  '@nokkel/ui/words',
]

export const layers: LayerTable = {
  parts: [
    { path: 'packages/base', layer: 0, mayImport: [] },
    { path: 'packages/messages', layer: 0, mayImport: ['@nokkel/base'] },
    { path: 'packages/crypto', layer: 1, mayImport: ['@nokkel/base'] },
    {
      path: 'packages/protocol',
      layer: 2,
      mayImport: ['@nokkel/base', '@nokkel/crypto'],
    },
    {
      path: 'packages/protocol/src/wire',
      layer: 2,
      mayImport: ['@nokkel/base', '@nokkel/crypto/verify'],
      closed: true,
      testsMayImport: ['@nokkel/crypto'],
    },
    { path: 'packages/escrow', layer: 3, mayImport: ['@nokkel/base', '@nokkel/crypto', '@nokkel/protocol'] },
    {
      path: 'packages/escrow/src/realm',
      layer: 3,
      mayImport: ['@nokkel/base', '@nokkel/crypto/verify', '@nokkel/protocol/wire'],
      closed: true,
      testsMayImport: ['@nokkel/crypto', '@nokkel/protocol', '@nokkel/escrow'],
    },
    { path: 'packages/keychain', layer: 3, mayImport: ['@nokkel/base'] },
    { path: 'packages/transfer', layer: 3, mayImport: ['@nokkel/base', '@nokkel/keychain'], testsMayImport: ['@nokkel/messages'] },
    { path: 'packages/store', layer: 3, mayImport: ['@nokkel/base', '@nokkel/crypto'] },
    { path: 'packages/autofill', layer: 3, mayImport: ['@nokkel/base'] },
    { path: 'packages/passkeys', layer: 3, mayImport: ['@nokkel/autofill', '@nokkel/base'] },
    {
      path: 'packages/sync',
      layer: 4,
      mayImport: ['@nokkel/base', '@nokkel/crypto', '@nokkel/keychain', '@nokkel/protocol', '@nokkel/protocol/wire', '@nokkel/store'],
    },
    {
      path: 'packages/client',
      layer: 5,
      mayImport: [
        '@nokkel/base',
        '@nokkel/crypto',
        '@nokkel/escrow',
        '@nokkel/keychain',
        '@nokkel/protocol',
        '@nokkel/protocol/wire',
        '@nokkel/store',
        '@nokkel/store/sqlite',
        '@nokkel/sync',
        '@nokkel/transfer',
      ],
    },
    { path: 'packages/doctor', layer: 5, mayImport: ['@nokkel/base', '@nokkel/client', '@nokkel/protocol/wire'] },
    // what the web app and the extension show alike
    { path: 'packages/ui', layer: 5, mayImport: ['@nokkel/base', '@nokkel/keychain', '@nokkel/messages'] },
    {
      path: 'apps/server',
      layer: 6,
      mayImport: ['@nokkel/autofill/site-data', '@nokkel/base', '@nokkel/messages', '@nokkel/protocol/wire', '@nokkel/escrow/realm'],
      testsMayImport: 'any',
    },
    {
      path: 'apps/cli',
      layer: 6,
      mayImport: [
        '@nokkel/autofill',
        '@nokkel/base',
        '@nokkel/client',
        '@nokkel/client/node',
        '@nokkel/doctor',
        '@nokkel/keychain',
        '@nokkel/messages',
        '@nokkel/messages/doctor',
        '@nokkel/transfer',
      ],
      testsMayImport: 'any',
    },
    // a client like any other; the server starts it as a process and imports nothing of it
    { path: 'apps/probe', layer: 6, mayImport: ['@nokkel/base', '@nokkel/client', '@nokkel/client/node'], testsMayImport: 'any' },
    {
      path: 'apps/web',
      layer: 6,
      mayImport: [
        '@nokkel/autofill',
        '@nokkel/base',
        '@nokkel/client',
        '@nokkel/client/browser',
        '@nokkel/doctor',
        '@nokkel/keychain',
        '@nokkel/messages/app',
        '@nokkel/messages/doctor',
        '@nokkel/store',
        '@nokkel/store/indexeddb',
        '@nokkel/transfer',
        ...screens,
      ],
      testsMayImport: 'any',
    },
    {
      path: 'apps/extension',
      layer: 6,
      mayImport: [
        '@nokkel/autofill',
        '@nokkel/base',
        '@nokkel/client',
        '@nokkel/client/browser',
        '@nokkel/doctor',
        '@nokkel/keychain',
        '@nokkel/messages/extension',
        '@nokkel/messages/items',
        '@nokkel/messages/doctor',
        '@nokkel/passkeys',
        '@nokkel/store',
        '@nokkel/store/indexeddb',
        ...screens,
      ],
      testsMayImport: 'any',
    },
    // in the page's own world, where a page may change whatever it likes: it carries requests and answers, and knows nothing
    { path: 'apps/extension/src/page-world', layer: 6, mayImport: [], closed: true },
    { path: 'apps/extension/src/content', layer: 6, mayImport: ['@nokkel/autofill', '@nokkel/autofill/dom'], closed: true },
    // the simulator puts a faster double in the place of one module, which can only be named by its file;
    // the floors of the autofill engine are measured as its figures are; every page that the web app lists is visited
    {
      path: 'tests',
      layer: 7,
      mayImport: 'any',
      reachesInto: ['packages/crypto/src/backend-node.ts', 'bench/parts/autofill-corpus.ts', 'apps/web/src/app/pages.ts'],
    },
    // the weights of the autofill engine are fitted on the signs that it reads, before they become an answer; how fast a deployment
    // heals is measured with the faults that it is tested with
    {
      path: 'bench',
      layer: 7,
      mayImport: 'any',
      reachesInto: [
        'tests/e2e/browser.ts',
        'tests/extension/chromium.ts',
        'tests/realm/deployment.ts',
        'tests/scale/faults.ts',
        'tests/scale/fleet.ts',
        'tests/scale/people.ts',
        'packages/autofill/src/classify.ts',
        'packages/autofill/src/classify-purpose.ts',
        'packages/autofill/src/model.ts',
        'packages/autofill/src/newness.ts',
      ],
    },
    { path: 'tools', layer: 7, mayImport: [] },
  ],
  nodeOnly: [
    'packages/crypto/src/backend-node.ts',
    'packages/store/src/sqlite*.ts',
    'packages/store/src/home-lock.ts',
    'packages/store/src/moved-aside.ts',
    'packages/store/src/salvage.ts',
    'packages/client/src/node*.ts',
  ],
  browserOnly: ['packages/store/src/indexeddb.ts', 'packages/client/src/browser.ts', 'packages/autofill/src/dom/**'],
  keyless: [
    'apps/server/',
    'packages/base/src/',
    'packages/messages/src/',
    'packages/protocol/src/wire/',
    'packages/escrow/src/realm/',
    // the format of a public list: hosts and rules, nothing of anybody
    'packages/autofill/src/site-data.ts',
    'packages/autofill/src/quirks.ts',
    'packages/autofill/src/password-rules.ts',
    'packages/crypto/src/verify.ts',
    'packages/crypto/src/hash.ts',
    'packages/crypto/src/sign-verify.ts',
    // the primitives under both: functions of byte strings, which name no key type and keep nothing
    'packages/crypto/src/backend.ts',
    'packages/crypto/src/backend-node.ts',
    'packages/crypto/src/backend-noble.ts',
    'packages/crypto/src/aes-gcm-many.ts',
    'packages/crypto/src/ed25519-points.ts',
  ],
  server: 'apps/server',
  page: 'apps/extension/src/content',
}
