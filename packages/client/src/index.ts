export * from './facade.ts'
export { openClient } from './open-client.ts'
export type { Platform } from './platform.ts'
export { normaliseServerUrl } from './server-url.ts'
