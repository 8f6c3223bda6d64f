/**
 * The live channel over a WebSocket (API-9): opened, the token said, the server's `ready` waited for, and given up when its line is dead. An opening
 * that gets nowhere is begun anew on another connection beside it, so that one which began while the network was away does not have to be waited out.
 */
import * as v from 'valibot'
import { NokkelError, type Clock } from '@nokkel/base'
import { liveEvent, type LiveEvent } from '@nokkel/protocol/wire'
import type { AskAgain, Patience } from './ask-again.ts'
import { LiveLine } from './live-line.ts'

export interface WebSocketLike {
  send(text: string): void
  close(): void
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: { data?: unknown; code?: unknown }) => void): void
}
export type OpenWebSocket = (url: string) => WebSocketLike

/** Close codes of a server that knows no session of this device, or none that may listen (SPEC, live channel). */
const noSession: ReadonlySet<unknown> = new Set([4401, 4403])

/** of one opening, all its connections together */
const openWithinMs = 10_000
/** Each is a connection that the server has to greet: three in ten seconds are no more than a device makes that loses one after another. */
export const patienceOfOpening: Patience = { stallMs: 3_000, nextMs: 3_000, mostConnections: 3, mostInARow: Number.POSITIVE_INFINITY }
const eventBytes = 1_024

export interface LiveOpening {
  readonly openWebSocket: OpenWebSocket
  readonly url: string
  readonly token: string
  readonly clock: Clock
  readonly listenAwake: ((listener: () => void) => () => void) | undefined
  /** in which the line stands while the channel is open */
  readonly lines: Set<LiveLine>
  /** the server was reached */
  readonly onReady: () => void
  readonly onEvent: (event: LiveEvent) => void
  readonly onClose: () => void
}

/** Resolves when the server said `ready`; `onClose` is called once after that, whoever ended it. */
export async function openLive(again: AskAgain, opening: LiveOpening, signal: AbortSignal | undefined): Promise<{ close(): void }> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), openWithinMs)
  const ended = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
  try {
    const channel = await again.first((own) => openOne(opening, own), ended)
    const leave = (): void => channel.close()
    signal?.addEventListener('abort', leave)
    channel.onEnd(() => {
      signal?.removeEventListener('abort', leave)
      opening.onClose()
    })
    if (signal?.aborted === true) leave()
    opening.onReady()
    return channel
  } finally {
    clearTimeout(timer)
  }
}

interface Channel {
  close(): void
  /** also when it has ended already */
  onEnd(listener: () => void): void
}

/** One connection. `signal` ends it, opening or open: it lost to another one. */
function openOne(opening: LiveOpening, signal: AbortSignal): Promise<Channel> {
  const fromMs = opening.clock.nowMs()
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new NokkelError('offline'))
    let socket: WebSocketLike
    try {
      socket = opening.openWebSocket(opening.url)
    } catch {
      return reject(new NokkelError('offline'))
    }
    let isOver = false
    let line: LiveLine | null = null
    const atEnd: (() => void)[] = []
    const close = (why: NokkelError = new NokkelError('offline')): void => {
      if (isOver) return
      isOver = true
      socket.close()
      // of no effect where it was open
      reject(why)
      for (const each of atEnd) each()
    }
    const leave = (): void => close()
    const ready = ({ beatMs, answers }: Extract<LiveEvent, { readonly type: 'ready' }>): void => {
      const alive = new LiveLine({
        beatMs: beatMs ?? null,
        answers: answers === true,
        openedInMs: opening.clock.nowMs() - fromMs,
        ask: () => socket.send(JSON.stringify({ type: 'ask' })),
        onDead: leave,
      })
      line = alive
      opening.lines.add(alive)
      const deaf = opening.listenAwake?.(() => alive.suspect())
      atEnd.push(() => {
        alive.end()
        opening.lines.delete(alive)
        deaf?.()
      })
      resolve({
        close: leave,
        onEnd: (listener) => {
          if (isOver) listener()
          else atEnd.push(listener)
        },
      })
    }
    signal.addEventListener('abort', leave)
    socket.addEventListener('open', () => {
      if (!isOver) socket.send(JSON.stringify({ token: opening.token }))
    })
    socket.addEventListener('message', ({ data }) => {
      const event = parseLiveEvent(data)
      if (event === undefined || isOver) return
      if (line === null) {
        if (event.type === 'ready') ready(event)
        return
      }
      line.heard()
      if (event.type === 'beat' || event.type === 'ready') return
      line.attend()
      opening.onEvent(event)
    })
    socket.addEventListener('close', ({ code }) => close(noSession.has(code) ? new NokkelError('session-invalid') : undefined))
    socket.addEventListener('error', leave)
  })
}

function parseLiveEvent(data: unknown): LiveEvent | undefined {
  if (typeof data !== 'string' || data.length > eventBytes) return undefined
  try {
    const parsed = v.safeParse(liveEvent, JSON.parse(data))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}
