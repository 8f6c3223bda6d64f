/**
 * The network, or the operator, at its worst: an HTTP and WebSocket proxy in front of the real server that sees every byte, keeps it,
 * and does with each exchange what a script says: pass, edit, hold back, repeat, swap, truncate, answer by itself, or send the device
 * to another server altogether. Every device of a test has one of its own, so a lie can be told to one device alone. It holds no keys.
 */
import { createServer, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Bytes, ErrorCode, ErrorParams } from '@nokkel/base'
import {
  decodeChangesFrame,
  decodeCircleEntries,
  decodeCircleKeys,
  encodeChangesFrame,
  encodeCircleEntries,
  encodeCircleKeys,
  encodeFrame,
  problemType,
  routes,
  splitFrames,
  statusOf,
  type ChangesFrame,
  type CircleKeys,
  type Route,
  type RouteName,
} from '@nokkel/protocol/wire'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface Exchange {
  /** undefined for what is no route of the protocol */
  readonly route: RouteName | undefined
  readonly params: Readonly<Record<string, string>>
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Passes the request on, as it came or changed; may be called more than once, or never. */
  forward(change?: {
    readonly target?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Uint8Array
  }): Promise<Answer>
}

export type Script = (exchange: Exchange) => Promise<Answer> | Answer

/** Everything that went over this wire, in order. */
export interface Heard {
  readonly route: RouteName | undefined
  readonly target: string
  readonly request: { readonly head: string; readonly body: Buffer }
  answer: { readonly status: number; readonly head: string; readonly body: Buffer } | undefined
}

/** Thrown by a script: the connection breaks, with no answer. */
export class Cut extends Error {
  override readonly name = 'Cut'
}

export class EvilProxy {
  readonly url: string
  /** origin of the server behind; may be changed at any time */
  upstream: string
  readonly heard: Heard[] = []
  /** text frames of the live channel, both directions, unmasked */
  readonly live: { readonly from: 'device' | 'server'; readonly text: string }[] = []
  readonly #server: Server
  readonly #scripts = new Map<RouteName | 'every', Script>()
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, upstream: string) {
    this.#server = server
    this.upstream = upstream
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (incoming: IncomingMessage, outgoing) => {
      const answerIt = async () => {
        const answer = await this.#serve(incoming)
        outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
        outgoing.end(answer.body)
      }
      answerIt().catch(() => incoming.socket.destroy())
    })
    server.on('connection', (socket: Socket) => this.#keep(socket))
    server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => this.#upgrade(incoming, socket, head))
  }

  static async start(upstream: string): Promise<EvilProxy> {
    const server = createServer({ keepAliveTimeout: 30_000 })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new EvilProxy(server, upstream)
  }

  /** From now on `script` answers this route; `every` takes what has no script of its own. */
  on(route: RouteName | 'every', script: Script): this {
    this.#scripts.set(route, script)
    return this
  }

  /** No more scripts: everything passes. */
  honest(): this {
    this.#scripts.clear()
    return this
  }

  /** What was said on one route so far. */
  exchanges(route: RouteName): readonly Heard[] {
    return this.heard.filter((each) => each.route === route)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  // ---- lies about one kind of answer -----------------------------------------------------------------------------------------

  /** Shows the device another log: all pages of an answer are joined, edited and sent as one. */
  editLog(edit: (frame: ChangesFrame) => ChangesFrame): this {
    return this.on('log', async ({ forward }) => {
      const answer = await forward()
      if (answer.status !== 200) return answer
      const pages = splitFrames(answer.body).map(decodeChangesFrame)
      const [first] = pages
      if (first === undefined) return answer
      const joined = { ...first, batches: pages.flatMap(({ batches }) => batches), records: pages.flatMap(({ records }) => records) }
      return binaryAnswer(encodeFrame(encodeChangesFrame(edit(joined))))
    })
  }

  /** Shows the device another circle; `after` is the position that it asked from. */
  editCircle(edit: (entries: readonly Bytes[], after: number) => readonly Bytes[]): this {
    return this.on('circle', async ({ forward, target }) => {
      const answer = await forward()
      if (answer.status !== 200) return answer
      const after = Number(new URL(target, this.url).searchParams.get('after') ?? -1)
      return binaryAnswer(encodeCircleEntries(edit(decodeCircleEntries(answer.body), after)), 'application/cbor')
    })
  }

  editKeys(edit: (keys: CircleKeys) => CircleKeys): this {
    return this.on('circleKeys', async ({ forward }) => {
      const answer = await forward()
      return answer.status === 200 ? binaryAnswer(encodeCircleKeys(edit(decodeCircleKeys(answer.body))), 'application/cbor') : answer
    })
  }

  editJson(route: RouteName, edit: (value: Record<string, unknown>) => unknown): this {
    return this.on(route, async ({ forward }) => {
      const answer = await forward()
      return answer.status === 200 ? jsonAnswer(edit(jsonOf(answer))) : answer
    })
  }

  // ---- inside ----------------------------------------------------------------------------------------------------------------

  async #serve(incoming: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = 'GET', url: target = '/', headers } = incoming
    const { name, params } = routeOf(method, target)
    const heard: Heard = {
      route: name,
      target,
      request: { head: headOf(`${method} ${target}`, incoming.rawHeaders), body },
      answer: undefined,
    }
    this.heard.push(heard)
    const exchange: Exchange = {
      route: name,
      params,
      method,
      target,
      headers,
      body,
      forward: (change = {}) => this.#forward(method, change.target ?? target, { ...headers, ...change.headers }, change.body ?? body),
    }
    const script = (name === undefined ? undefined : this.#scripts.get(name)) ?? this.#scripts.get('every')
    const answer = await (script === undefined ? exchange.forward() : script(exchange))
    heard.answer = {
      status: answer.status,
      head: headOf(String(answer.status), Object.entries(answer.headers).flat()),
      body: Buffer.from(answer.body),
    }
    return answer
  }

  #forward(method: string, target: string, headers: IncomingHttpHeaders, body: Uint8Array): Promise<Answer> {
    const {
      host: _host,
      connection: _connection,
      'transfer-encoding': _coding,
      'content-length': length,
      expect: _expect,
      ...rest
    } = headers
    const passed = { ...rest, ...(body.length > 0 || length !== undefined ? { 'content-length': String(body.length) } : {}) }
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(this.upstream + target, { method, headers: passed, agent: false }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const { connection: _c, 'transfer-encoding': _t, 'content-length': _l, 'keep-alive': _k, ...kept } = incoming.headers
          const flat = Object.fromEntries(
            Object.entries(kept).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
          )
          resolve({ status: incoming.statusCode ?? 502, headers: flat, body: Buffer.concat(chunks) })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  /** The live channel passes through; its text frames are kept. */
  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const { hostname, port } = new URL(this.upstream)
    const behind = connect(Number(port), hostname)
    this.#keep(behind)
    const close = (): void => {
      socket.destroy()
      behind.destroy()
    }
    for (const each of [socket, behind]) each.on('error', close).on('close', close)
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`]
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`)
    const start = `${lines.join('\r\n')}\r\n\r\n`
    this.heard.push({ route: undefined, target: incoming.url ?? '', request: { head: start, body: head }, answer: undefined })
    behind.write(start)
    behind.write(head)
    let greeted = false
    socket.on('data', (chunk: Buffer) => {
      this.live.push(...textFrames(chunk).map((text) => ({ from: 'device' as const, text })))
      behind.write(chunk)
    })
    behind.on('data', (chunk: Buffer) => {
      // the answer to the handshake is text of its own, and frames may follow in the same piece
      const at = greeted ? 0 : chunk.indexOf('\r\n\r\n') + 4
      greeted = true
      this.live.push(...textFrames(chunk.subarray(at)).map((text) => ({ from: 'server' as const, text })))
      socket.write(chunk)
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

// ---- answers a script may give -------------------------------------------------------------------------------------------------

export function binaryAnswer(body: Uint8Array, type = 'application/octet-stream'): Answer {
  return { status: 200, headers: { 'content-type': type }, body }
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  }
}

export function problemAnswer(code: ErrorCode, params: ErrorParams = {}, status = statusOf(code)): Answer {
  const problem = { type: `urn:nokkel:problem:${code}`, title: code, status, code, params }
  return { status, headers: { 'content-type': problemType }, body: Buffer.from(JSON.stringify(problem)) }
}

export function jsonOf(answer: { readonly body: Uint8Array }): Record<string, unknown> {
  return JSON.parse(Buffer.from(answer.body).toString('utf8')) as Record<string, unknown>
}

/** Every byte that went over these wires, ready for a search. */
export function* trafficOf(...proxies: readonly EvilProxy[]): Iterable<Buffer> {
  for (const { heard, live } of proxies) {
    for (const { request, answer } of heard) {
      yield Buffer.from(request.head)
      yield request.body
      if (answer === undefined) continue
      yield Buffer.from(answer.head)
      yield answer.body
    }
    for (const { text } of live) yield Buffer.from(text)
  }
}

const patterns = (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => ({
  name,
  method: route.method,
  path: new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}))

function routeOf(method: string, target: string): { name: RouteName | undefined; params: Record<string, string> } {
  const path = target.split('?', 1)[0] ?? ''
  for (const { name, method: of, path: pattern } of patterns) {
    const found = of === method ? pattern.exec(path) : null
    if (found !== null) return { name, params: { ...found.groups } }
  }
  return { name: undefined, params: {} }
}

function headOf(first: string, rawHeaders: readonly string[]): string {
  const lines = [first]
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return lines.join('\n')
}

/** RFC 6455 §5.2, short text frames only: hellos and hints are never longer. */
function textFrames(chunk: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at + 2 <= chunk.length;) {
    const opcode = (chunk[at] as number) & 15
    const masked = (chunk[at + 1] as number) >= 128
    const length = (chunk[at + 1] as number) & 127
    if (length > 125) break
    const start = at + 2 + (masked ? 4 : 0)
    const payload = Buffer.from(chunk.subarray(start, start + length))
    if (masked) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (chunk[at + 2 + (i & 3)] as number)
    if (opcode === 1) texts.push(payload.toString('utf8'))
    at = start + length
  }
  return texts
}
