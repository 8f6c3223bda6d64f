/**
 * What the page and the worker say to each other. Plain values only: keys never cross, and a secret of an item crosses only as the
 * answer to the one call that asks for it.
 */
import type { ErrorCode, ErrorParams } from '@nokkel/base'
import type {
  ActivityEvent,
  AuthenticatorHandle,
  AutofillChanges,
  AutofillSettings,
  ClassPolicy,
  ClassReach,
  Client,
  CodeShown,
  DeviceInfo,
  DeviceState,
  HistoryShown,
  ItemShown,
  ItemSummary,
  JoinRequestInfo,
  Progress,
  PushSubscription,
  RecoveryServices,
  SecurityCode,
  SentVerification,
  Settings,
  Status,
  TwoFactorInfo,
  VerificationDelivery,
  VerificationPurpose,
} from '@nokkel/client'
import type { ActionId, Symptom } from '@nokkel/doctor'
import type { Draft, ItemKind } from '@nokkel/keychain'
import type { Help } from './doctor.ts'
import type { ImportSummary } from './import-summary.ts'

export type {
  Draft,
  ActivityEvent,
  AuthenticatorHandle,
  AutofillChanges,
  ClassPolicy,
  ClassReach,
  CodeShown,
  DeviceInfo,
  DeviceState,
  HistoryShown,
  ItemShown,
  ItemSummary,
  JoinRequestInfo,
  Progress,
  RecoveryServices,
  SecurityCode,
  SentVerification,
  Settings,
  Status,
  TwoFactorInfo,
  VerificationDelivery,
  VerificationPurpose,
}

export type WaysBack = Awaited<ReturnType<Client['waysBack']>>
export type WayBack = WaysBack['ways'][number]
export type Standing = Awaited<ReturnType<Client['recoveryStanding']>>

/** What the page about ways back asks the server for. `services` null: none, or not for this device. */
export interface WaysBackInfo {
  readonly verification: TwoFactorInfo
  readonly services: RecoveryServices | null
}

export interface Failure {
  readonly code: ErrorCode
  readonly params: ErrorParams
}

/** Everything that the frame of the app shows. Sent anew after each change. */
export interface Snapshot {
  readonly state: DeviceState
  /** null while locked, and before there is anything */
  readonly status: Status | null
  readonly settings: Settings
  readonly joinRequests: readonly JoinRequestInfo[]
  /** grows with every change of the items: what was listed before is out of date */
  readonly version: number
  /** staying in sync has ended for this reason, until somebody acts */
  readonly problem: Failure | null
  /** this device's own request has ended without it being let in */
  readonly joinEnded: Failure | null
  readonly joinProgress: Progress | null
  /** how the platform authenticator of this device is asked; null where it does not open the keychain */
  readonly authenticator: AuthenticatorHandle | null
  /** unlocked a moment ago, and whether the server is there is not known yet */
  readonly connecting: boolean
}

export type Category = 'all' | 'favorite' | ItemKind | 'code' | 'deleted'

export interface Health {
  readonly weak: readonly ItemSummary[]
  readonly reused: readonly (readonly ItemSummary[])[]
  readonly old: readonly ItemSummary[]
  readonly duplicates: readonly (readonly ItemSummary[])[]
  /** by item: where its password is changed (AUT-8); without an entry, nobody knows */
  readonly changeAt: Readonly<Record<string, string>>
}

export interface Found {
  /** names this result for `rows` */
  readonly list: number
  readonly total: number
  readonly first: readonly ItemSummary[]
}

export interface SignInDetails {
  readonly email: string
  readonly password: string
  readonly passcode: string
  readonly deviceName: string
}

/** What a platform authenticator answered: the one secret that goes from the page to the worker beside what is typed (attack A37). */
export interface AuthenticatorAnswer extends AuthenticatorHandle {
  readonly output: Uint8Array
}

/** The calls of the worker. Those that show secrets or change security throw `proof-needed` (C1). */
export interface Calls {
  start(): Promise<void>
  createAccount(details: SignInDetails): Promise<void>
  /** Off everywhere, it also turns the keychain on anew, with the copy here (D3). */
  signIn(details: SignInDetails & { readonly copy?: 'merge' | 'discard' }): Promise<void>
  signOut(): Promise<void>
  unlock(passcode: string): Promise<void>
  /** Takes `output` along: nothing of it is left in the page. */
  unlockWithAuthenticator(output: Uint8Array): Promise<void>
  /** The person is there (C1): by the passcode, or by what the authenticator answered. */
  prove(passcode: string): Promise<void>
  proveWithAuthenticator(output: Uint8Array): Promise<void>
  addAuthenticator(answer: AuthenticatorAnswer): Promise<void>
  removeAuthenticator(): Promise<void>
  lock(): Promise<void>
  /** The user did something: the time to the automatic lock begins anew. */
  touch(): Promise<void>
  changePasscode(old: string, next: string): Promise<void>
  changeAccountPassword(old: string, next: string): Promise<void>
  changeSettings(changes: Partial<Settings>): Promise<void>
  autofill(): Promise<AutofillSettings>
  changeAutofill(changes: AutofillChanges): Promise<void>
  requestJoin(): Promise<void>
  joinQr(): Promise<{ readonly text: string; readonly expiresMs: number }>
  withdrawJoin(): Promise<void>
  approve(requestId: string, code: string): Promise<void>
  /** with what the QR code of the new device says */
  approveByQr(requestId: string, text: string): Promise<void>
  decline(requestId: string): Promise<void>
  devices(): Promise<readonly DeviceInfo[]>
  renameDevice(id: string, name: string): Promise<void>
  removeDevice(id: string, deleteCopy: boolean): Promise<void>
  /** What devices in browsers may do; asks nobody. */
  classPolicy(): Promise<ClassPolicy>
  setClassPolicy(policy: Partial<ClassPolicy>, deleteCopy: boolean): Promise<void>
  activity(): Promise<readonly ActivityEvent[]>
  pushKey(): Promise<string>
  setPush(subscription: PushSubscription | null): Promise<void>
  acknowledge(notices: readonly string[]): Promise<void>
  find(category: Category, text: string): Promise<Found>
  /** Empty when the list is no longer known. */
  rows(list: number, from: number, to: number): Promise<readonly ItemSummary[]>
  counts(): Promise<Readonly<Record<string, number>>>
  item(id: string): Promise<ItemShown>
  /** The item with its secrets, for the form that edits it. */
  itemForEdit(id: string): Promise<ItemShown>
  reveal(id: string, field: string): Promise<string>
  revealHistory(id: string, index: number): Promise<string>
  verificationCode(id: string): Promise<CodeShown>
  /** The text that a telephone's camera takes for a network to join. */
  wifiText(id: string): Promise<string>
  health(): Promise<Health>
  mergeItems(ids: readonly string[]): Promise<void>
  add(kind: ItemKind, draft: Draft): Promise<string>
  edit(id: string, draft: Draft): Promise<void>
  delete(id: string): Promise<void>
  restore(id: string): Promise<void>
  purge(id: string): Promise<void>
  restoreHistory(id: string, index: number): Promise<void>
  generatePassword(): Promise<string>
  importFile(name: string, bytes: Uint8Array, dryRun: boolean, format?: string): Promise<ImportSummary>
  sync(): Promise<void>
  turnOff(copy: 'keep' | 'delete', everywhere: boolean): Promise<void>
  resetKeychain(password: string, from: 'device' | 'nothing'): Promise<void>
  eraseDevice(): Promise<void>
  /** Returns when the account will be erased. */
  deleteAccount(): Promise<number>
  keepAccount(): Promise<void>
  /** Looks at the real state (G); says on the way how far it has come. */
  help(symptom: Symptom | null): Promise<Help>
  /** One action of the doctor's that needs nothing but the person's yes. */
  mend(action: ActionId): Promise<void>
  /** Asks the server. */
  waysBackInfo(): Promise<WaysBackInfo>
  /** The whole number, on a trusted device. */
  number(): Promise<string | null>
  /** A code goes to the new number; nothing changes before `confirmNumber` (F4). */
  changeNumber(number: string, passcode: string): Promise<SentVerification>
  confirmNumber(id: string, code: string): Promise<void>
  addNumber(number: string, passcode: string): Promise<SentVerification>
  confirmAddedNumber(id: string, code: string): Promise<void>
  removeNumber(id: string, passcode: string): Promise<void>
  sendVerification(purpose: VerificationPurpose, to?: string | null): Promise<SentVerification>
  /** `id` null: a code that a trusted device shows. */
  checkVerification(id: string | null, code: string, purpose: VerificationPurpose): Promise<void>
  verificationStatus(id: string): Promise<VerificationDelivery>
  stopSupportCase(): Promise<void>
  turnOnTwoFactor(passcode: string): Promise<void>
  /** `id` and `code`: what came by SMS for this. */
  turnOffTwoFactor(passcode: string, id: string, code: string): Promise<void>
  /** Why it is too weak; null: it is not. Asks nobody. */
  securityCodeReason(kind: 'digits' | 'own', code: string): Promise<string | null>
  /** A random one comes back, to be shown this once. */
  setSecurityCode(code: SecurityCode): Promise<string | null>
  removeSecurityCode(): Promise<void>
  /** This device's passcode, which the recovery services do not hold yet. */
  layDownPasscode(passcode: string): Promise<void>
  acceptRealms(): Promise<void>
  /** In groups, shown this once. */
  createRecoveryKey(replace: boolean): Promise<string>
  checkRecoveryKey(text: string): Promise<boolean>
  revokeRecoveryKey(): Promise<void>
  recoverWithKey(text: string): Promise<void>
  waysBack(): Promise<WaysBack>
  recoveryStanding(slot: string): Promise<Standing>
  recoverWithCode(slot: string, code: string): Promise<void>
  /** For a device that waits (F2). */
  deviceCode(): Promise<{ readonly code: string; readonly expiresMs: number }>
  /** JSON text for a file. */
  exportServerData(): Promise<string>
  /** Settings of this device for a file, and no item (D1). */
  backupDevice(): Promise<string>
  /** Throws `format-unknown`, `update-needed`, `malformed`. */
  restoreDevice(text: string): Promise<void>
}

export type CallName = keyof Calls

export interface Request {
  readonly id: number
  readonly name: CallName
  readonly args: readonly unknown[]
}

export type Answer =
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** the store was erased or made newer by another tab: this worker is of no use any more */
  | { readonly type: 'taken' }
  /** the doctor is looking */
  | { readonly type: 'looking'; readonly known: number; readonly total: number }
