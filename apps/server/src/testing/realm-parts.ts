/** Door for tests and benchmarks: the parts of a realm's process, so that they can start it with other rules of time. */
export { readConfig } from '../config.ts'
export { initRealm, openRealm, type RealmPaths } from '../realm/realm-host.ts'
export { ed25519Signer, openRealmKey } from '../realm/realm-key.ts'
export { startRealmServer } from '../realm/realm-server.ts'
