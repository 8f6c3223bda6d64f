export * from './facade.ts'
export type { NetworkFailure } from './network-failure.ts'
export { createObserver } from './observe.ts'
export type {
  DeviceObservation,
  KeychainObservation,
  Observer,
  RequestObservation,
  ServerObservation,
  SessionObservation,
} from './observe.ts'
export { openClient } from './open-client.ts'
export type { Platform } from './platform.ts'
export { normaliseServerUrl } from './server-url.ts'
