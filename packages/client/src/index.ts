export * from './facade.ts'
export type { NetworkFailure } from './network-failure.ts'
export { createObserver } from './observe.ts'
export type {
  CodeObservation,
  DeviceObservation,
  KeychainObservation,
  Observer,
  RequestObservation,
  ServerObservation,
  SessionObservation,
  VerificationObservation,
} from './observe.ts'
export { backupBytes, readBackup, writeBackup } from './device-backup.ts'
export { openClient } from './open-client.ts'
export type { Platform } from './platform.ts'
export { normaliseServerUrl } from './server-url.ts'
export { classReaches, type ClassPolicy, type ClassReach } from '@nokkel/protocol/wire'
export type { PasscodeStanding } from './escrow-care.ts'
export type { Standing, WayBack, WaysBack } from './recover-by-code.ts'
export { readDraft, showItem, textOf, type CodeShown, type FieldShown, type HistoryShown, type ItemShown } from './show-item.ts'
export { securityCodeReason, type SecurityCode } from './security-code.ts'
export { defaultAutofill } from './autofill-settings.ts'
