/**
 * The live channel over WebSocket. Hints only: a connection that is lost, slow or one too many costs its device nothing but a pull.
 * The token comes in the first frame, never in the address, because addresses are logged.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import * as v from 'valibot'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { liveAsk, liveAskPauseMs, liveHello, livePath, type LiveEvent } from '@nokkel/protocol/wire'
import type { Bytes } from '@nokkel/base'
import { activeIdleMs, pendingIdleMs, tokenHash } from '../http/sessions.ts'
import type { Services } from '../services.ts'
import type { SessionWithAccount } from '../store/store.ts'
import type { Subscriber } from './channel.ts'

/** RFC 6455 §7.4; 4000 and up are ours to give meaning. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tryLater: 1013,
  sessionInvalid: 4401,
  removed: 4403,
  replaced: 4409,
  helloLate: 4408,
} as const

const helloWithinMs = 5_000
const goodbyeMs = 1_000
const helloBytes = 1_024
const lookRetryMs = 500
/** A consumer with this much unread is not reading. */
const backlogBytes = 65_536
const beat = JSON.stringify({ type: 'beat' } satisfies LiveEvent)
/** Connections that have not said hello yet, beside those that have. */
const strangersPerServer = 1_000

export interface LiveEndpoint {
  /** Says goodbye to all and takes no more. */
  close(): void
}

export function createLiveEndpoint(http: Server, services: Services): LiveEndpoint {
  const { config, live, metrics, log, isStopping } = services
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: helloBytes,
    perMessageDeflate: false,
    clientTracking: true,
    skipUTF8Validation: false,
  })
  const beatMs = config.live.beatSeconds * 1_000
  const quiet = new WeakSet<WebSocket>()
  /** of those connected, to look again after a gap; the hash of the token, never the token */
  const subscribers = new Map<Subscriber, Bytes>()
  let strangers = 0

  function refuse(socket: Duplex, status: string): void {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if ((request.url ?? '').split('?', 1)[0] !== livePath) return refuse(socket, '404 Not Found')
    if (isStopping() || strangers >= strangersPerServer || live.size >= config.live.connections)
      return refuse(socket, '503 Service Unavailable')
    server.handleUpgrade(request, socket, head, (ws) => greet(ws))
  })

  function greet(ws: WebSocket): void {
    strangers++
    let isStranger = true
    const known = (): void => {
      if (isStranger) strangers--
      isStranger = false
      clearTimeout(late)
    }
    const late = setTimeout(() => {
      ws.close(closeCodes.helloLate, 'hello')
      // who says nothing does not answer a goodbye either, and must not hold the place of another stranger
      setTimeout(() => ws.terminate(), goodbyeMs).unref()
    }, helloWithinMs)
    ws.on('error', () => ws.terminate())
    ws.on('close', known)
    ws.on('pong', () => quiet.delete(ws))
    ws.once('message', (data: RawData, isBinary: boolean) => {
      known()
      answer(ws)
      void admit(ws, isBinary ? '' : textOf(data))
    })
  }

  /** After the hello a client may ask whether the channel is alive, one question after another, and say nothing else. */
  function answer(ws: WebSocket): void {
    let lastMs = Number.NEGATIVE_INFINITY
    ws.on('message', (data: RawData, isBinary: boolean) => {
      const nowMs = performance.now()
      if (isBinary || nowMs - lastMs < liveAskPauseMs || parsed(liveAsk, textOf(data)) === undefined)
        return ws.close(closeCodes.policy, 'unexpected')
      lastMs = nowMs
      if (ws.readyState === ws.OPEN && ws.bufferedAmount <= backlogBytes) ws.send(beat)
    })
  }

  async function admit(ws: WebSocket, hello: string): Promise<void> {
    try {
      const session = await sessionOf(hello)
      if (ws.readyState !== ws.OPEN) return
      if (session === undefined) ws.close(closeCodes.sessionInvalid, 'session-invalid')
      else if (session.state === 'removed' || session.state === 'ended') ws.close(closeCodes.removed, 'device-removed')
      else if (live.size >= config.live.connections || live.connectionsOf(session.accountId) >= config.live.perAccount)
        ws.close(closeCodes.tryLater, 'busy')
      else attach(ws, session)
    } catch (error) {
      log.error({ err: error }, 'live hello')
      ws.close(closeCodes.tryLater, 'busy')
    }
  }

  async function sessionOf(hello: string): Promise<SessionWithAccount | undefined> {
    const said = parsed(liveHello, hello)
    if (said === undefined) return undefined
    const session = await services.store.findSession(tokenHash(said.token))
    const idleMs = session?.state === 'pending' ? pendingIdleMs : activeIdleMs
    return session !== undefined && services.clock.nowMs() <= session.usedMs + idleMs ? session : undefined
  }

  function attach(ws: WebSocket, session: SessionWithAccount): void {
    const send = (event: LiveEvent): void => {
      if (ws.readyState !== ws.OPEN) return
      if (ws.bufferedAmount > backlogBytes) {
        metrics.slowConsumerDropped()
        ws.terminate()
        return
      }
      ws.send(JSON.stringify(event))
    }
    const subscriber: Subscriber = {
      accountId: session.accountId,
      deviceId: session.deviceId,
      active: session.state === 'active',
      send,
      end(reason) {
        const code = {
          removed: closeCodes.removed,
          ended: closeCodes.removed,
          replaced: closeCodes.replaced,
          'signed-out': closeCodes.sessionInvalid,
        }[reason]
        leave()
        ws.close(code, reason)
      },
    }
    const unsubscribe = live.subscribe(subscriber)
    subscribers.set(subscriber, session.tokenHash)
    const leave = (): void => {
      unsubscribe()
      subscribers.delete(subscriber)
      metrics.liveConnections(live.size)
    }
    ws.on('close', leave)
    metrics.liveConnections(live.size)
    send({ type: 'ready', beatMs, answers: true })
  }

  /** Something may have been lost: sessions that ended end here too, and the others look for themselves. One after another, so that thousands do not ask at once. */
  async function lookAgain(): Promise<void> {
    for (const [subscriber, hash] of subscribers) {
      const session = await services.store.findSession(hash)
      if (!subscribers.has(subscriber)) continue
      if (session === undefined) subscriber.end('signed-out')
      else if (session.state === 'removed' || session.state === 'ended') subscriber.end(session.state)
      else {
        subscriber.active = session.state === 'active'
        subscriber.send({ type: 'session' })
      }
    }
  }
  let isLooking = false
  let isLookDue = false
  /** Until it was done: a bus and a database that go away together must not leave devices untold. */
  async function lookUntilDone(): Promise<void> {
    isLookDue = true
    if (isLooking) return
    isLooking = true
    while (isLookDue && !isStopping()) {
      isLookDue = false
      try {
        await lookAgain()
      } catch (error) {
        log.error({ err: error }, 'after a gap between servers')
        isLookDue = true
        await new Promise((resolve) => setTimeout(resolve, lookRetryMs).unref())
      }
    }
    isLooking = false
  }
  live.onGap(() => void lookUntilDone())

  const heartbeat = setInterval(() => {
    for (const ws of server.clients) {
      if (quiet.has(ws)) ws.terminate()
      else {
        quiet.add(ws)
        ws.ping()
      }
    }
    // a browser does not see pings, and must notice a dead connection as well
    for (const subscriber of subscribers.keys()) subscriber.send({ type: 'beat' })
  }, beatMs)
  heartbeat.unref()

  return {
    close() {
      clearInterval(heartbeat)
      for (const ws of server.clients) ws.close(closeCodes.goingAway, 'restart')
      // those that do not answer the goodbye must not hold the process up
      setTimeout(() => {
        for (const ws of server.clients) ws.terminate()
      }, 1_000).unref()
      server.close()
    },
  }
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const result = v.safeParse(schema, value)
  return result.success ? result.output : undefined
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8')
}
