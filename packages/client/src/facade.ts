/**
 * The one facade that every app uses (L5): what a device can be asked to do, in plain values without keys. Implemented by
 * `openClient` in this package. Every call throws `NokkelError` with a stable code and nothing else.
 * Long because it is the whole of what an app may ask, in one place; what answers stands in `calls/`.
 */
import type { AccountId, CborValue, DeviceId, ErrorCode, ErrorParams, ItemId, RequestId, Secret } from '@nokkel/base'
import type { AutofillSwitches, DecisionChanges, ItemDraft, PasswordHealth } from '@nokkel/keychain'
import type { ClassPolicy } from '@nokkel/protocol'
import type { AuthenticatorHandle } from './authenticator.ts'
import type { PasscodeStanding } from './escrow-care.ts'
import type { Observer } from './observe.ts'
import type { Standing, WaysBack } from './recover-by-code.ts'
import type { SecurityCode } from './security-code.ts'

export type { AuthenticatorHandle, AutofillSwitches }

/** Where this device stands. `signed-in`: has a session but is not trusted. `off`: turned off here, with or without a frozen copy. */
export type DeviceState = 'empty' | 'locked' | 'signed-in' | 'trusted' | 'removed' | 'off' | 'reset'

export interface Progress {
  readonly phase: 'connecting' | 'waiting' | 'circle' | 'pulling' | 'opening' | 'sealing' | 'pushing' | 'importing' | 'done'
  readonly done: number
  /** 0 when unknown */
  readonly total: number
}

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

export interface AccountDetails {
  readonly server: string
  readonly email: string
  readonly password: string
  readonly passcode: string
  readonly deviceName: string
}

export interface JoinTicket {
  readonly requestId: RequestId
  /** six digits, to be typed on a trusted device */
  readonly code: string
  readonly expiresMs: number
}

export interface JoinRequestInfo {
  readonly requestId: RequestId
  readonly deviceId: DeviceId
  readonly class: 'cli' | 'web' | 'extension'
  readonly name: string
  readonly place: string
  readonly createdMs: number
  readonly expiresMs: number
  readonly state: 'pending' | 'approved' | 'declined' | 'expired'
}

export interface DeviceInfo {
  readonly id: DeviceId
  readonly name: string
  readonly class: 'cli' | 'web' | 'extension'
  readonly status: 'active' | 'removed' | 'left'
  readonly thisDevice: boolean
  readonly addedMs: number
  readonly addedBy: string | null
  readonly endedMs: number | null
  readonly endedBy: string | null
  /** time of the newest batch seen from it, null when it never wrote */
  readonly lastWriteMs: number | null
  /** its passcode is with the recovery services and brings a new device back (F2) */
  readonly passcodeHeld: boolean
}

/** Who holds what brings a new device back (ESC-4): none of them can open it, and the circle says for each way back which they are. */
export interface RecoveryServices {
  /** as the signed list names them */
  readonly addresses: readonly string[]
  /** so many must answer */
  readonly needed: number
  /** `changed`: signed by others than this device knows; nothing is laid down with them before `acceptRealms` */
  readonly standing: 'known' | 'changed'
}

/** `recover`: before a passcode or security code may be tried (F2, F3); `two-factor`: before two factors go off; `number-test`: does it arrive? */
export type VerificationPurpose = 'recover' | 'two-factor' | 'number-test'

/** An SMS with a code is on its way. */
export interface SentVerification {
  readonly id: string
  /** of the number it goes to; the whole is shown to trusted devices only */
  readonly lastDigits: string
  readonly resendAfterMs: number
  readonly expiresMs: number
}

export interface VerificationDelivery {
  readonly state: 'queued' | 'sent' | 'delivered' | 'failed'
  /** as the gateway knows it (F8); words under `sms-reason` in messages */
  readonly reason: string | null
  readonly resendAfterMs: number
}

export interface TwoFactorInfo {
  readonly on: boolean
  /** by a signature that this device has checked; otherwise as the server says */
  readonly verified: boolean
  /** last two digits of the verification number; null: there is none */
  readonly numberEnd: string | null
  /** further trusted numbers, which a code may go to while two factors are on */
  readonly further: readonly { readonly id: string; readonly end: string }[]
  /** the support re-opens the number (F5): opened by one operator; waiting since the second agreed; open for the number that was named */
  readonly supportCase: { readonly state: 'opened' | 'waiting' | 'open'; readonly dueMs: number | null } | null
}

export interface NumberInfo {
  /** null on a device that is not trusted, and where there is none */
  readonly number: string | null
  readonly numberEnd: string | null
  /** `number` null on a device that is not trusted */
  readonly further: readonly { readonly id: string; readonly end: string; readonly number: string | null }[]
}

/** An alarm or news that the user has not yet acknowledged (F9). */
export interface Notice {
  readonly id: string
  readonly kind:
    | 'device-added'
    | 'device-removed'
    | 'device-left'
    | 'this-device-removed'
    | 'keychain-reset'
    | 'device-recovered'
    | 'recovery-added'
    | 'recovery-removed'
    | 'recovery-attempted'
    | 'recovery-burned'
    | 'recovery-locked'
    | 'realms-changed'
    | 'keys-rotated'
    | 'server-restored'
    | 'alarm'
    | 'items-quarantined'
    | 'edit-restored'
    | 'database-rebuilt'
    | 'clock-wrong'
    | 'two-factor-on'
    | 'two-factor-off'
    | 'policy-changed'
    | 'number-changed'
    | 'number-added'
    | 'number-removed'
    | 'password-changed'
    | 'new-sign-in'
    | 'recovery-verified'
    | 'support-opened'
    | 'support-waiting'
    | 'support-open'
    | 'support-stopped'
  readonly timeMs: number
  readonly params: Readonly<Record<string, string | number | boolean>>
}

export interface Paused {
  readonly code: 'region-unavailable' | 'client-too-old' | 'server-too-old' | 'quota-exceeded' | 'disk-full' | 'io-failed'
  readonly params: ErrorParams
}

export interface Status {
  readonly state: DeviceState
  readonly server: string | null
  readonly email: string | null
  readonly accountId: AccountId | null
  readonly deviceId: DeviceId | null
  readonly deviceName: string | null
  readonly twoFactor: boolean
  readonly online: boolean
  readonly offlineSinceMs: number | null
  /** the server is there and does not synchronise for now (A2, A3): why, with the error's parameters; local data stays usable */
  readonly paused: Paused | null
  readonly lastSyncMs: number | null
  readonly pendingChanges: number
  readonly items: number
  readonly quarantined: number
  /** position in the vault log */
  readonly cursor: number
  readonly circle: { readonly seq: number; readonly headHex: string; readonly activeDevices: number; readonly rotationDue: boolean } | null
  readonly keyGeneration: number | null
  readonly epochs: readonly { readonly vault: string; readonly epoch: number; readonly oldRecords: number }[]
  readonly joinRequest: JoinTicket | null
  /** the account has a recovery key */
  readonly recoveryKey: boolean
  /** recovery by a code; null on a device that is not trusted */
  readonly escrow: {
    /** whether this device's passcode brings it back (two factors on) */
    readonly passcode: PasscodeStanding
    /** what kept it from being laid down when it was last tried */
    readonly fault: ErrorCode | null
    /** the account has a security code (two factors off) */
    readonly securityCode: boolean
    /** devices whose passcode brings a new one back */
    readonly passcodes: number
  } | null
  readonly removal: { readonly byName: string; readonly timeMs: number; readonly disposition: 'keep' | 'delete' } | null
  readonly serverClockSkewMs: number | null
  readonly notices: readonly Notice[]
}

export interface ItemSummary {
  readonly id: ItemId
  readonly kind: string
  readonly title: string
  readonly username: string
  readonly sites: readonly string[]
  readonly createdMs: number
  readonly modifiedMs: number
  readonly deletedMs: number | null
  readonly favorite: boolean
  readonly hasTotp: boolean
  /** has changes that are not yet at the server */
  readonly pending: boolean
}

export interface FieldView {
  readonly name: string
  readonly value: CborValue
  readonly secret: boolean
  readonly modifiedMs: number
  readonly modifiedBy: string
}

export interface HistoryView {
  /** position in the item's history, newest first; argument of `restoreHistory` */
  readonly index: number
  readonly field: string
  readonly value: CborValue
  readonly secret: boolean
  readonly timeMs: number
  readonly by: string
  /** `replaced` by a later edit, or lost a `conflict` between devices (B2) */
  readonly reason: 'replaced' | 'conflict'
}

export interface ItemView extends ItemSummary {
  readonly fields: readonly FieldView[]
  readonly history: readonly HistoryView[]
}

export interface ItemQuery {
  /** words that must all occur in title, user name, sites, tags or notes; empty for all */
  readonly text?: string
  readonly kind?: string
  /** items in "recently deleted" instead of the others */
  readonly deleted?: boolean
  /** only those that make verification codes */
  readonly hasTotp?: boolean
  readonly favorite?: boolean
  readonly limit?: number
}

/** What a query found, in the order of lists. Stays as it was found, and costs little before its rows are asked for. */
export interface ItemList {
  readonly total: number
  rows(from: number, to: number): readonly ItemSummary[]
}

export interface ItemChanges {
  readonly set: ReadonlyMap<string, CborValue>
  readonly remove?: readonly string[]
}

export interface SyncReport {
  readonly pulled: number
  readonly pushed: number
  readonly merged: number
  readonly quarantined: number
  readonly pending: number
}

export interface SyncChange {
  /** `settings`: what a person decided for all devices (`Client.autofill`) */
  readonly type: 'item' | 'settings' | 'circle' | 'join-request' | 'online' | 'offline' | 'paused' | 'notice'
  readonly id: string
  readonly title: string
  readonly by: string
  /** milliseconds from the hint, or from the writer's clock when there was none, until readable here */
  readonly tookMs: number
}

export interface ImportReport {
  readonly format: string
  readonly rows: number
  readonly added: number
  /** same content is already in the keychain */
  readonly alreadyThere: number
  /** what the first few of those that are new are called */
  readonly titles: readonly string[]
  readonly rejected: readonly {
    readonly row: number
    /** what it calls itself, when that could be read */
    readonly title?: string
    readonly reason: string
    readonly params: Readonly<Record<string, string | number>>
  }[]
  readonly notes: readonly { readonly row: number; readonly code: string; readonly params: Readonly<Record<string, string | number>> }[]
}

export interface ActivityEvent {
  readonly timeMs: number
  readonly kind: string
  readonly device: string
  readonly place: string
  readonly detail: string
  /** from the circle, checked by this device; otherwise as the server says */
  readonly verified: boolean
}

/** As a browser gives it; keys base64url. */
export interface PushSubscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

export interface Client {
  /** The real state of this device and its account, for the doctor (G); reads only. */
  readonly observe: Observer
  /** Known without the passcode: `empty`, `locked`, or the state once unlocked. */
  state(): Promise<DeviceState>
  createAccount(details: AccountDetails & { readonly region?: string; readonly phone?: string }, options?: CallOptions): Promise<Status>
  /** Afterwards the device is signed in but not trusted (A5), unless this very device is still a member. */
  signIn(
    details: AccountDetails & {
      /** what becomes of a copy of a keychain that was reset: into the new one, or away. Without it: `other-account-copy` */
      readonly copy?: 'merge' | 'discard'
    },
    options?: CallOptions,
  ): Promise<Status>
  signOut(): Promise<void>

  unlock(passcode: string): Promise<void>
  /** With the key that `unlockKey` gave, for an agent that holds it in memory. */
  unlockWithKey(key: Secret): Promise<void>
  /** The local key itself; throws `locked`. Never to be written anywhere. */
  unlockKey(): Secret
  lock(): void
  /** Picks up what another client has written to the same store; cheap when there was nothing. Asks nobody. */
  refresh(): Promise<void>
  /** Throws `passcode-wrong` or `passcode-throttled` (param `retryAfterSeconds`). */
  checkPasscode(passcode: string): Promise<void>
  changePasscode(oldPasscode: string, newPasscode: string): Promise<void>
  /** How this device's platform authenticator is asked, also while locked; null where it does not open the keychain (LOC-12). */
  authenticator(): Promise<AuthenticatorHandle | null>
  /** From now on what the authenticator answers opens this device too. The passcode stays. Destroys `output`. */
  addAuthenticator(handle: AuthenticatorHandle, output: Secret): Promise<void>
  /** Throws `authenticator-wrong`. Destroys `output`. */
  unlockWithAuthenticator(output: Secret): Promise<void>
  /** Throws `authenticator-wrong`. Destroys `output`. */
  checkAuthenticator(output: Secret): Promise<void>
  /** False when there was none. */
  removeAuthenticator(): Promise<boolean>
  /**
   * Unlocks, or chooses the passcode of a device that has none yet; nothing else happens. For restoring settings (D1); `restoredFrom` is
   * remembered until the keychain is turned on, so that the doctor can say why nothing is here.
   */
  prepareDevice(passcode: string, restoredFrom?: { readonly server: string }): Promise<void>
  settings(): Promise<Settings>
  changeSettings(changes: Partial<Settings>): Promise<Settings>
  /** Filling and saving as it holds on this device. */
  autofill(): Promise<AutofillSettings>
  /** For all devices, but for the switches of a device that keeps its own. Throws `malformed`, `too-large`, and what a device throws that has no keychain. */
  changeAutofill(changes: AutofillChanges): Promise<AutofillSettings>

  /** Items that were filled in on this device and when, the last one first; of the last 256. */
  usedItems(): Promise<ReadonlyMap<ItemId, number>>
  /** It was filled in just now. Throws what a device throws that is not trusted. */
  noteUsed(id: ItemId): Promise<void>

  /** What the server last told of sites in general, unread: equivalent sites, rules for passwords, where they are changed. null: nothing. */
  siteData(): Promise<string | null>
  /** Asks for it where it is time to, quietly; true when there is another one. */
  refreshSiteData(): Promise<boolean>

  requestJoin(): Promise<JoinTicket>
  /** Answers the approving device and, once admitted, pulls everything (A7). Resolves when up to date; throws when declined or expired. */
  waitForJoin(options?: CallOptions): Promise<SyncReport>
  /** What a QR code for this device's request says, in place of the digits, and until when it is to be shown (JOIN-11). */
  joinQr(): Promise<{ readonly text: string; readonly expiresMs: number }>
  withdrawJoin(): Promise<void>
  joinRequests(): Promise<readonly JoinRequestInfo[]>
  /** Throws `code-wrong`, `code-attempts-used`, `applicant-offline`, `request-not-found`, `request-expired`. */
  approve(requestId: RequestId, code: string, options?: CallOptions & { readonly timeoutMs?: number }): Promise<DeviceInfo>
  /** With the text of the QR code that the new device shows. Throws as `approve`, and `qr-invalid`, `qr-outdated`. */
  approveByQr(requestId: RequestId, text: string, options?: CallOptions & { readonly timeoutMs?: number }): Promise<DeviceInfo>
  decline(requestId: RequestId): Promise<void>
  devices(): Promise<readonly DeviceInfo[]>
  renameDevice(device: DeviceId, name: string): Promise<void>
  removeDevice(device: DeviceId, options: { readonly deleteCopy: boolean }): Promise<void>

  status(): Promise<Status>
  /** Marks notices as seen. */
  acknowledge(notices: readonly string[]): Promise<void>
  activity(): Promise<readonly ActivityEvent[]>
  /** The key by which push services know the server (PUSH-1), base64url. */
  pushKey(): Promise<string>
  /** Notices to this device while its app is closed, in place of an older subscription; null ends them. */
  setPushSubscription(subscription: PushSubscription | null): Promise<void>
  /** A new recovery key, in groups, shown this once (F10). Throws `recovery-key-exists` unless `replace`, which voids the old one. */
  createRecoveryKey(options?: { readonly replace?: boolean }): Promise<string>
  /** Is it the key in force? A slip is found without a network: `recovery-key-invalid`. */
  checkRecoveryKey(text: string): Promise<boolean>
  /** False when there was none. */
  revokeRecoveryKey(): Promise<boolean>
  /** A signed-in device comes back by itself, and pulls everything. Throws `recovery-key-invalid`, `recovery-key-unknown`, `recovery-stale`. */
  recoverWithKey(text: string, options?: CallOptions): Promise<SyncReport>
  /** On a signed-in device: what could bring it back by itself, and whether the second factor was shown. */
  waysBack(): Promise<WaysBack>
  /**
   * Guesses left and what to wait, before one is spent (F7). Throws `verification-needed`, `recovery-unknown`, `recovery-burned`,
   * `recovery-locked`, `realms-unavailable`.
   */
  recoveryStanding(slot: string): Promise<Standing>
  /** One guess. Throws as `recoveryStanding`, `recovery-wait`, and `recovery-code-wrong` with what is left. */
  recoverWithCode(slot: string, code: string, options?: CallOptions): Promise<SyncReport>
  /** For an account with two factors off (F3). Gives the code back, a random one to be shown once. Throws `two-factor-on`, `weak-passcode`. */
  setSecurityCode(code: SecurityCode): Promise<string>
  /** False when there was none. */
  removeSecurityCode(): Promise<boolean>
  /** Null where the server offers no recovery by a code. */
  recoveryServices(): Promise<RecoveryServices | null>
  /** The realm lists of this server are signed by others than before (`realms-changed`), and the person believes them. */
  acceptRealms(): Promise<void>
  /**
   * An SMS with a code to the account's number, or to the further one named by `to`; also for a device that is only signed in. Throws
   * `number-missing`, `rate-limited`, `not-found`.
   */
  sendVerification(purpose: VerificationPurpose, to?: string | null): Promise<SentVerification>
  /** `id` null: a code that a trusted device shows. Throws `verification-code-wrong`, whatever was wrong. Lasts for 30 minutes. */
  checkVerification(id: string | null, code: string, purpose: VerificationPurpose): Promise<void>
  verificationStatus(id: string): Promise<VerificationDelivery>
  /** A six-digit code to be typed on a device that waits (F2); it voids the one before. */
  deviceCode(): Promise<{ readonly code: string; readonly expiresMs: number }>
  twoFactor(): Promise<TwoFactorInfo>
  /** Asks for this device's passcode; off also needs `checkVerification` for `two-factor` before: `verification-needed`. */
  setTwoFactor(on: boolean, proof: { readonly passcode: string }): Promise<void>
  /** What devices in browsers may do, now (SPEC CIR-23). */
  classPolicy(): Promise<ClassPolicy>
  /**
   * For all devices of the classes named. A class that goes off is emptied first; `deleteCopy` as for `removeDevice`. Throws `policy-forbids` on a
   * device that is limited itself, or of a class that it would limit. What a limited device asks for that is not its to do throws the same.
   */
  setClassPolicy(policy: Partial<ClassPolicy>, options: { readonly deleteCopy: boolean }): Promise<void>
  /** The verification number; whole on a trusted device, its end on others. */
  number(): Promise<NumberInfo>
  /** A code goes to the new number; nothing changes before `confirmNumber` (F4). Throws `phone-invalid`. */
  changeNumber(number: string, proof: { readonly passcode: string }): Promise<SentVerification>
  confirmNumber(id: string, code: string): Promise<void>
  /** A code goes to a number that is to become a further trusted one (F2). Throws `phone-invalid`, `number-missing`, `number-limit`. */
  addNumber(number: string, proof: { readonly passcode: string }): Promise<SentVerification>
  confirmAddedNumber(id: string, code: string): Promise<void>
  /** `id`: of a further number. Throws `not-found`. */
  removeNumber(id: string, proof: { readonly passcode: string }): Promise<void>
  /** Any trusted device can stop the support's case (F5). */
  stopSupportCase(): Promise<void>
  /** All other devices have to sign in again (SIG-9). Throws `sign-in-failed` for a wrong old password, `weak-password`. */
  changeAccountPassword(oldPassword: string, newPassword: string): Promise<void>
  /** The account is erased from the server after 14 days (H2); returns when. Asked again, the first day counts. */
  deleteAccount(): Promise<number>
  /** Takes that back. Also for a device that is only signed in. */
  keepAccount(): Promise<void>
  /** All that the server holds on the account and can read (H2), as plain values for a file. */
  exportServerData(): Promise<Readonly<Record<string, unknown>>>

  items(query?: ItemQuery): Promise<readonly ItemSummary[]>
  /** The same, for who shows a few rows of many. */
  listItems(query?: ItemQuery): Promise<ItemList>
  /**
   * Does in small pieces, with room for other calls in between, what the first search would otherwise do at once: worth it where somebody may
   * soon type. Ends when all is done, when the signal says so, and with the lock. Nothing of it outlives the lock.
   */
  prepareSearch(options?: { readonly signal?: AbortSignal }): Promise<void>
  item(id: ItemId): Promise<ItemView>
  addItem(draft: ItemDraft): Promise<ItemId>
  editItem(id: ItemId, changes: ItemChanges): Promise<void>
  deleteItem(id: ItemId): Promise<void>
  restoreItem(id: ItemId): Promise<void>
  /** For good, on all devices. */
  purgeItem(id: ItemId): Promise<void>
  restoreHistory(id: ItemId, index: number): Promise<void>
  /** Items made for the same site and user name (B2). */
  duplicates(): Promise<readonly (readonly ItemSummary[])[]>
  /** Makes them one, the first of them; nothing is lost, the others go to "recently deleted" (B2). */
  mergeItems(ids: readonly ItemId[]): Promise<void>
  /** Weak, reused and old passwords, judged on this device. */
  passwordHealth(): Promise<PasswordHealth>
  importFile(
    file: { readonly name: string; readonly bytes: Uint8Array },
    options?: CallOptions & { readonly format?: string; readonly dryRun?: boolean },
  ): Promise<ImportReport>

  sync(options?: CallOptions): Promise<SyncReport>
  /** Keeps in sync until `signal` aborts; reconnects by itself. */
  watch(onChange: (change: SyncChange) => void, options: { readonly signal: AbortSignal }): Promise<void>
  /**
   * Off on this device (D2). With `everywhere`, on all devices: the others are removed first, and the keychain goes from the server (D3).
   * Without it the last device gets `last-device`.
   */
  turnOff(options: { readonly copy: 'keep' | 'delete'; readonly everywhere?: boolean }): Promise<void>
  /** Is the account without a keychain, because it was turned off everywhere? Asks the server. */
  isOffEverywhere(): Promise<boolean>
  /** A new keychain in place of the account's present one, with this device's items or with none (D4). Asks for the account's password. */
  resetKeychain(details: { readonly password: string; readonly from: 'device' | 'nothing' }, options?: CallOptions): Promise<Status>
  /** Erases everything on this device. Throws `turn-off-first` while the keychain is on here (D4). */
  eraseDevice(): Promise<void>
  close(): Promise<void>
}

export interface Settings {
  /** minutes until the agent locks, 1 … 240 */
  readonly autoLockMinutes: number
  readonly language: 'nb' | 'en' | 'system'
  /** minutes that a proof of the person holds for seeing secrets (C1), 1 … 240; kept by apps with screens */
  readonly proofMinutes: number
}

/** Switches and lists of filling and saving (E1, E2, E4): the keychain's, the same on all devices (SPEC SYN-32). */
export interface AutofillSettings extends AutofillSwitches {
  /** the switches are this device's alone */
  readonly apart: boolean
  /** never offer to save here; hosts or registrable domains, in the order of the alphabet */
  readonly neverSave: readonly string[]
  /** fill and offer to save here although the page asks not to */
  readonly allowOff: readonly string[]
}

/** Site by site, so that what another device adds meanwhile stays. */
export interface AutofillChanges extends DecisionChanges {
  /** true: this device keeps switches of its own from now on; false: those of all devices hold here again */
  readonly apart?: boolean
}
