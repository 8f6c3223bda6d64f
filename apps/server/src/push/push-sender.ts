/**
 * Sends notices to closed apps through push services (RFC 8030, 8291, 8292). What is sent says that something happened and of which kind:
 * no name, no account, no secret; sealed for the browser, so that the push service reads not even that. Bounded: few at a time, none that
 * waits for ever, nothing kept after a restart. A notice may be lost; whoever opens the app sees everything there.
 */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import webPush from 'web-push'
import type { AccountId, Clock, DeviceId } from '@nokkel/base'
import type { Log } from '../log/log.ts'
import type { PushRow, Store } from '../store/store.ts'
import { publicLookup, readEndpoint, type EndpointRule } from './endpoint-guard.ts'
import type { PushKey } from './push-key.ts'

export type PushKind = 'join-request' | 'device-added' | 'device-removed' | 'device-recovered' | 'keychain-reset'

export interface PushSender {
  readonly publicKey: string
  readonly endpoints: EndpointRule
  /** To the subscribed devices of the account but `except`; returns at once and never throws. */
  notify(account: AccountId, kind: PushKind, except: DeviceId): void
  /** The account's last notice: afterwards it has no subscriptions. */
  farewell(account: AccountId, kind: PushKind, except: DeviceId): void
  /** Waits for what is under way. */
  settled(): Promise<void>
}

const atOnce = 8
const waitingMost = 1_000
const timeoutMs = 10_000
/** a day: what is older is found in the app */
const ttlSeconds = 86_400
/** of one kind to one device */
const paceMs = 30_000

interface Job {
  readonly account: AccountId
  readonly row: PushRow
  readonly kind: PushKind
}

export function createPushSender(parts: {
  readonly key: PushKey
  readonly contact: string
  readonly endpoints: EndpointRule
  readonly store: Pick<Store, 'pushSubscriptions' | 'transaction'>
  readonly clock: Clock
  readonly log: Log
}): PushSender {
  const { key, contact, endpoints, store, clock, log } = parts
  const queue: Job[] = []
  const lastSentMs = new Map<string, number>()
  const running = new Set<Promise<void>>()

  function pump(): void {
    while (running.size < atOnce) {
      const job = queue.shift()
      if (job === undefined) return
      const work = deliver(job)
        .catch((error: unknown) => log.warn({ err: error, kind: job.kind }, 'push'))
        .finally(() => {
          running.delete(work)
          pump()
        })
      running.add(work)
    }
  }

  function isTooSoon({ account, row, kind }: Job): boolean {
    const name = `${account} ${row.deviceId} ${kind}`
    const nowMs = clock.nowMs()
    for (const [old, ms] of lastSentMs) if (nowMs - ms > paceMs || ms > nowMs) lastSentMs.delete(old)
    if (lastSentMs.has(name)) return true
    lastSentMs.set(name, nowMs)
    return false
  }

  async function enqueue(account: AccountId, kind: PushKind, except: DeviceId): Promise<void> {
    for (const row of await store.pushSubscriptions(account)) {
      const job = { account, row, kind }
      if (row.deviceId === except || queue.length >= waitingMost || isTooSoon(job)) continue
      queue.push(job)
    }
    pump()
  }

  async function deliver({ account, row, kind }: Job): Promise<void> {
    const url = readEndpoint(row.endpoint, endpoints)
    // the rule may have become stricter since it was taken
    if (url === null) return
    const details = webPush.generateRequestDetails(
      { endpoint: row.endpoint, keys: { p256dh: row.p256dh, auth: row.auth } },
      JSON.stringify({ kind }),
      {
        vapidDetails: { subject: contact, publicKey: key.publicKey, privateKey: key.privateKey },
        TTL: ttlSeconds,
        urgency: kind === 'join-request' ? 'high' : 'normal',
        topic: kind,
        contentEncoding: 'aes128gcm',
      },
    )
    const status = await post(url, details.headers as Record<string, string | number>, details.body ?? Buffer.alloc(0))
    // the browser took it back
    if (status === 404 || status === 410) await store.transaction(account, (tx) => tx.deletePushSubscription(account, row.deviceId))
    else if (status >= 300) log.info({ status, kind }, 'push refused')
  }

  /** No redirect is followed and no body read: the answer is a number. */
  function post(url: URL, headers: Readonly<Record<string, string | number>>, body: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(
        url,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': body.length },
          signal: AbortSignal.timeout(timeoutMs),
          agent: false,
          ...(endpoints === 'public' ? { lookup: publicLookup } : {}),
        },
        (answer) => {
          answer.destroy()
          resolve(answer.statusCode ?? 0)
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  }

  const asking = new Set<Promise<void>>()
  function start(asked: Promise<void>, kind: PushKind): void {
    const work = asked.catch((error: unknown) => log.warn({ err: error, kind }, 'push')).finally(() => asking.delete(work))
    asking.add(work)
  }

  async function forgetAll(account: AccountId): Promise<void> {
    const rows = await store.pushSubscriptions(account)
    await store.transaction(account, async (tx) => {
      for (const { deviceId } of rows) await tx.deletePushSubscription(account, deviceId)
    })
  }

  return {
    publicKey: key.publicKey,
    endpoints,
    notify: (account, kind, except) => start(enqueue(account, kind, except), kind),
    farewell: (account, kind, except) =>
      start(
        enqueue(account, kind, except).then(() => forgetAll(account)),
        kind,
      ),
    async settled() {
      while (asking.size + running.size > 0) await Promise.all([...asking, ...running])
    },
  }
}
