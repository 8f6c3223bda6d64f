/**
 * `ServerApi` over HTTP and WebSocket, with the platform's own `fetch` and `WebSocket` handed in. Long because it has one short method for each
 * route; what all of them share is at the end.
 */
import * as v from 'valibot'
import {
  concatBytes,
  isNokkelError,
  NokkelError,
  toBase64url,
  type Bytes,
  type Clock,
  type ItemId,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import {
  circlePageEntries,
  decodeChangesFrame,
  decodeCircleEntries,
  decodeCircleKeys,
  encodeCircleAppend,
  encodeFrame,
  errorOf,
  FrameSplitter,
  labels,
  livePath,
  proofHeader,
  protocolVersion,
  requestProofBody,
  routes,
  siteDataBytes,
  siteDataPath,
  type ChangesFrame,
  type CircleAppend,
  type CircleKeys,
  type JsonRequest,
  type JsonResponse,
  type LiveEvent,
  type RouteName,
} from '@nokkel/protocol/wire'
import { AskAgain, type Ask } from './ask-again.ts'
import type { LiveLine } from './live-line.ts'
import { openLive, patienceOfOpening, type OpenWebSocket } from './open-live.ts'
import type { ApiOptions, PushResult, ServerApi, Session } from './server-api.ts'

/** The part of the fetch standard that is used, so that this package needs no DOM types. */
export interface FetchResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> } } | null
  json(): Promise<unknown>
  arrayBuffer(): Promise<ArrayBuffer>
}
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: Uint8Array | string; signal: AbortSignal; redirect: 'error' },
) => Promise<FetchResponse>

export interface HttpServerApiOptions {
  /** origin of the server, e.g. https://keys.example.org */
  readonly baseUrl: string
  readonly fetch: Fetch
  readonly openWebSocket: OpenWebSocket
  /** `cli/0.1.0` */
  readonly clientName: string
  readonly clock: Clock
  /** for one answer to begin, and for each piece of it to come; streams may take longer */
  readonly timeoutMs?: number
  /** Calls when the platform says that the network is back, or that the machine woke; returns the way out. */
  readonly listenAwake?: ((listener: () => void) => () => void) | undefined
}

const defaultTimeoutMs = 20_000
/** for a piece of a long answer to come: a line that died in the middle of it is found out sooner than one that says nothing at all */
const pieceMs = 6_000
/** A larger body may take longer to send than a dead connection to be noticed by. */
const repeatedBytesMax = 65_536
/** of an answer of a realm (`escrowLimits.answerBytes`) */
const realmAnswerBytes = 65_536
const etagLengthMax = 200
const problemBytesMax = 65_536

export class HttpServerApi implements ServerApi {
  readonly #options: HttpServerApiOptions
  #clockSkewMs: number | null = null
  readonly #askAgain: AskAgain
  readonly #openAgain: AskAgain
  /** live channels that are open now */
  readonly #lines = new Set<LiveLine>()

  constructor(options: HttpServerApiOptions) {
    this.#options = options
    this.#askAgain = new AskAgain(options.clock)
    this.#openAgain = new AskAgain(options.clock, patienceOfOpening)
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? defaultTimeoutMs
  }

  get clockSkewMs(): number | null {
    return this.#clockSkewMs
  }

  async server(options: ApiOptions = {}): Promise<JsonResponse<'server'>> {
    const info = await this.#json('server', { ...options })
    this.#clockSkewMs = info.timeMs - this.#options.clock.nowMs()
    return info
  }
  accountStart(request: JsonRequest<'accountStart'>) {
    return this.#json('accountStart', { json: request })
  }
  accountFinish(request: JsonRequest<'accountFinish'>) {
    return this.#json('accountFinish', { json: request })
  }
  signInStart(request: JsonRequest<'signInStart'>) {
    return this.#json('signInStart', { json: request })
  }
  signInFinish(request: JsonRequest<'signInFinish'>) {
    return this.#json('signInFinish', { json: request })
  }
  async session(session: Session) {
    const info = await this.#json('session', { session })
    this.#clockSkewMs = info.timeMs - this.#options.clock.nowMs()
    return info
  }
  async signOut(session: Session): Promise<void> {
    await this.#json('signOut', { session })
  }
  passwordStart(session: Session, request: JsonRequest<'passwordStart'>) {
    return this.#json('passwordStart', { session, json: request })
  }
  async passwordFinish(session: Session, request: JsonRequest<'passwordFinish'>): Promise<void> {
    await this.#json('passwordFinish', { session, json: request })
  }
  accountDelete(session: Session) {
    return this.#json('accountDelete', { session })
  }
  accountKeep(session: Session) {
    return this.#json('accountKeep', { session })
  }
  keychainReplace(session: Session, request: JsonRequest<'keychainReplace'>) {
    return this.#json('keychainReplace', { session, json: request })
  }
  async keychainOff(session: Session, request: JsonRequest<'keychainOff'>): Promise<void> {
    await this.#json('keychainOff', { session, json: request })
  }

  circle(session: Session, after: number, options: ApiOptions = {}): Promise<Bytes[]> {
    return this.#entries('circle', session, after, options)
  }
  async #entries(route: 'circle' | 'recoveryCircle', session: Session, after: number, options: ApiOptions = {}): Promise<Bytes[]> {
    const entries: Bytes[] = []
    for (;;) {
      const page = decodeCircleEntries(await this.#bytes(route, { session, query: { after: String(after + entries.length) }, ...options }))
      entries.push(...page)
      if (page.length < circlePageEntries) return entries
    }
  }
  async appendCircle(session: Session, append: CircleAppend): Promise<void> {
    await this.#json('circleAppend', { session, body: encodeCircleAppend(append), contentType: 'application/cbor' })
  }
  async circleKeys(session: Session): Promise<CircleKeys> {
    return decodeCircleKeys(await this.#bytes('circleKeys', { session }))
  }

  async changes(
    session: Session,
    vault: VaultId,
    from: { readonly after: number; readonly incarnation: string | null },
    onFrame: (frame: ChangesFrame, bytes: number) => Promise<void>,
    options: ApiOptions = {},
  ): Promise<void> {
    const query: Record<string, string> = { after: String(from.after) }
    if (from.incarnation !== null) query.incarnation = from.incarnation
    const response = await this.#send('log', { session, params: { vault }, query, ...options })
    await readFrames(response, pieceMs, (frame) => onFrame(decodeChangesFrame(frame), frame.length))
  }
  push(session: Session, vault: VaultId, frames: readonly Uint8Array[], options: ApiOptions = {}): Promise<PushResult> {
    return this.#json('push', {
      session,
      params: { vault },
      body: concatBytes(...frames.map(encodeFrame)),
      contentType: 'application/octet-stream',
      ...options,
    })
  }
  async records(session: Session, vault: VaultId, items: readonly ItemId[]): Promise<Bytes[]> {
    const found: Bytes[] = []
    await readFrames(
      await this.#send('records', { session, params: { vault }, json: { items: [...items] } }),
      this.#timeoutMs,
      async (frame) => {
        found.push(...decodeChangesFrame(frame).records)
      },
    )
    return found
  }

  recoveryCircle(session: Session): Promise<Bytes[]> {
    return this.#entries('recoveryCircle', session, -1)
  }
  recoveryBundles(session: Session) {
    return this.#json('recoveryBundles', { session })
  }
  async recoveryBundle(session: Session, request: JsonRequest<'recoveryBundle'>): Promise<void> {
    await this.#json('recoveryBundle', { session, json: request })
  }
  escrow(session: Session) {
    return this.#json('escrow', { session })
  }
  async escrowPut(session: Session, request: JsonRequest<'escrowPut'>): Promise<void> {
    await this.#json('escrowPut', { session, json: request })
  }
  escrowTokens(session: Session, request: JsonRequest<'escrowTokens'>) {
    return this.#json('escrowTokens', { session, json: request })
  }
  async realm(url: string, operation: string, request: Bytes): Promise<Bytes> {
    // plain HTTP only where our own server is reached so too: on this machine
    if (url !== '' && !url.startsWith('https://') && !this.#options.baseUrl.startsWith('http://'))
      throw new NokkelError('server-url-invalid')
    const response = await this.#fetch(`${url === '' ? this.#options.baseUrl : url}/v1/realm/${encodeURIComponent(operation)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cbor' },
      body: request,
    })
    if (!response.ok) throw await problemOf(response)
    return readUpTo(response, realmAnswerBytes, this.#timeoutMs)
  }
  async recover(session: Session, append: CircleAppend): Promise<void> {
    await this.#json('recover', { session, body: encodeCircleAppend(append), contentType: 'application/cbor' })
  }

  pushKey(session: Session) {
    return this.#json('pushKey', { session })
  }
  async pushSubscribe(session: Session, request: JsonRequest<'pushSubscribe'>): Promise<void> {
    await this.#json('pushSubscribe', { session, json: request })
  }
  async pushUnsubscribe(session: Session): Promise<void> {
    await this.#json('pushUnsubscribe', { session })
  }

  joinCreate(session: Session, request: JsonRequest<'joinCreate'>) {
    return this.#json('joinCreate', { session, json: request })
  }
  joinList(session: Session) {
    return this.#json('joinList', { session })
  }
  async joinDecline(session: Session, request: RequestId): Promise<void> {
    await this.#json('joinDecline', { session, params: { request } })
  }
  async joinSend(session: Session, request: RequestId, message: JsonRequest<'joinSend'>): Promise<void> {
    await this.#json('joinSend', { session, params: { request }, json: message })
  }
  joinReceive(session: Session, request: RequestId, run: string | null) {
    return this.#json('joinReceive', { session, params: { request }, query: run === null ? {} : { run } })
  }
  activity(session: Session) {
    return this.#json('activity', { session })
  }
  account(session: Session) {
    return this.#json('account', { session })
  }

  verification(session: Session) {
    return this.#json('verification', { session })
  }
  verificationSend(session: Session, request: JsonRequest<'verificationSend'>) {
    return this.#json('verificationSend', { session, json: request })
  }
  async verificationCheck(session: Session, request: JsonRequest<'verificationCheck'>): Promise<void> {
    await this.#json('verificationCheck', { session, json: request })
  }
  verificationStatus(session: Session, id: string) {
    return this.#json('verificationStatus', { session, params: { id } })
  }
  deviceCode(session: Session) {
    return this.#json('deviceCode', { session })
  }
  async twoFactorSet(session: Session, statement: Uint8Array): Promise<void> {
    await this.#json('twoFactorSet', { session, json: { statement: toBase64url(statement) } })
  }
  numberChange(session: Session, request: JsonRequest<'numberChange'>) {
    return this.#json('numberChange', { session, json: request })
  }
  async numberConfirm(session: Session, request: JsonRequest<'numberConfirm'>): Promise<void> {
    await this.#json('numberConfirm', { session, json: request })
  }
  numberAdd(session: Session, request: JsonRequest<'numberAdd'>) {
    return this.#json('numberAdd', { session, json: request })
  }
  async numberAddConfirm(session: Session, request: JsonRequest<'numberAddConfirm'>): Promise<void> {
    await this.#json('numberAddConfirm', { session, json: request })
  }
  async numberRemove(session: Session, request: JsonRequest<'numberRemove'>): Promise<void> {
    await this.#json('numberRemove', { session, json: request })
  }
  async supportStop(session: Session): Promise<void> {
    await this.#json('supportStop', { session })
  }
  notices(session: Session, after: string | null) {
    return this.#json('notices', { session, query: after === null ? {} : { after } })
  }

  async siteData(etag: string | null): Promise<{ readonly etag: string; readonly text: string } | null> {
    const headers: Record<string, string> = etag === null ? {} : { 'if-none-match': etag }
    const response = await this.#fetch(this.#options.baseUrl + siteDataPath, { method: 'GET', headers })
    if (response.status === 304 && etag !== null) return null
    if (!response.ok) throw await problemOf(response)
    const body = await readUpTo(response, siteDataBytes, pieceMs)
    const named = response.headers.get('etag') ?? ''
    try {
      return { etag: named.length <= etagLengthMax ? named : '', text: new TextDecoder('utf-8', { fatal: true }).decode(body) }
    } catch {
      throw new NokkelError('malformed', { what: 'response' })
    }
  }

  live(
    session: Session,
    handlers: { readonly onEvent: (event: LiveEvent) => void; readonly onClose: () => void },
    options: ApiOptions = {},
  ): Promise<{ close(): void }> {
    const { openWebSocket, baseUrl, clock, listenAwake } = this.#options
    const url = `${baseUrl.replace(/^http/, 'ws')}${livePath}`
    const opening = {
      openWebSocket,
      url,
      token: session.token,
      clock,
      listenAwake,
      lines: this.#lines,
      onReady: () => this.#askAgain.renew(),
      ...handlers,
    }
    return openLive(this.#openAgain, opening, options.signal)
  }

  async #json<Name extends RouteName>(name: Name, call: Call): Promise<JsonResponse<Name>> {
    const response = await this.#send(name, call)
    let body: unknown
    try {
      body = await inTime(response.json(), this.#timeoutMs)
    } catch (error) {
      throw isNokkelError(error) ? error : new NokkelError('server-unavailable', { what: 'response' })
    }
    const parsed = v.safeParse(routes[name].response as v.GenericSchema, body)
    if (!parsed.success) throw new NokkelError('malformed', { what: 'response' })
    return parsed.output as JsonResponse<Name>
  }

  async #bytes(name: RouteName, call: Call): Promise<Bytes> {
    const response = await this.#send(name, call)
    try {
      return new Uint8Array(await inTime(response.arrayBuffer(), this.#timeoutMs))
    } catch {
      throw new NokkelError('offline')
    }
  }

  async #send(name: RouteName, call: Call, retried = false): Promise<FetchResponse> {
    const route = routes[name]
    let target = route.path as string
    for (const [param, value] of Object.entries(call.params ?? {})) target = target.replace(`:${param}`, encodeURIComponent(value))
    const query = new URLSearchParams(call.query ?? {}).toString()
    if (query !== '') target += `?${query}`
    const body = call.json !== undefined ? new TextEncoder().encode(JSON.stringify(call.json)) : call.body
    const headers: Record<string, string> = { 'nokkel-client': this.#options.clientName, 'nokkel-protocol': String(protocolVersion) }
    if (body !== undefined) headers['content-type'] = call.contentType ?? 'application/json'
    if (call.session !== undefined) {
      headers.authorization = `Bearer ${call.session.token}`
      if ('proof' in route && route.proof) {
        const timeMs = this.#options.clock.nowMs() + (this.#clockSkewMs ?? 0)
        const message = requestProofBody({
          method: route.method,
          target,
          timeMs,
          body: body ?? new Uint8Array(0),
          token: call.session.token,
        })
        headers[proofHeader] = `${timeMs}.${toBase64url(sign(call.session.sign, labels.request, message))}`
      }
    }
    const repeatable = mayComeTwice(name, body)
    // somebody changes something here: others will as well. A large change fills the line, and an answer that waits behind it proves nothing
    if (name === 'push' && repeatable) for (const line of this.#lines) line.attend()
    const response = await this.#fetch(
      this.#options.baseUrl + target,
      { method: route.method, headers, ...(body === undefined ? {} : { body }) },
      call.signal,
      repeatable,
    )
    this.#readClock(response)
    if (response.ok) return response
    const error = await problemOf(response)
    // the proof's time was off: learn the server's and try once more
    if (!retried && isNokkelError(error, 'clock-skew') && typeof error.params.serverTimeMs === 'number') {
      this.#clockSkewMs = error.params.serverTimeMs - this.#options.clock.nowMs()
      return this.#send(name, call, true)
    }
    throw error
  }

  /** Up to the head of the answer. Throws `offline`, or `cancelled` where the caller wanted that. */
  async #fetch(
    url: string,
    init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: Uint8Array },
    signal: AbortSignal | undefined = undefined,
    repeatable = false,
  ): Promise<FetchResponse> {
    const timeout = new AbortController()
    const abort = () => timeout.abort()
    const timer = setTimeout(abort, this.#timeoutMs)
    signal?.addEventListener('abort', abort)
    const ask: Ask<FetchResponse> = (ended) => this.#options.fetch(url, { ...init, signal: ended, redirect: 'error' })
    try {
      return await (repeatable
        ? this.#askAgain.first(ask, timeout.signal, () => this.#lines.forEach((line) => line.suspect()))
        : ask(timeout.signal))
    } catch (cause) {
      // why it failed is the platform's to say, and the doctor's to read
      throw new NokkelError(signal?.aborted === true ? 'cancelled' : 'offline', {}, { cause })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Every answer tells the time to the second (RFC 9110 §6.6.1); that is enough until one of ours tells it better. */
  #readClock(response: FetchResponse): void {
    const told = Date.parse(response.headers.get('date') ?? '')
    if (this.#clockSkewMs === null && !Number.isNaN(told)) this.#clockSkewMs = told - this.#options.clock.nowMs()
  }
}

/** Reads, and a push: a batch that is there already is recognised and not stored again (API-10). */
function mayComeTwice(name: RouteName, body: Uint8Array | undefined): boolean {
  return routes[name].method === 'GET' || (name === 'push' && (body?.length ?? 0) <= repeatedBytesMax)
}

interface Call extends ApiOptions {
  readonly session?: Session
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Record<string, string>
  readonly json?: unknown
  readonly body?: Uint8Array
  readonly contentType?: string
}

async function problemOf(response: FetchResponse): Promise<NokkelError> {
  let body: unknown = null
  if (Number(response.headers.get('content-length') ?? 0) <= problemBytesMax) {
    try {
      body = await response.json()
    } catch {
      body = null
    }
  }
  return errorOf(response.status, body)
}

/** A body, or a piece of one, that does not come is a server that is away: the line died after the head. */
function inTime<T>(read: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NokkelError('offline')), ms)
    void read.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** A stranger gets to send no more than an answer can be long: a realm, or a server with a list that no client of its own made. */
async function readUpTo(response: FetchResponse, most: number, lateMs: number): Promise<Bytes> {
  if (response.body === null) throw new NokkelError('malformed', { what: 'response' })
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    let chunk: { done: boolean; value?: Uint8Array | undefined }
    try {
      chunk = await inTime(reader.read(), lateMs)
    } catch {
      throw new NokkelError('offline')
    }
    if (chunk.done || chunk.value === undefined) return concatBytes(...chunks)
    length += chunk.value.length
    if (length > most) {
      await reader.cancel().catch(() => undefined)
      throw new NokkelError('malformed', { what: 'response' })
    }
    chunks.push(chunk.value)
  }
}

async function readFrames(response: FetchResponse, lateMs: number, onFrame: (frame: Bytes) => Promise<void>): Promise<void> {
  if (response.body === null) throw new NokkelError('malformed', { what: 'response' })
  const reader = response.body.getReader()
  const splitter = new FrameSplitter()
  try {
    for (;;) {
      let chunk: { done: boolean; value?: Uint8Array | undefined }
      try {
        chunk = await inTime(reader.read(), lateMs)
      } catch {
        throw new NokkelError('offline')
      }
      if (chunk.done || chunk.value === undefined) break
      for (const frame of splitter.push(chunk.value)) await onFrame(frame)
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined)
    throw error
  }
  try {
    splitter.end()
  } catch {
    // the connection ended inside a frame: what came before it was whole and is kept
    throw new NokkelError('offline')
  }
}
