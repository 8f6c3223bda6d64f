/**
 * Staying in sync (B1): a live channel tells that something changed, a slow timer covers lost hints, and reconnects come at random times
 * (`reconnect.ts`) so that a restarted server is not met by everybody at once (SPEC SYN-12).
 */
import { isNokkelError, NokkelError, randomBelow } from '@nokkel/base'
import { sessionOf, type LocalKeychain, type RoundReport, type ServerApi, type SyncEngine } from '@nokkel/sync'
import type { Paused, SyncChange } from './facade.ts'
import { pausedBy } from './paused.ts'
import type { Platform } from './platform.ts'
import { Reconnects } from './reconnect.ts'

const slowTimerMs = 300_000
/** and as much again at random */
const pausedCheckMs = 30_000
const resendFloorMs = 1_000

export interface WatchContext {
  readonly keychain: LocalKeychain
  readonly api: ServerApi
  readonly engine: SyncEngine
  readonly platform: Platform
  readonly nameOf: (device: string) => string
  readonly onOnline: (online: boolean) => void
  /** as it is shown: other calls set it as well, and one that was answered just before the line went down may come after its end was told */
  readonly isOnline: () => boolean
  /** the server is there and will not synchronise for now, or does so again */
  readonly onPaused: (paused: Paused | null) => void
  /** Calls with the reason when a local change was saved and could not be sent. */
  readonly listenUnsent: (listener: (reason: NokkelError) => void) => void
  /** after a round that brought circle entries */
  readonly onCircle: () => Promise<void>
  /** after a full round: what the logs do not carry */
  readonly onNotice: () => Promise<void>
}

export async function watchChanges(context: WatchContext, onChange: (change: SyncChange) => void, signal: AbortSignal): Promise<void> {
  const { keychain, api, engine, platform } = context
  const reconnects = new Reconnects(platform.random)
  let online: boolean | null = null
  const setOnline = (now: boolean) => {
    if (online === now && context.isOnline() === now) return
    online = now
    context.onOnline(now)
    onChange({ type: now ? 'online' : 'offline', id: '', title: '', by: '', tookMs: 0 })
  }
  let paused: Paused | null = null
  const setPaused = (now: Paused | null) => {
    if (paused?.code === now?.code) return
    paused = now
    context.onPaused(now)
    onChange({ type: now === null ? 'online' : 'paused', id: '', title: '', by: '', tookMs: 0 })
  }
  while (!signal.aborted) {
    let closed = false
    let refused = false
    let hint: { scope: 'log' | 'full'; atMs: number } | null = null
    let wake = () => {}
    const poke = (scope: 'log' | 'full') => {
      hint = { scope: hint?.scope === 'full' ? 'full' : scope, atMs: hint?.atMs ?? platform.clock.nowMs() }
      wake()
    }
    let channel: { close(): void } | null = null
    let fail: (error: NokkelError) => void = () => undefined
    const loss = new Promise<never>((_, reject) => (fail = reject))
    loss.catch(() => undefined)
    const lose = () => {
      closed = true
      fail(new NokkelError('offline'))
      wake()
    }
    // what a round waits for may have been lost with the channel: a new one is opened meanwhile, and has it asked anew (`AskAgain.renew`)
    const synchronise = (scope: 'log' | 'full', hintMs: number | null): Promise<void> => {
      const done = engine.round({ scope, signal }).then((round) => settle(context, scope, round, hintMs, onChange))
      done.catch(() => undefined)
      return Promise.race([done, loss])
    }
    try {
      const { identity } = keychain.requireTrusted()
      const listening = api.live(
        sessionOf(identity),
        {
          onEvent(event) {
            if (event.type === 'log' && !isHere(keychain, event)) poke('log')
            else if (event.type === 'circle' || event.type === 'session' || event.type === 'notice') poke('full')
            else if (event.type === 'join') onChange({ type: 'join-request', id: event.requestId, title: '', by: '', tookMs: 0 })
          },
          onClose: lose,
        },
        { signal },
      )
      channel = await listening.catch(async (error: unknown) => {
        // a channel's word ends nothing (CIR-15): the round finds out whether the session is gone, or the device out, and says so
        if (isNokkelError(error, 'session-invalid')) await engine.round({ scope: 'full', signal })
        throw isNokkelError(error, 'session-invalid') ? new NokkelError('offline') : error
      })
      context.listenUnsent((reason) => {
        if (reason.group !== 'offline') return void platform.pause(resendMs(reason, platform.random), signal).then(() => poke('log'))
        // then the channel is worth as little, whatever it looks like
        lose()
      })
      setOnline(true)
      // whatever happened before the channel stood
      await synchronise('full', null)
      setPaused(null)
      reconnects.reached()
      while (!signal.aborted && !closed) {
        if (hint === null) {
          const timer = new AbortController()
          await Promise.race([
            new Promise<void>((resolve) => {
              wake = resolve
            }),
            platform.pause(slowTimerMs, AbortSignal.any([signal, timer.signal])),
          ])
          timer.abort()
        }
        if (signal.aborted || closed) break
        const present = hint as { scope: 'log' | 'full'; atMs: number } | null
        hint = null
        const scope = present?.scope ?? 'full'
        await synchronise(scope, present?.atMs ?? null)
      }
    } catch (error) {
      if (signal.aborted) break
      const now = pausedBy(error)
      refused = now !== null
      if (now !== null) setPaused(now)
      if (endsWatch(error)) throw error
    } finally {
      channel?.close()
    }
    if (signal.aborted) break
    // a server that refuses for now is asked again, slowly; it is not away
    if (refused) {
      await platform.pause(pausedCheckMs + randomBelow(platform.random, pausedCheckMs), signal)
      continue
    }
    setOnline(false)
    await platform.pause(reconnects.nextMs(), signal)
  }
}

/**
 * Somebody has to act before anything can be synchronised again: this device is out, or locked; the server was caught; what is stored here
 * cannot be used. A fault of the program ends it too, so that it is seen. Whatever else a server, a network or a full disk does may pass.
 */
function endsWatch(error: unknown): boolean {
  if (!isNokkelError(error)) return true
  return (
    ['trust', 'alarm', 'locked'].includes(error.group) || isNokkelError(error, 'store-damaged', 'store-too-new', 'home-in-use', 'internal')
  )
}

/** The server is there and did not take a change: soon again, or when it said. */
function resendMs({ params }: NokkelError, random: Platform['random']): number {
  const { retryAfterSeconds } = params
  const toldMs = typeof retryAfterSeconds === 'number' ? Math.min(slowTimerMs, Math.max(0, retryAfterSeconds * 1_000)) : 0
  return toldMs + resendFloorMs + randomBelow(random, resendFloorMs)
}

/** A hint of an end that this device has, and nothing of its own to send. */
function isHere({ log, dirty }: LocalKeychain, { vault, seq }: { readonly vault: string; readonly seq: number }): boolean {
  return log !== null && (log.vault as string) === vault && log.seq === seq && dirty.size === 0
}

async function settle(
  context: WatchContext,
  scope: 'log' | 'full',
  round: RoundReport,
  hintMs: number | null,
  onChange: (change: SyncChange) => void,
): Promise<void> {
  report(context, round, hintMs, onChange)
  if (round.circleChanged) await context.onCircle()
  if (scope === 'log') return
  const known = context.keychain.notices.length
  await context.onNotice()
  if (context.keychain.notices.length > known) onChange({ type: 'notice', id: '', title: '', by: '', tookMs: 0 })
}

function report(context: WatchContext, round: RoundReport, hintMs: number | null, onChange: (change: SyncChange) => void): void {
  const now = context.platform.clock.nowMs()
  for (const item of round.items) {
    if (item.kind === 'device') continue
    onChange({
      type: item.kind === 'settings' ? 'settings' : 'item',
      id: item.id,
      title: item.title,
      by: context.nameOf(item.device),
      tookMs: Math.max(0, now - (hintMs ?? item.writtenMs)),
    })
  }
  if (round.circleChanged) onChange({ type: 'circle', id: '', title: '', by: '', tookMs: hintMs === null ? 0 : now - hintMs })
}
