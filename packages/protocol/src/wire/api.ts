/**
 * The HTTP interface as data (SPEC API-1): one table of routes with their JSON schemas, from which the server builds handlers and
 * `/openapi.json`, and the client its calls. Bytes in JSON are base64url without padding. CBOR bodies are those of `frames.ts`.
 * Every string has a ceiling; unknown members of requests are refused, unknown members of answers ignored. Long because it is one table: a
 * route and what it takes and gives are read together.
 */
import * as v from 'valibot'
import { limits } from './limits.ts'

const base64url = (maxBytes: number) => v.pipe(v.string(), v.maxLength(Math.ceil((maxBytes * 4) / 3)), v.regex(/^[A-Za-z0-9_-]*$/))
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** Deliberately loose: the mail system decides. Lower-cased and NFC-normalised by the client before use. */
const email = v.pipe(v.string(), v.maxLength(limits.email), v.regex(/^[^\s@]+@[^\s@]+$/))
const phone = v.pipe(v.string(), v.regex(/^\+[1-9][0-9]{5,14}$/))
const region = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))
const deviceName = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.deviceName))
const deviceClass = v.picklist(['cli', 'web', 'extension'])
const opaqueMessage = base64url(1_024)
const hash = base64url(32)
/** SHA-256 of a way back's signing key */
const memberName = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const serverInfo = v.object({
  serverId: id,
  name: v.pipe(v.string(), v.maxLength(100)),
  version: v.pipe(v.string(), v.maxLength(40)),
  protocol: v.object({ min: count, max: count }),
  minimumClient: v.object({ cli: v.string(), web: v.string(), extension: v.string() }),
  registration: v.picklist(['open', 'closed']),
  /** null: offered everywhere (A2) */
  regions: v.nullable(v.array(region)),
  timeMs,
})

const accountStart = v.strictObject({ accountId: id, email, registrationRequest: opaqueMessage })
const accountStarted = v.object({ registrationResponse: opaqueMessage })
const accountFinish = v.strictObject({
  accountId: id,
  email,
  registrationRecord: opaqueMessage,
  /** HMAC that ties the circle to the password (SPEC SIG-5) */
  bind: hash,
  region: v.nullable(region),
  phone: v.nullable(phone),
  genesis: base64url(limits.circleEntryBytes),
  shares: v.pipe(v.array(base64url(limits.shareBytes)), v.maxLength(1)),
  wraps: v.pipe(v.array(base64url(limits.wrapBytes)), v.maxLength(limits.vaults)),
})
const session = v.object({
  token: base64url(32),
  state: v.picklist(['pending', 'active']),
  accountId: id,
  deviceId: id,
  bind: hash,
  genesisHash: hash,
})

const signInStart = v.strictObject({ email, startLoginRequest: opaqueMessage })
const signInStarted = v.object({ loginId: id, accountId: id, loginResponse: opaqueMessage })
const signInFinish = v.strictObject({
  loginId: id,
  finishLoginRequest: opaqueMessage,
  /** its name is none of the server's business; it tells it only when it asks to be let in */
  device: v.strictObject({ id, class: deviceClass, signKey: base64url(32) }),
  /** the device's signature over `signInProofBody` */
  proof: base64url(64),
})

/** Why an account's keychain is no more: replaced by a new one (D4), or turned off on the last device (D3). */
const keychainEnd = v.object({
  kind: v.picklist(['reset', 'off']),
  timeMs,
  /** the device whose session asked for it */
  deviceId: v.nullable(id),
  /** first entry of the keychain that took its place */
  genesis: v.nullable(base64url(limits.circleEntryBytes)),
  /** by the old circle's device over `resetBody`; null when nobody of the old circle was left to sign */
  endorsement: v.nullable(base64url(64)),
})
const sessionInfo = v.object({
  state: v.picklist(['pending', 'active', 'removed', 'ended']),
  accountId: id,
  deviceId: id,
  timeMs,
  end: v.optional(v.nullable(keychainEnd), null),
  /** head of the circle, which a reset names; a pending session sees no more of it here */
  circleHead: v.optional(v.nullable(hash), null),
})
const keychainReplace = v.strictObject({
  ...accountFinish.entries,
  endorsement: v.nullable(base64url(64)),
})
const keychainOff = v.strictObject({
  /** the last device's signed `leave` */
  entry: base64url(limits.circleEntryBytes),
  expectedHead: hash,
})

const joinCreate = v.strictObject({ name: deviceName })
const joinCreated = v.object({ requestId: id, expiresMs: timeMs })
const joinRequest = v.object({
  requestId: id,
  deviceId: id,
  class: deviceClass,
  /** as the new device calls itself; not authenticated until the code was typed */
  name: deviceName,
  /** where the request came from, as far as the server can tell: the address's prefix, or the proxy's country header */
  place: v.pipe(v.string(), v.maxLength(100)),
  createdMs: timeMs,
  expiresMs: timeMs,
  state: v.picklist(['pending', 'approved', 'declined', 'expired']),
  /** when a trusted device first fetched the request; null: none has been there since */
  seenMs: v.optional(v.nullable(timeMs), null),
})
const joinList = v.object({ requests: v.pipe(v.array(joinRequest), v.maxLength(100)) })
const joinMessage = v.strictObject({
  /** one run of the code exchange; chosen by the approving device */
  run: id,
  step: v.picklist([1, 2, 3]),
  body: base64url(limits.joinMessageBytes),
})
const joinMessages = v.object({ request: joinRequest, messages: v.pipe(v.array(v.object(joinMessage.entries)), v.maxLength(100)) })

const signedStatement = base64url(limits.twoFactorBytes)
const activityEvent = v.object({
  timeMs,
  kind: v.pipe(v.string(), v.maxLength(40)),
  deviceId: v.nullable(id),
  place: v.pipe(v.string(), v.maxLength(100)),
  detail: v.pipe(v.string(), v.maxLength(200)),
})
const activity = v.object({ events: v.pipe(v.array(activityEvent), v.maxLength(1_000)) })
const account = v.object({
  accountId: id,
  email,
  phone: v.nullable(v.string()),
  /** further trusted numbers (VER-11) */
  further: v.optional(v.pipe(v.array(v.object({ id, number: v.string() })), v.maxLength(limits.furtherNumbers)), []),
  region: v.nullable(v.string()),
  twoFactor: v.boolean(),
  twoFactorStatement: v.optional(v.nullable(signedStatement), null),
  createdMs: timeMs,
  /** when the account will be erased, if somebody asked for that */
  deletionDueMs: v.optional(v.nullable(timeMs), null),
  usage: v.object({ records: count, bytes: count, batches: count, circleEntries: count }),
  quota: v.object({ records: count, bytes: count }),
})
const sixDigits = v.pipe(v.string(), v.regex(/^[0-9]{6}$/))
/** the last two digits of a number: all that anybody but a trusted device is told of it (F8) */
const numberEnd = v.pipe(v.string(), v.regex(/^[0-9]{2}$/))
const gatePurpose = v.picklist(['recover', 'two-factor', 'number-test'])
const verification = v.object({
  /** as the server reads the signed statement; a device with the circle reads it itself (VER-8) */
  twoFactor: v.boolean(),
  twoFactorStatement: v.nullable(signedStatement),
  numberEnd: v.nullable(numberEnd),
  /** further trusted numbers, which a code may go to while two factors are on (VER-11) */
  further: v.optional(v.pipe(v.array(v.object({ id, end: numberEnd })), v.maxLength(limits.furtherNumbers)), []),
  /** the support's way back to a number that cannot be changed otherwise (F5), while one is under way */
  supportCase: v.nullable(v.object({ state: v.picklist(['opened', 'waiting', 'open']), dueMs: v.nullable(timeMs) })),
  /** the newest code that this device had sent and nobody has typed: how far it came, and why not further (F8) */
  lastSms: v.optional(
    v.nullable(
      v.object({
        state: v.picklist(['queued', 'sent', 'delivered', 'failed']),
        reason: v.nullable(v.pipe(v.string(), v.maxLength(40))),
        ageMs: count,
      }),
    ),
    null,
  ),
})
/** `to`: one of the further numbers (VER-11); null: the account's own */
const verificationSend = v.strictObject({ purpose: gatePurpose, to: v.optional(v.nullable(id), null) })
const verificationSent = v.object({ id, lastDigits: numberEnd, resendAfterMs: count, expiresMs: timeMs })
/** `id` null: a code that a trusted device shows */
const verificationCheck = v.strictObject({ id: v.nullable(id), code: sixDigits, purpose: gatePurpose })
const verificationStatus = v.object({
  state: v.picklist(['queued', 'sent', 'delivered', 'failed']),
  reason: v.nullable(v.pipe(v.string(), v.maxLength(40))),
  resendAfterMs: count,
})
const deviceCode = v.object({ code: sixDigits, expiresMs: timeMs })
const numberChange = v.strictObject({ number: phone })
const numberConfirm = v.strictObject({ id, code: sixDigits })
const accountNotice = v.object({
  id,
  timeMs,
  kind: v.pipe(v.string(), v.maxLength(40)),
  params: v.record(v.pipe(v.string(), v.maxLength(40)), v.union([v.pipe(v.string(), v.maxLength(200)), v.number()])),
})
const accountNotices = v.object({ notices: v.pipe(v.array(accountNotice), v.maxLength(200)) })
const passwordStart = v.strictObject({ registrationRequest: opaqueMessage })
const passwordFinish = v.strictObject({
  loginId: id,
  finishLoginRequest: opaqueMessage,
  registrationRecord: opaqueMessage,
  bind: hash,
  /** for every registration that the circle names, what the new password opens */
  locks: v.pipe(
    v.array(v.strictObject({ registration: id, outerLock: v.nullable(base64url(512)), label: v.nullable(base64url(512)) })),
    v.maxLength(limits.activeDevices + 1),
  ),
})
const accountDeletion = v.object({ dueMs: v.nullable(timeMs) })
const recoveryBundles = v.object({
  bundles: v.pipe(
    v.array(v.object({ member: memberName, bundle: base64url(limits.recoveryBundleBytes) })),
    v.maxLength(limits.recoveryMembers),
  ),
})
/** As a browser gives it (Push API): where to, and the keys to seal with. */
const pushSubscription = v.strictObject({
  endpoint: v.pipe(v.string(), v.maxLength(2_048)),
  p256dh: v.pipe(v.string(), v.regex(/^[\w-]{87}$/)),
  auth: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
})
const recoveryBundle = v.strictObject({ member: memberName, bundle: base64url(limits.recoveryBundleBytes) })
const realmDeployment = v.object({
  /** the signed realm list (`nk/1/esc/realms`) */
  list: base64url(limits.realmListBytes),
  /** who may sign it, and how many of them must */
  signers: v.pipe(v.array(hash), v.minLength(1), v.maxLength(8)),
  needed: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
  threshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.realms)),
})
const escrowRecordParts = {
  registration: id,
  slot: id,
  /** null without outer layer; in answers also for a session that has not shown a second factor */
  outerLock: v.nullable(base64url(limits.outerLockBytes)),
  /** what the person calls it, sealed under a key that the password gives */
  label: v.nullable(base64url(limits.escrowLabelBytes)),
}
const escrowRecord = v.strictObject({ ...escrowRecordParts, list: base64url(limits.realmListBytes) })
const escrow = v.object({
  /** realms for new registrations; null: none can be made here now */
  deployment: v.nullable(realmDeployment),
  /** a second factor was shown, so that tokens for recovery are given */
  passed: v.boolean(),
  /** signed realm lists of the records below, each once */
  lists: v.pipe(v.array(base64url(limits.realmListBytes)), v.maxLength(limits.escrowRecords)),
  records: v.pipe(v.array(v.object({ ...escrowRecordParts, list: count })), v.maxLength(limits.escrowRecords)),
})
const escrowTokens = v.strictObject({
  kind: v.picklist(['recover', 'register', 'manage']),
  registration: v.nullable(id),
  /** Ed25519 key that the client made for this one purpose */
  clientKey: hash,
  realms: v.pipe(v.array(id), v.minLength(1), v.maxLength(limits.realms)),
})
const escrowTokensMade = v.object({
  tokens: v.pipe(v.array(v.object({ realm: id, token: base64url(512) })), v.maxLength(limits.realms)),
})
const pushed = v.object({ seq: count, accepted: count })
const circleAppended = v.object({ seq: count })
const empty = v.object({})

/**
 * `auth`: 'none'; 'pending' = any live session, also one that waits for approval; 'active' = a trusted device's session.
 * A session of a removed device gets 403 `device-removed` everywhere but on routes marked `removed: true`.
 * `proof`: the request is signed by the device key (`request-proof.ts`); bodies of the other writing routes are signed in themselves.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly auth: 'none' | 'pending' | 'active'
  readonly removed?: true
  readonly proof?: true
  readonly query?: readonly string[]
  readonly request: v.GenericSchema | 'cbor' | 'frames' | null
  readonly response: v.GenericSchema | 'cbor' | 'frames'
  readonly summary: string
}

function route<const R extends Route>(definition: R): R {
  return definition
}

export const routes = {
  server: route({
    method: 'GET',
    path: '/v1/server',
    auth: 'none',
    request: null,
    response: serverInfo,
    summary: 'What this server is, offers and demands',
  }),
  accountStart: route({
    method: 'POST',
    path: '/v1/accounts/start',
    auth: 'none',
    request: accountStart,
    response: accountStarted,
    summary: 'OPAQUE registration, first message',
  }),
  accountFinish: route({
    method: 'POST',
    path: '/v1/accounts/finish',
    auth: 'none',
    request: accountFinish,
    response: session,
    summary: 'OPAQUE registration, record and genesis of the circle',
  }),
  signInStart: route({
    method: 'POST',
    path: '/v1/sign-in/start',
    auth: 'none',
    request: signInStart,
    response: signInStarted,
    summary: 'OPAQUE sign-in, KE1 to KE2',
  }),
  signInFinish: route({
    method: 'POST',
    path: '/v1/sign-in/finish',
    auth: 'none',
    request: signInFinish,
    response: session,
    summary: 'OPAQUE sign-in, KE3; gives a session',
  }),
  session: route({
    method: 'GET',
    path: '/v1/session',
    auth: 'pending',
    removed: true,
    request: null,
    response: sessionInfo,
    summary: 'State of the caller’s session',
  }),
  signOut: route({
    method: 'DELETE',
    path: '/v1/session',
    auth: 'pending',
    removed: true,
    proof: true,
    request: null,
    response: empty,
    summary: 'End the session',
  }),
  keychainReplace: route({
    method: 'POST',
    path: '/v1/keychain/replace',
    auth: 'pending',
    proof: true,
    request: keychainReplace,
    response: session,
    summary: 'Reset: a new circle and keychain in place of the account’s present one',
  }),
  keychainOff: route({
    method: 'POST',
    path: '/v1/keychain/off',
    auth: 'active',
    proof: true,
    request: keychainOff,
    response: empty,
    summary: 'The last device leaves, and the keychain is removed from the server',
  }),
  circle: route({
    method: 'GET',
    path: '/v1/circle',
    auth: 'active',
    removed: true,
    query: ['after'],
    request: null,
    response: 'cbor',
    summary: 'Circle entries after a position (-1 for all), at most 500',
  }),
  circleAppend: route({
    method: 'POST',
    path: '/v1/circle',
    auth: 'active',
    request: 'cbor',
    response: circleAppended,
    summary: 'Append one entry with its shares and wraps, compare-and-swap on the head',
  }),
  circleKeys: route({
    method: 'GET',
    path: '/v1/circle/keys',
    auth: 'active',
    request: null,
    response: 'cbor',
    summary: 'The caller’s shares and all wraps',
  }),
  log: route({
    method: 'GET',
    path: '/v1/vaults/:vault/log',
    auth: 'active',
    query: ['after', 'incarnation'],
    request: null,
    response: 'frames',
    summary: 'Changes after a position, streamed in pages until the log’s end',
  }),
  push: route({
    method: 'POST',
    path: '/v1/vaults/:vault/log',
    auth: 'active',
    request: 'frames',
    response: pushed,
    summary: 'Append batches with their records; each expects the log’s present end',
  }),
  records: route({
    method: 'POST',
    path: '/v1/vaults/:vault/records',
    auth: 'active',
    request: v.strictObject({ items: v.pipe(v.array(id), v.maxLength(limits.recordsPerBatch)) }),
    response: 'frames',
    summary: 'Present records of the named items',
  }),
  recoveryCircle: route({
    method: 'GET',
    path: '/v1/recovery/circle',
    auth: 'pending',
    query: ['after'],
    request: null,
    response: 'cbor',
    summary: 'Circle entries for a device that wants to come back by itself, as GET /v1/circle',
  }),
  recoveryBundles: route({
    method: 'GET',
    path: '/v1/recovery/bundles',
    auth: 'pending',
    request: null,
    response: recoveryBundles,
    summary: 'Sealed bundles of the ways back',
  }),
  recoveryBundle: route({
    method: 'POST',
    path: '/v1/recovery/bundles',
    auth: 'active',
    proof: true,
    request: recoveryBundle,
    response: empty,
    summary: 'Lay down the bundle of a way back, in place of its older one',
  }),
  recover: route({
    method: 'POST',
    path: '/v1/recovery/recover',
    auth: 'pending',
    proof: true,
    request: 'cbor',
    response: circleAppended,
    summary: 'Come back by itself: a `recover` entry with the device’s own share',
  }),
  escrow: route({
    method: 'GET',
    path: '/v1/recovery/escrow',
    auth: 'pending',
    request: null,
    response: escrow,
    summary: 'Realms of this deployment, and what is kept of the account’s registrations with realms',
  }),
  escrowPut: route({
    method: 'POST',
    path: '/v1/recovery/escrow',
    auth: 'active',
    proof: true,
    request: escrowRecord,
    response: empty,
    summary: 'Lay down what recovery needs of a registration, before the circle names it',
  }),
  escrowTokens: route({
    method: 'POST',
    path: '/v1/recovery/tokens',
    auth: 'pending',
    proof: true,
    request: escrowTokens,
    response: escrowTokensMade,
    summary: 'Tokens for realms: `recover` after a second factor, `register` and `manage` for trusted devices',
  }),
  pushKey: route({
    method: 'GET',
    path: '/v1/push',
    auth: 'active',
    request: null,
    response: v.object({ publicKey: v.pipe(v.string(), v.maxLength(100)) }),
    summary: 'The key that push services know this server by (VAPID)',
  }),
  pushSubscribe: route({
    method: 'POST',
    path: '/v1/push',
    auth: 'active',
    proof: true,
    request: pushSubscription,
    response: empty,
    summary: 'Notices to this device while its app is closed, in place of its older subscription',
  }),
  pushUnsubscribe: route({
    method: 'DELETE',
    path: '/v1/push',
    auth: 'active',
    request: null,
    response: empty,
    summary: 'No more notices to this device while its app is closed',
  }),
  joinCreate: route({
    method: 'POST',
    path: '/v1/join',
    auth: 'pending',
    proof: true,
    request: joinCreate,
    response: joinCreated,
    summary: 'Ask the trusted devices for approval; replaces an earlier request of this device',
  }),
  joinList: route({
    method: 'GET',
    path: '/v1/join',
    auth: 'active',
    request: null,
    response: joinList,
    summary: 'Requests of the last 24 hours',
  }),
  joinDecline: route({
    method: 'DELETE',
    path: '/v1/join/:request',
    auth: 'pending',
    proof: true,
    request: null,
    response: empty,
    summary: 'Decline (trusted device) or withdraw (applicant) a request',
  }),
  joinSend: route({
    method: 'POST',
    path: '/v1/join/:request/messages',
    auth: 'pending',
    proof: true,
    request: joinMessage,
    response: empty,
    summary: 'Relay one message of the code exchange',
  }),
  joinReceive: route({
    method: 'GET',
    path: '/v1/join/:request/messages',
    auth: 'pending',
    query: ['run'],
    request: null,
    response: joinMessages,
    summary: 'State of a request and the messages of a run (of all runs for the applicant)',
  }),
  activity: route({
    method: 'GET',
    path: '/v1/activity',
    auth: 'active',
    request: null,
    response: activity,
    summary: 'What happened on the account, newest first',
  }),
  account: route({
    method: 'GET',
    path: '/v1/account',
    auth: 'active',
    request: null,
    response: account,
    summary: 'What the server holds on the account',
  }),
  passwordStart: route({
    method: 'POST',
    path: '/v1/account/password/start',
    auth: 'active',
    proof: true,
    request: passwordStart,
    response: accountStarted,
    summary: 'OPAQUE registration of a new password, first message',
  }),
  passwordFinish: route({
    method: 'POST',
    path: '/v1/account/password',
    auth: 'active',
    proof: true,
    request: passwordFinish,
    response: empty,
    summary: 'A new password, after proof of the old one; ends all other sessions',
  }),
  accountDelete: route({
    method: 'DELETE',
    path: '/v1/account',
    auth: 'active',
    proof: true,
    request: null,
    response: accountDeletion,
    summary: 'Ask for the account to be erased in 14 days',
  }),
  accountKeep: route({
    method: 'POST',
    path: '/v1/account/keep',
    auth: 'pending',
    proof: true,
    request: null,
    response: accountDeletion,
    summary: 'Take back the request to erase the account',
  }),
  verification: route({
    method: 'GET',
    path: '/v1/verification',
    auth: 'pending',
    request: null,
    response: verification,
    summary: 'Two factors on or off, and the end of the verification number',
  }),
  verificationSend: route({
    method: 'POST',
    path: '/v1/verification/send',
    auth: 'pending',
    proof: true,
    request: verificationSend,
    response: verificationSent,
    summary: 'Send a code by SMS to the account’s number',
  }),
  verificationCheck: route({
    method: 'POST',
    path: '/v1/verification/check',
    auth: 'pending',
    proof: true,
    request: verificationCheck,
    response: empty,
    summary: 'Type a code: by SMS, or one that a trusted device shows',
  }),
  deviceCode: route({
    method: 'POST',
    path: '/v1/verification/device-code',
    auth: 'active',
    proof: true,
    request: null,
    response: deviceCode,
    summary: 'A code that this trusted device shows, for one that waits',
  }),
  verificationStatus: route({
    method: 'GET',
    path: '/v1/verification/:id',
    auth: 'pending',
    request: null,
    response: verificationStatus,
    summary: 'What became of a message, to the session that asked for it',
  }),
  twoFactorSet: route({
    method: 'POST',
    path: '/v1/two-factor',
    auth: 'active',
    proof: true,
    request: v.strictObject({ statement: signedStatement }),
    response: empty,
    summary: 'Switch two factors, with the device’s signed statement; off needs a fresh code by SMS',
  }),
  numberChange: route({
    method: 'POST',
    path: '/v1/number',
    auth: 'pending',
    proof: true,
    request: numberChange,
    response: verificationSent,
    summary: 'Send a code to a number that is to become the account’s',
  }),
  numberConfirm: route({
    method: 'POST',
    path: '/v1/number/confirm',
    auth: 'pending',
    proof: true,
    request: numberConfirm,
    response: empty,
    summary: 'The code that came to the new number makes it the account’s',
  }),
  numberAdd: route({
    method: 'POST',
    path: '/v1/number/further',
    auth: 'active',
    proof: true,
    request: numberChange,
    response: verificationSent,
    summary: 'Send a code to a number that is to become a further trusted one',
  }),
  numberAddConfirm: route({
    method: 'POST',
    path: '/v1/number/further/confirm',
    auth: 'active',
    proof: true,
    request: numberConfirm,
    response: empty,
    summary: 'The code that came there makes it a further trusted number',
  }),
  numberRemove: route({
    method: 'POST',
    path: '/v1/number/further/remove',
    auth: 'active',
    proof: true,
    request: v.strictObject({ id }),
    response: empty,
    summary: 'Take away a further trusted number',
  }),
  supportStop: route({
    method: 'POST',
    path: '/v1/support/stop',
    auth: 'active',
    proof: true,
    request: null,
    response: empty,
    summary: 'Stop the support case that is under way',
  }),
  notices: route({
    method: 'GET',
    path: '/v1/notices',
    auth: 'active',
    query: ['after'],
    request: null,
    response: accountNotices,
    summary: 'What every device of the account should hear of, after the named notice',
  }),
} as const

export type Routes = typeof routes
export type RouteName = keyof Routes
export type JsonRequest<Name extends RouteName> = Routes[Name]['request'] extends v.GenericSchema
  ? v.InferOutput<Routes[Name]['request']>
  : never
export type JsonResponse<Name extends RouteName> = Routes[Name]['response'] extends v.GenericSchema
  ? v.InferOutput<Routes[Name]['response']>
  : never

/** Present protocol version of both sides; sent as `nokkel-protocol`, with `nokkel-client: cli/1.2.3`. */
export const protocolVersion = 1

/** Live channel: first frame from the client, within five seconds of the connection. The token is never in the address. */
export const livePath = '/v1/live'
/** Public: what is known of sites in general (API-14). Beside the table, since it is answered with an ETag and compressed. */
export const siteDataPath = '/v1/site-data'
/** At most this, unpacked. */
export const siteDataBytes = 4_000_000
export const liveHello = v.strictObject({ token: base64url(32) })
/** Whether the channel still carries anything; no sooner after the answer to the last one than this, in milliseconds. */
export const liveAsk = v.strictObject({ type: v.literal('ask') })
export const liveAskPauseMs = 250
/** Hints only: a lost one costs nothing, because clients pull by position (SPEC SYN-12). */
export const liveEvent = v.variant('type', [
  /**
   * `beatMs`: something is said at least this often; a channel that is silent for much longer is dead, whatever it looks like. `answers`: the server
   * answers each `liveAsk` with a beat; an older one takes it for a fault.
   */
  v.object({
    type: v.literal('ready'),
    beatMs: v.optional(v.pipe(count, v.minValue(1_000), v.maxValue(600_000))),
    answers: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('beat') }),
  v.object({ type: v.literal('log'), vault: id, seq: count }),
  v.object({ type: v.literal('circle'), seq: count }),
  v.object({ type: v.literal('join'), requestId: id }),
  v.object({ type: v.literal('session') }),
  v.object({ type: v.literal('notice') }),
])
export type LiveEvent = v.InferOutput<typeof liveEvent>

/** Time to repent between asking for an account's erasure and the erasure (H2). */
export const deletionDelayMs = 14 * 24 * 3_600_000

/** Retention and pace that both sides know. */
export const joinRules = {
  requestLifetimeMs: 24 * 3_600_000,
  runLifetimeMs: 600_000,
  requestsPerHour: 3,
  wrongCodesPerDay: 5,
  runsPerRequest: 3,
} as const
