/** Both backends, for tests that compare their verdicts. Products import the package's main door and get the one for their platform. */
export type { CryptoBackend } from './backend.ts'
export { backend as nobleBackend } from './backend-noble.ts'
export { backend as platformBackend } from '#backend'
