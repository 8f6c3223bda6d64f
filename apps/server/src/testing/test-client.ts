/**
 * A minimal client for the server's tests: real keys, real signatures, real HTTP, and knobs to do each thing wrongly. It is written
 * against the routes table and keeps no cache. Tests only: the server itself never imports a key.
 */
import { client as opaque, ready } from '@serenity-kit/opaque'
import {
  concatBytes,
  fromBase64url,
  fromHex,
  newId,
  systemRandom,
  toBase64url,
  type AccountId,
  type Bytes,
  type DeviceId,
  type ItemId,
  type VaultId,
} from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import {
  createDeviceKeys,
  deviceRecordOf,
  makeAdd,
  makeBatch,
  makeGenesis,
  makeLeave,
  makeReverseSignature,
  makeRotation,
  type AccountKey,
  type DeviceKeys,
  type VaultKey,
} from '@nokkel/protocol'
import {
  Circle,
  decodeChangesFrame,
  decodeCircleEntries,
  encodeCircleAppend,
  encodeFrame,
  encodePushFrame,
  encodeRecord,
  labels,
  logStart,
  proofHeader,
  recordHash,
  requestProofBody,
  routes,
  signInProofBody,
  splitFrames,
  type CircleAppend,
  type DeviceClass,
  type LogPosition,
  type Problem,
  type Route,
  type RouteName,
} from '@nokkel/protocol/wire'

const random = systemRandom

export const versionHeaders = { 'nokkel-client': 'cli/0.1.0', 'nokkel-protocol': '1' } as const
/** The server does not see the stretching: the cheapest one keeps tests quick. */
const keyStretching = { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } }

export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: Uint8Array | ReadableStream<Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | null
  /** who signs the request proof; null: no proof even where the route wants one */
  readonly prover?: DeviceKeys | null
  readonly proofTimeMs?: number
  readonly signal?: AbortSignal
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Bytes
  readonly json: Record<string, unknown>
  readonly problem: Partial<Problem>
}

export interface Caller {
  readonly url: string
  readonly token?: string | null
  readonly keys?: DeviceKeys | null
}

function contentTypeOf(route: Route, options: CallOptions): Record<string, string> {
  if (options.json === undefined && options.body === undefined) return {}
  if (route.request === 'cbor') return { 'content-type': 'application/cbor' }
  return { 'content-type': route.request === 'frames' ? 'application/octet-stream' : 'application/json' }
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Any route, with every part open to abuse. */
export async function call(caller: Caller, name: RouteName, options: CallOptions = {}): Promise<Reply> {
  const route: Route = routes[name]
  let target = route.path
  for (const [param, value] of Object.entries(options.params ?? {})) target = target.replace(`:${param}`, value)
  const query = new URLSearchParams(options.query).toString()
  if (query !== '') target += `?${query}`
  const body = options.json === undefined ? options.body : new TextEncoder().encode(JSON.stringify(options.json))
  const token = options.token === undefined ? caller.token : options.token
  const headers: Record<string, string> = { ...versionHeaders, ...contentTypeOf(route, options) }
  if (typeof token === 'string') headers['authorization'] = `Bearer ${token}`
  const prover = options.prover === undefined ? caller.keys : options.prover
  if (route.proof === true && prover !== null && prover !== undefined && typeof token === 'string') {
    const timeMs = options.proofTimeMs ?? Date.now()
    const plain = body instanceof Uint8Array ? body : new Uint8Array(0)
    const proof = requestProofBody({ method: route.method, target, timeMs, body: plain, token })
    headers[proofHeader] = `${timeMs}.${toBase64url(sign(prover.sign, labels.request, proof))}`
  }
  const response = await fetch(caller.url + target, {
    method: route.method,
    headers: { ...headers, ...options.headers },
    ...(body === undefined ? {} : { body: body as BodyInit, duplex: 'half' }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  } as RequestInit)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const json = parsed(bytes)
  return { status: response.status, headers: response.headers, bytes, json, problem: json }
}

export class Device implements Caller {
  readonly url: string
  readonly keys: DeviceKeys
  token: string | null = null
  accountId = '' as AccountId

  constructor(
    url: string,
    deviceClass: DeviceClass = 'cli',
    keys: DeviceKeys = createDeviceKeys(random, newId<DeviceId>(random), deviceClass),
  ) {
    this.url = url
    this.keys = keys
  }

  get id(): DeviceId {
    return this.keys.id
  }

  call(name: RouteName, options: CallOptions = {}): Promise<Reply> {
    return call(this, name, options)
  }

  async circle(): Promise<Circle> {
    return Circle.replay(decodeCircleEntries((await this.call('circle', { query: { after: '-1' } })).bytes))
  }

  append(made: CircleAppend): Promise<Reply> {
    return this.call('circleAppend', { body: encodeCircleAppend(made) })
  }

  push(vault: VaultId, ...frames: readonly Uint8Array[]): Promise<Reply> {
    return this.call('push', { params: { vault }, body: concatBytes(...frames.map(encodeFrame)) })
  }

  async changes(vault: VaultId, after = 0): Promise<ReturnType<typeof decodeChangesFrame>[]> {
    const reply = await this.call('log', { params: { vault }, query: { after: String(after) } })
    return splitFrames(reply.bytes).map(decodeChangesFrame)
  }
}

export interface AccountOptions {
  readonly email?: string
  readonly password?: string
  readonly region?: string | null
  readonly phone?: string | null
  /** changes the finish request on its way */
  readonly tamper?: (request: Record<string, unknown>) => Record<string, unknown>
}

/** One person with a first device; keeps what the tests need to go on. */
export interface Person {
  readonly url: string
  readonly email: string
  readonly password: string
  readonly device: Device
  readonly accountId: AccountId
  readonly vault: VaultId
  accountKey: AccountKey
  vaultKey: VaultKey
}

let people = 0

export async function serverIdOf(url: string): Promise<string> {
  return (await call({ url }, 'server')).json['serverId'] as string
}

export async function register(url: string, options: AccountOptions = {}): Promise<{ reply: Reply; person: Person }> {
  await ready
  const email = options.email ?? `person${people++}-${toBase64url(random.bytes(4)).toLowerCase()}@example.org`
  const password = options.password ?? 'correct horse battery staple'
  const device = new Device(url)
  const vault = newId<VaultId>(random)
  const genesis = makeGenesis(random, device.keys, vault, Date.now())
  const { clientRegistrationState, registrationRequest } = opaque.startRegistration({ password })
  const started = await call({ url }, 'accountStart', { json: { accountId: genesis.account, email, registrationRequest } })
  const person: Person = {
    url,
    email,
    password,
    device,
    accountId: genesis.account,
    vault,
    accountKey: genesis.accountKey,
    vaultKey: genesis.vaultKey,
  }
  if (started.status !== 200) return { reply: started, person }
  const finished = opaque.finishRegistration({
    password,
    clientRegistrationState,
    registrationResponse: started.json['registrationResponse'] as string,
    identifiers: { client: genesis.account, server: await serverIdOf(url) },
    keyStretching,
  })
  const request = {
    accountId: genesis.account,
    email,
    registrationRecord: finished.registrationRecord,
    bind: toBase64url(random.bytes(32)),
    region: options.region === undefined ? null : options.region,
    phone: options.phone ?? null,
    genesis: toBase64url(genesis.entry),
    shares: genesis.shares.map(toBase64url),
    wraps: genesis.wraps.map(toBase64url),
  }
  const reply = await call({ url }, 'accountFinish', { json: options.tamper?.(request) ?? request })
  device.token = (reply.json['token'] as string | undefined) ?? null
  device.accountId = genesis.account
  return { reply, person }
}

export async function createPerson(url: string, options: AccountOptions = {}): Promise<Person> {
  const { reply, person } = await register(url, options)
  if (reply.status !== 200) throw new Error(`registration: ${reply.status} ${JSON.stringify(reply.json)}`)
  return person
}

export interface SignInOptions {
  readonly password?: string
  /** signs the device proof instead of the device's own key */
  readonly prover?: DeviceKeys
  readonly tamper?: (request: Record<string, unknown>) => Record<string, unknown>
}

export async function startSignIn(url: string, email: string, password: string): Promise<{ reply: Reply; clientLoginState: string }> {
  await ready
  const { clientLoginState, startLoginRequest } = opaque.startLogin({ password })
  return { reply: await call({ url }, 'signInStart', { json: { email, startLoginRequest } }), clientLoginState }
}

/** Signs `device` in; it gets the token when the server gives one. */
export async function signIn(device: Device, email: string, password: string, options: SignInOptions = {}): Promise<Reply> {
  const { url } = device
  const { reply: started, clientLoginState } = await startSignIn(url, email, password)
  if (started.status !== 200) return started
  const { loginId, accountId, loginResponse } = started.json as Record<'loginId' | 'accountId' | 'loginResponse', string>
  const finished = opaque.finishLogin({
    clientLoginState,
    loginResponse,
    password,
    identifiers: { client: accountId, server: await serverIdOf(url) },
    keyStretching,
  })
  // a wrong password is noticed by the client; a guesser would send something all the same
  const finishLoginRequest = finished?.finishLoginRequest ?? toBase64url(random.bytes(64))
  const body = signInProofBody(fromHex(loginId), fromHex(accountId), fromHex(device.id), finishLoginRequest)
  const request = {
    loginId,
    finishLoginRequest,
    device: { id: device.id, class: device.keys.class, signKey: toBase64url(device.keys.sign.publicKey) },
    proof: toBase64url(sign((options.prover ?? device.keys).sign, labels.signIn, body)),
  }
  const reply = await call({ url }, 'signInFinish', { json: options.tamper?.(request) ?? request })
  if (reply.status === 200) {
    device.token = reply.json['token'] as string
    device.accountId = accountId as AccountId
  }
  return reply
}

/** A further device: signed in, then added to the circle by the person's first one. */
export async function addDevice(
  person: Person,
  deviceClass: DeviceClass = 'cli',
  device = new Device(person.url, deviceClass),
): Promise<Device> {
  const reply = await signIn(device, person.email, person.password)
  if (reply.status !== 200) throw new Error(`sign-in: ${JSON.stringify(reply.json)}`)
  const added = await person.device.append(await makeAddition(person, device))
  if (added.status !== 200) throw new Error(`add: ${JSON.stringify(added.json)}`)
  return device
}

export async function makeAddition(person: Person, device: Device, by: Device = person.device): Promise<CircleAppend> {
  const circle = await by.circle()
  const transcriptHash = random.bytes(32)
  const reverseSignature = makeReverseSignature(circle.account, device.keys, transcriptHash)
  const { entry, share } = makeAdd(
    random,
    circle,
    by.keys,
    person.accountKey,
    { device: deviceRecordOf(device.keys), transcriptHash, reverseSignature },
    Date.now(),
  )
  return { expectedHead: circle.head, entry, shares: [share], wraps: [] }
}

export interface MadeRotationAppend extends CircleAppend {
  readonly accountKey: AccountKey
  readonly vaultKey: VaultKey
}

/** A rotation, or a removal of `remove`; the caller keeps the new keys when the server took it. */
export async function makeRotationAppend(
  person: Person,
  by: Device,
  remove: readonly Device[] = [],
  end?: LogPosition,
): Promise<MadeRotationAppend> {
  const circle = await by.circle()
  const vaults = [{ key: person.vaultKey, end: end ?? (await logEnd(by, circle, person.vault)) }]
  const removal = remove.length === 0 ? undefined : { devices: remove.map((device) => device.id), disposition: 'keep' as const }
  const made = makeRotation(random, circle, by.keys, vaults, Date.now(), removal)
  return {
    expectedHead: circle.head,
    entry: made.entry,
    shares: made.shares,
    wraps: made.wraps,
    accountKey: made.accountKey,
    vaultKey: made.vaultKeys[0] as VaultKey,
  }
}

export async function makeLeaveAppend(device: Device): Promise<CircleAppend> {
  const circle = await device.circle()
  return { expectedHead: circle.head, entry: makeLeave(circle, device.keys, Date.now()), shares: [], wraps: [] }
}

/** Where the vault's log ends, from its own batches. */
export async function logEnd(device: Device, circle: Circle, vault: VaultId): Promise<LogPosition> {
  let end = logStart(circle)
  for (const frame of await device.changes(vault)) for (const batch of frame.batches) end = { seq: end.seq + 1, hash: recordHash(batch) }
  return end
}

export interface MadeFrame {
  readonly frame: Bytes
  readonly end: LogPosition
  readonly items: readonly ItemId[]
  readonly records: readonly Bytes[]
  readonly batch: Bytes
}

export interface FrameOptions {
  readonly items?: readonly ItemId[]
  readonly count?: number
  readonly epoch?: number
  readonly recordVault?: VaultId
  readonly payloadBytes?: number
  readonly records?: (records: readonly Bytes[]) => readonly Bytes[]
}

/** A valid batch with records of random bytes where a ciphertext would be: the server cannot tell, and must not. */
export function makeFrame(circle: Circle, device: Device, vault: VaultId, after: LogPosition, options: FrameOptions = {}): MadeFrame {
  const items = options.items ?? Array.from({ length: options.count ?? 1 }, () => newId<ItemId>(random))
  const epoch = options.epoch ?? circle.vaults.get(vault)?.epochs.at(-1)?.epoch ?? 1
  const records = items.map((item) =>
    encodeRecord({
      vault: options.recordVault ?? vault,
      item,
      rev: random.bytes(16),
      epoch,
      salt: random.bytes(32),
      ciphertext: random.bytes(options.payloadBytes ?? 512),
    }),
  )
  const ops = items.map((item, i) => ({ item, recordHash: recordHash(records[i] as Bytes), kind: 'put' as const }))
  const { encoded, end } = makeBatch(circle, device.keys, vault, after, ops, random.bytes(32), Date.now())
  const sent = options.records?.(records) ?? records
  return { frame: encodePushFrame({ batch: encoded, records: sent }), end, items, records, batch: encoded }
}

export { fromBase64url }
