/**
 * The server as the synchroniser sees it: one method a route, bytes in and bytes out. `HttpServerApi` is the product; the simulator
 * and the attack tests bring servers of their own. Every method throws `NokkelError`; what the server says is never trusted here,
 * only parsed.
 */
import type { Bytes, DeviceId, ItemId, RequestId, VaultId } from '@nokkel/base'
import type { SigningKey } from '@nokkel/crypto'
import type { ChangesFrame, CircleAppend, CircleKeys, JsonRequest, JsonResponse, LiveEvent } from '@nokkel/protocol/wire'

/** What a signed-in device presents. */
export interface Session {
  readonly token: string
  readonly deviceId: DeviceId
  readonly sign: SigningKey
}

export interface ApiOptions {
  readonly signal?: AbortSignal | undefined
}

export interface PushResult {
  /** the log's end after the request */
  readonly seq: number
  readonly accepted: number
}

export interface ServerApi {
  server(options?: ApiOptions): Promise<JsonResponse<'server'>>
  accountStart(request: JsonRequest<'accountStart'>): Promise<JsonResponse<'accountStart'>>
  accountFinish(request: JsonRequest<'accountFinish'>): Promise<JsonResponse<'accountFinish'>>
  signInStart(request: JsonRequest<'signInStart'>): Promise<JsonResponse<'signInStart'>>
  signInFinish(request: JsonRequest<'signInFinish'>): Promise<JsonResponse<'signInFinish'>>

  session(session: Session): Promise<JsonResponse<'session'>>
  signOut(session: Session): Promise<void>
  /** A new keychain in place of the account's present one (D4). */
  keychainReplace(session: Session, request: JsonRequest<'keychainReplace'>): Promise<JsonResponse<'keychainReplace'>>
  /** The last device leaves; the server removes the keychain (D3). */
  keychainOff(session: Session, request: JsonRequest<'keychainOff'>): Promise<void>
  /** Entries after position `after`; -1 for all. Paged inside. */
  circle(session: Session, after: number, options?: ApiOptions): Promise<Bytes[]>
  appendCircle(session: Session, append: CircleAppend): Promise<void>
  circleKeys(session: Session): Promise<CircleKeys>
  /** Calls `onFrame` for each page in order; the next page is not read before it resolves. */
  changes(
    session: Session,
    vault: VaultId,
    from: { readonly after: number; readonly incarnation: string | null },
    onFrame: (frame: ChangesFrame, bytes: number) => Promise<void>,
    options?: ApiOptions,
  ): Promise<void>
  push(session: Session, vault: VaultId, frames: readonly Uint8Array[], options?: ApiOptions): Promise<PushResult>
  records(session: Session, vault: VaultId, items: readonly ItemId[]): Promise<Bytes[]>

  /** All entries, for a device that is not a member and wants to come back by itself. */
  recoveryCircle(session: Session): Promise<Bytes[]>
  recoveryBundles(session: Session): Promise<JsonResponse<'recoveryBundles'>>
  recoveryBundle(session: Session, request: JsonRequest<'recoveryBundle'>): Promise<void>
  recover(session: Session, append: CircleAppend): Promise<void>

  /** Realms of the deployment, and what is kept beside the circle of the account's registrations with realms. */
  escrow(session: Session): Promise<JsonResponse<'escrow'>>
  escrowPut(session: Session, request: JsonRequest<'escrowPut'>): Promise<void>
  escrowTokens(session: Session, request: JsonRequest<'escrowTokens'>): Promise<JsonResponse<'escrowTokens'>>
  /**
   * One question to a realm, bytes in and out; `url` is an origin from a realm list, empty for the server's own. No session goes along.
   * What the answer is worth, the signature in it says.
   */
  realm(url: string, operation: string, request: Bytes): Promise<Bytes>
  pushKey(session: Session): Promise<JsonResponse<'pushKey'>>
  pushSubscribe(session: Session, request: JsonRequest<'pushSubscribe'>): Promise<void>
  pushUnsubscribe(session: Session): Promise<void>

  joinCreate(session: Session, request: JsonRequest<'joinCreate'>): Promise<JsonResponse<'joinCreate'>>
  joinList(session: Session): Promise<JsonResponse<'joinList'>>
  joinDecline(session: Session, request: RequestId): Promise<void>
  joinSend(session: Session, request: RequestId, message: JsonRequest<'joinSend'>): Promise<void>
  joinReceive(session: Session, request: RequestId, run: string | null): Promise<JsonResponse<'joinReceive'>>
  activity(session: Session): Promise<JsonResponse<'activity'>>
  account(session: Session): Promise<JsonResponse<'account'>>
  passwordStart(session: Session, request: JsonRequest<'passwordStart'>): Promise<JsonResponse<'passwordStart'>>
  passwordFinish(session: Session, request: JsonRequest<'passwordFinish'>): Promise<void>
  accountDelete(session: Session): Promise<JsonResponse<'accountDelete'>>
  accountKeep(session: Session): Promise<JsonResponse<'accountKeep'>>

  verification(session: Session): Promise<JsonResponse<'verification'>>
  verificationSend(session: Session, request: JsonRequest<'verificationSend'>): Promise<JsonResponse<'verificationSend'>>
  verificationCheck(session: Session, request: JsonRequest<'verificationCheck'>): Promise<void>
  verificationStatus(session: Session, id: string): Promise<JsonResponse<'verificationStatus'>>
  deviceCode(session: Session): Promise<JsonResponse<'deviceCode'>>
  /** A statement of `makeTwoFactor`. */
  twoFactorSet(session: Session, statement: Uint8Array): Promise<void>
  numberChange(session: Session, request: JsonRequest<'numberChange'>): Promise<JsonResponse<'numberChange'>>
  numberConfirm(session: Session, request: JsonRequest<'numberConfirm'>): Promise<void>
  numberAdd(session: Session, request: JsonRequest<'numberAdd'>): Promise<JsonResponse<'numberAdd'>>
  numberAddConfirm(session: Session, request: JsonRequest<'numberAddConfirm'>): Promise<void>
  numberRemove(session: Session, request: JsonRequest<'numberRemove'>): Promise<void>
  supportStop(session: Session): Promise<void>
  /** After the notice of this id; all that are kept for null. */
  notices(session: Session, after: string | null): Promise<JsonResponse<'notices'>>

  /** What is known of sites in general (API-14): the whole list, unread. null: still the one with this ETag. */
  siteData(etag: string | null): Promise<{ readonly etag: string; readonly text: string } | null>

  /**
   * Opens the live channel. Resolves when the server said `ready`; afterwards `onEvent` is called for every hint and `onClose`
   * once. Throws `offline` when it cannot be opened, `session-invalid` when the server knows no session of this device that may listen.
   */
  live(
    session: Session,
    handlers: { readonly onEvent: (event: LiveEvent) => void; readonly onClose: () => void },
    options?: ApiOptions,
  ): Promise<{ close(): void }>

  /** Milliseconds that the server's clock is ahead of ours, as last heard; null before the first answer. */
  readonly clockSkewMs: number | null
}
