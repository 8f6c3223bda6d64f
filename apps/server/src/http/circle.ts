/** The circle: who may read the keychain. The server orders the entries and checks them; it can make none. */
import { NokkelError, parseId, type DeviceId } from '@nokkel/base'
import {
  circlePageEntries,
  decodeCircleAppend,
  encodeCircleEntries,
  encodeCircleKeys,
  recoveryMemberName,
  signedHash,
  type Circle,
} from '@nokkel/protocol/wire'
import { decideAppend, decideRecover } from '../domain/circle-append.ts'
import { standingOf } from '../domain/device-standing.ts'
import { shownState } from '../domain/join.ts'
import { announce } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import type { StoreTx } from '../store/store.ts'
import { noteActivity, type ActivityNote } from './activity.ts'
import type { Handlers } from './call.ts'
import { integerOf } from './query.ts'

/** What was kept for ways back that the entry closed: nothing opens it any more. */
async function forgetClosedWays(tx: StoreTx, before: Circle, after: Circle): Promise<void> {
  const closed = [...before.recoveries.values()].filter(
    ({ slot, registration }) => after.recoveries.get(slot)?.registration !== registration,
  )
  await tx.deleteRecoveryBundles(
    before.account,
    closed.map(({ signKey }) => recoveryMemberName(signKey)),
  )
  await tx.deleteEscrowRecords(
    before.account,
    closed.map(({ registration }) => registration),
  )
}

export function circleHandlers(services: Services): Pick<Handlers, 'circle' | 'circleAppend' | 'circleKeys' | 'recover'> {
  const { clock, store, circles, live, limits, delivery, push } = services

  /** A device that was added: its waiting session becomes active, its request approved. Returns the requests to tell about. */
  async function admit(tx: StoreTx, circle: Circle, device: DeviceId): Promise<string[]> {
    const session = await tx.findSessionOfDevice(circle.account, device)
    if (session !== undefined && standingOf(circle, device, session.signKey) === 'active')
      await tx.setSessionState(circle.account, device, 'active')
    const waiting = (await tx.joinRequests(circle.account, 0)).filter(
      (request) => request.deviceId === device && shownState(request, clock.nowMs()) === 'pending',
    )
    for (const request of waiting) await tx.setJoinState(circle.account, request.requestId, 'approved')
    return waiting.map((request) => request.requestId)
  }

  return {
    async circle({ session, query }) {
      const after = integerOf(query['after'], 'after', -1, -1)
      const { accountId, deviceId } = session
      // a removed device may learn of its removal, and of nothing that came later
      const upTo =
        session.state === 'removed'
          ? ((await circles.load(store, accountId)).devices.get(deviceId)?.endedSeq ?? -1)
          : Number.MAX_SAFE_INTEGER
      const entries = await store.circleEntries(accountId, after, upTo, circlePageEntries)
      // as at the log: whoever took the newest entry in may not have lived to tell; who has none yet is shown what is old
      if (after >= 0 && entries.length > 0 && entries.length < circlePageEntries && session.state === 'active')
        live.catchUp(accountId, { type: 'circle', seq: after + entries.length })
      return encodeCircleEntries(entries)
    },

    async circleAppend({ session, body, place }) {
      const append = decodeCircleAppend(body)
      const { accountId, deviceId } = session
      const nowMs = clock.nowMs()
      const done = await store.transaction(accountId, async (tx) => {
        const circle = await circles.load(tx, accountId)
        if (!circle.isActive(deviceId)) throw new NokkelError('device-removed')
        const decision = decideAppend(circle, append, deviceId, await tx.logEnds(accountId))
        if (decision.repeated) return { decision, requests: [] }
        const next = decision.circle
        await tx.appendCircleEntry(accountId, next.seq, append.entry, signedHash(append.entry))
        await forgetClosedWays(tx, circle, next)
        await tx.insertShares(accountId, decision.shares)
        await tx.insertWraps(accountId, decision.wraps)
        const note = (kind: ActivityNote['kind'], subject: DeviceId | null): Promise<void> =>
          noteActivity(tx, accountId, nowMs, { kind, deviceId: subject, place })
        const requests = decision.added === null ? [] : await admit(tx, next, decision.added)
        if (decision.added !== null) {
          await note('device-added', decision.added)
          await announce(services, tx, accountId, { kind: 'device-added' })
        }
        for (const ended of decision.ended) {
          await tx.setSessionState(accountId, ended, 'removed')
          await tx.deletePushSubscription(accountId, ended)
          await note(decision.payload.type === 'leave' ? 'device-left' : 'device-removed', ended)
        }
        if (decision.payload.type === 'rotate') await note('keys-rotated', deviceId)
        if (decision.payload.type === 'policy') {
          await note('policy-changed', deviceId)
          await announce(services, tx, accountId, { kind: 'policy-changed' })
        }
        // F9; a device that lays its own passcode down is no news
        if (decision.payload.type === 'recovery-add' && (decision.payload.recovery.slot as string) !== deviceId)
          await announce(services, tx, accountId, { kind: 'code-changed' })
        return { decision, requests }
      })
      const { decision } = done
      if (decision.repeated) return { seq: decision.seq }
      circles.remember(decision.circle)
      delivery.wake()
      const { seq } = decision.circle
      if (decision.added !== null) {
        live.promote(accountId, decision.added)
        live.publish(accountId, { type: 'session' }, [decision.added])
        for (const requestId of done.requests) live.publish(accountId, { type: 'join', requestId: parseId(requestId) }, 'members')
      }
      for (const ended of decision.ended) {
        live.publish(accountId, { type: 'session' }, [ended])
        live.end(accountId, ended, 'removed')
      }
      live.publish(accountId, { type: 'circle', seq }, 'members')
      if (decision.added !== null) push.notify(accountId, 'device-added', deviceId)
      if (decision.ended.length > 0) push.notify(accountId, 'device-removed', deviceId)
      return { seq }
    },

    async recover({ session, body, place }) {
      const append = decodeCircleAppend(body)
      const { accountId, deviceId } = session
      const nowMs = clock.nowMs()
      await limits.consume('sign-in-account', accountId)
      const done = await store.transaction(accountId, async (tx) => {
        const circle = await circles.load(tx, accountId)
        const decision = decideRecover(circle, append, deviceId, session.signKey)
        if (decision.repeated) return { decision, requests: [] }
        await tx.appendCircleEntry(accountId, decision.circle.seq, append.entry, signedHash(append.entry))
        await forgetClosedWays(tx, circle, decision.circle)
        await tx.insertShares(accountId, decision.shares)
        const requests = await admit(tx, decision.circle, deviceId)
        await noteActivity(tx, accountId, nowMs, { kind: 'device-recovered', deviceId, place })
        await announce(services, tx, accountId, { kind: 'device-recovered', params: { place } })
        return { decision, requests }
      })
      const { decision } = done
      if (decision.repeated) return { seq: decision.seq }
      circles.remember(decision.circle)
      delivery.wake()
      live.promote(accountId, deviceId)
      live.publish(accountId, { type: 'session' }, [deviceId])
      for (const requestId of done.requests) live.publish(accountId, { type: 'join', requestId: parseId(requestId) }, 'members')
      live.publish(accountId, { type: 'circle', seq: decision.circle.seq }, 'members')
      push.notify(accountId, 'device-recovered', deviceId)
      return { seq: decision.circle.seq }
    },

    async circleKeys({ session }) {
      const { accountId, deviceId } = session
      return encodeCircleKeys({ shares: await store.sharesOf(accountId, deviceId), wraps: await store.wrapsOf(accountId) })
    },
  }
}
