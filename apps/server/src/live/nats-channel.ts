/**
 * Hints between servers over NATS: each server listens to the accounts whose devices are connected to it, and to no others. Devices of this
 * server are told at once and without the bus. What the bus loses costs nothing but time: `onGap` says when something may have been lost.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, credsAuthenticator, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import * as v from 'valibot'
import { NokkelError, type AccountId, type DeviceId } from '@nokkel/base'
import { liveEvent, type LiveEvent } from '@nokkel/protocol/wire'
import { memoryLiveChannel, type Audience, type LiveChannel } from './channel.ts'
import { isEnd, ToldEnds } from './told-ends.ts'

export interface NatsPlace {
  readonly servers: readonly string[]
  /** a .creds file; null: the bus lets us in without */
  readonly credentialsFile: string | null
}

const reconnectMs = 250
const attemptWithinMs = 2_000
/** A connection that does not answer for twice this long is given up and made anew. */
const pingEveryMs = 1_000
const pingsUnanswered = 2
/** How long a connection may be dead before anybody notices: what was said in that time is said again. */
const unsureMs = pingEveryMs * (pingsUnanswered + 2)
const messageBytes = 65_536

const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const reason = v.picklist(['replaced', 'signed-out', 'removed', 'ended'])
/** The bus is not trusted: what it says is a hint or the end of a connection, and must look like one. */
const message = v.variant('type', [
  v.object({
    type: v.literal('event'),
    from: v.string(),
    event: liveEvent,
    audience: v.union([v.literal('members'), v.pipe(v.array(id), v.maxLength(1_000))]),
  }),
  v.object({ type: v.literal('promote'), from: v.string(), device: id }),
  v.object({ type: v.literal('end'), from: v.string(), device: id, reason }),
])
type Message = v.InferOutput<typeof message>
type Told = Message extends infer Each ? (Each extends Message ? Omit<Each, 'from'> : never) : never

export interface NatsChannelParts {
  readonly serverId: string
  readonly onState: (isConnected: boolean) => void
  readonly onError: (error: unknown) => void
}

/** Throws `config-invalid` for credentials that cannot be read. Does not wait for the bus: hints between servers begin when it is there. */
export function natsLiveChannel(place: NatsPlace, { serverId, onState, onError }: NatsChannelParts): LiveChannel {
  const local = memoryLiveChannel()
  const self = randomUUID()
  const heard = new Map<AccountId, Subscription | null>()
  const told = new ToldEnds()
  let sureMs = 0
  const gaps = new Set<() => void>()
  let connection: NatsConnection | undefined
  let isClosed = false
  const subjectOf = (account: AccountId): string => `nokkel.${serverId}.live.${account}`
  const gap = (): void => {
    for (const listener of gaps) listener()
  }

  function receive(account: AccountId, bytes: Uint8Array): void {
    if (bytes.length > messageBytes) return
    let value: unknown
    try {
      value = JSON.parse(Buffer.from(bytes).toString('utf8'))
    } catch {
      return
    }
    const parsed = v.safeParse(message, value)
    if (!parsed.success || parsed.output.from === self) return
    const said = parsed.output
    if (said.type === 'event') {
      // several servers may tell of the same end; devices need to hear it once
      if (isEnd(said.event) && !told.note(account, said.event, null)) return
      local.publish(account, said.event, said.audience as 'members' | DeviceId[])
    } else if (said.type === 'promote') local.promote(account, said.device as DeviceId)
    else local.end(account, said.device as DeviceId, said.reason)
  }

  function listen(account: AccountId): Subscription | null {
    if (connection === undefined || connection.isClosed()) return null
    return connection.subscribe(subjectOf(account), {
      callback(error, received) {
        if (error === null) receive(account, received.data)
      },
    })
  }

  function tell(account: AccountId, said: Told): void {
    if (connection === undefined || connection.isClosed()) return
    try {
      connection.publish(subjectOf(account), JSON.stringify({ ...said, from: self }))
    } catch (error) {
      onError(error)
    }
  }

  function publish(account: AccountId, event: LiveEvent, audience: Audience): void {
    local.publish(account, event, audience)
    tell(account, { type: 'event', event, audience: audience === 'members' ? audience : [...audience] })
  }

  /** Devices of other servers may have missed what this one said into a connection that was dead already. */
  function sayAgain(): void {
    for (const { account, event } of told.saidSince(sureMs)) tell(account, { type: 'event', event, audience: 'members' })
  }

  async function run(authenticator: ReturnType<typeof credsAuthenticator> | undefined): Promise<void> {
    const opened = await connect({
      servers: [...place.servers],
      name: 'nokkel-server',
      ...(authenticator !== undefined && { authenticator }),
      waitOnFirstConnect: true,
      // of one attempt: a bus that is starting, or stopped, takes connections and says nothing
      timeout: attemptWithinMs,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: reconnectMs,
      reconnectJitter: reconnectMs,
      reconnectJitterTLS: reconnectMs,
      pingInterval: pingEveryMs,
      maxPingOut: pingsUnanswered,
    })
    connection = opened
    if (isClosed) return void (await opened.close())
    for (const account of heard.keys()) heard.set(account, listen(account))
    onState(true)
    sayAgain()
    gap()
    for await (const { type } of opened.status()) {
      if (type === 'disconnect') {
        sureMs = performance.now() - unsureMs
        onState(false)
      }
      if (type !== 'reconnect') continue
      onState(true)
      sayAgain()
      gap()
    }
  }

  run(place.credentialsFile === null ? undefined : credsAuthenticator(credentialsFrom(place.credentialsFile))).catch(onError)

  return {
    publish(account, event, audience) {
      if (isEnd(event)) told.note(account, event, performance.now())
      publish(account, event, audience)
    },
    catchUp(account, event) {
      if (told.note(account, event, performance.now())) publish(account, event, 'members')
    },
    promote(account, device) {
      local.promote(account, device)
      tell(account, { type: 'promote', device })
    },
    end(account, device, why) {
      local.end(account, device, why)
      tell(account, { type: 'end', device, reason: why })
    },
    subscribe(subscriber) {
      const { accountId } = subscriber
      const leave = local.subscribe(subscriber)
      if (!heard.has(accountId)) heard.set(accountId, listen(accountId))
      return () => {
        leave()
        if (local.connectionsOf(accountId) > 0) return
        heard.get(accountId)?.unsubscribe()
        heard.delete(accountId)
      }
    },
    connectionsOf: (account) => local.connectionsOf(account),
    get size() {
      return local.size
    },
    onGap(listener) {
      gaps.add(listener)
    },
    async close() {
      isClosed = true
      await connection?.close()
    },
  }
}

function credentialsFrom(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_NATS_CREDENTIALS', expected: 'a readable file' }, { cause: error })
  }
}
