/** Approval of a new device (A5): a list of requests and a relay of short messages that only the two devices can read. */
import { NokkelError, newId, parseId, type RequestId } from '@nokkel/base'
import { joinRules, type JsonResponse } from '@nokkel/protocol/wire'
import { decideMessage, liveMessages, secondsUntilNextRequest, shownState } from '../domain/join.ts'
import type { Services } from '../services.ts'
import type { JoinRow, SessionRow, StoreReads } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'

type ShownRequest = JsonResponse<'joinList'>['requests'][number]

const listed = 100

export function joinHandlers(services: Services): Pick<Handlers, 'joinCreate' | 'joinList' | 'joinDecline' | 'joinSend' | 'joinReceive'> {
  const { clock, random, store, live, push } = services

  function show(request: JoinRow): ShownRequest | undefined {
    const state = shownState(request, clock.nowMs())
    if (state === undefined) return undefined
    const { requestId, deviceId, name, place, createdMs, seenMs } = request
    const expiresMs = createdMs + joinRules.requestLifetimeMs
    return { requestId, deviceId, class: request.class, name, place, createdMs, expiresMs, seenMs, state }
  }

  /** The request, for its applicant and for trusted devices; for others it does not exist. */
  async function find(reads: StoreReads, session: SessionRow, requestId: RequestId): Promise<JoinRow> {
    const request = await reads.joinRequest(session.accountId, requestId)
    const mayKnow = request !== undefined && (session.state === 'active' || request.deviceId === session.deviceId)
    if (!mayKnow || shownState(request, clock.nowMs()) === undefined) throw new NokkelError('request-not-found')
    return request
  }

  function tell(session: SessionRow, request: JoinRow): void {
    live.publish(session.accountId, { type: 'join', requestId: request.requestId }, 'members')
    // a member hears it as a member; hearing it twice would only cost a second look
    live.publish(session.accountId, { type: 'join', requestId: request.requestId }, [request.deviceId])
  }

  return {
    async joinCreate({ session, body, place }) {
      if (session.state === 'active') throw new NokkelError('already-trusted')
      const nowMs = clock.nowMs()
      const { accountId, deviceId } = session
      const request: JoinRow = {
        requestId: newId<RequestId>(random),
        deviceId,
        class: session.class,
        name: body.name,
        place,
        state: 'pending',
        createdMs: nowMs,
        seenMs: null,
      }
      await store.transaction(accountId, async (tx) => {
        const earlier = await tx.joinRequests(accountId, nowMs - joinRules.requestLifetimeMs)
        const retryAfterSeconds = secondsUntilNextRequest(earlier, nowMs)
        if (retryAfterSeconds > 0) throw new NokkelError('rate-limited', { retryAfterSeconds })
        for (const old of earlier)
          if (old.deviceId === deviceId && old.state === 'pending') await tx.setJoinState(accountId, old.requestId, 'withdrawn')
        await tx.putJoinRequest(accountId, request)
        await noteActivity(tx, accountId, nowMs, { kind: 'join-requested', deviceId, place })
      })
      tell(session, request)
      push.notify(accountId, 'join-request', deviceId)
      return { requestId: request.requestId, expiresMs: nowMs + joinRules.requestLifetimeMs }
    },

    async joinList({ session }) {
      const { accountId } = session
      const nowMs = clock.nowMs()
      const requests = await store.joinRequests(accountId, nowMs - 2 * joinRules.requestLifetimeMs)
      // written once for each request: asking again costs no write
      if (requests.some(({ state, seenMs }) => state === 'pending' && seenMs === null))
        await store.transaction(accountId, (tx) => tx.markJoinsSeen(accountId, nowMs))
      return {
        requests: requests
          .map(show)
          .filter((request) => request !== undefined)
          .slice(0, listed),
      }
    },

    async joinDecline({ session, params, place }) {
      const requestId = parseId<RequestId>(params['request'] ?? '')
      const { accountId } = session
      const request = await store.transaction(accountId, async (tx) => {
        const found = await find(tx, session, requestId)
        const isApplicant = found.deviceId === session.deviceId
        if (found.state !== 'pending') return found
        await tx.setJoinState(accountId, requestId, isApplicant ? 'withdrawn' : 'declined')
        if (!isApplicant) await noteActivity(tx, accountId, clock.nowMs(), { kind: 'join-declined', deviceId: found.deviceId, place })
        return found
      })
      tell(session, request)
      return {}
    },

    async joinSend({ session, params, body }) {
      const requestId = parseId<RequestId>(params['request'] ?? '')
      const nowMs = clock.nowMs()
      const { accountId, deviceId } = session
      const request = await store.transaction(accountId, async (tx) => {
        const found = await find(tx, session, requestId)
        const messages = await tx.joinMessages(accountId, requestId)
        if (decideMessage(found, messages, deviceId, body, nowMs) === 'store') {
          await tx.insertJoinMessage(accountId, requestId, { ...body, sender: deviceId, createdMs: nowMs })
        }
        return found
      })
      tell(session, request)
      return {}
    },

    async joinReceive({ session, params, query }) {
      const requestId = parseId<RequestId>(params['request'] ?? '')
      const { run } = query
      const request = await find(store, session, requestId)
      const shown = show(request)
      if (shown === undefined) throw new NokkelError('request-not-found')
      const messages = liveMessages(await store.joinMessages(session.accountId, requestId), clock.nowMs())
      return {
        request: shown,
        messages: messages
          .filter((message) => run === undefined || message.run === run)
          .map(({ run: of, step, body }) => ({ run: of, step, body })),
      }
    },
  }
}
