/** New accounts: OPAQUE registration in two messages; the second brings the genesis of the circle (A4). */
import { fromBase64url, NokkelError, toBase64url, type AccountId } from '@nokkel/base'
import { checkGenesis } from '../domain/genesis.ts'
import { callerOf } from '../domain/place.ts'
import type { Services } from '../services.ts'
import { emailKeyOf } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'
import { openSession } from './sessions.ts'

const bindBytes = 32

export function accountHandlers(services: Services): Pick<Handlers, 'accountStart' | 'accountFinish'> {
  const { offer, clock, random, store, circles, opaque, limits } = services
  const ensureOpen = (isProbe: boolean): void => {
    if (!isProbe && offer().registration !== 'open') throw new NokkelError('registration-closed')
  }
  return {
    async accountStart({ body, address, isProbe }) {
      ensureOpen(isProbe)
      await limits.consume('accounts', `start ${callerOf(address)}`)
      return { registrationResponse: await opaque.registrationResponse(body.accountId as AccountId, body.registrationRequest) }
    },

    async accountFinish({ body, address, place, isProbe }) {
      ensureOpen(isProbe)
      const { regions } = offer()
      if (regions !== null && (body.region === null || !regions.includes(body.region))) {
        throw new NokkelError('region-unavailable', { region: body.region ?? '' })
      }
      await limits.consume('accounts', `finish ${callerOf(address)}`)
      const accountId = body.accountId as AccountId
      const bind = fromBase64url(body.bind)
      if (bind.length !== bindBytes) throw new NokkelError('malformed', { what: 'bind' })
      const genesis = fromBase64url(body.genesis)
      const { circle, device, shares, wraps } = checkGenesis(
        accountId,
        genesis,
        body.shares.map(fromBase64url),
        body.wraps.map(fromBase64url),
      )
      await opaque.ensureUsableRecord(accountId, body.registrationRecord)
      const nowMs = clock.nowMs()
      const token = await store.transaction(accountId, async (tx) => {
        await tx.insertAccount({
          accountId,
          email: body.email,
          emailKey: emailKeyOf(body.email),
          phone: body.phone,
          region: body.region,
          registrationRecord: body.registrationRecord,
          bind,
          genesisHash: circle.genesisHash,
          createdMs: nowMs,
        })
        await tx.appendCircleEntry(accountId, 0, genesis, circle.head)
        for (const vault of circle.vaults.keys()) await tx.insertVault(accountId, vault, { seq: 0, hash: circle.genesisHash })
        await tx.insertShares(accountId, shares)
        await tx.insertWraps(accountId, wraps)
        await noteActivity(tx, accountId, nowMs, { kind: 'account-created', deviceId: device.id, place })
        return await openSession(tx, random, nowMs, {
          accountId,
          deviceId: device.id,
          class: device.class,
          signKey: device.signKey,
          state: 'active',
        })
      })
      circles.remember(circle)
      return { token, state: 'active', accountId, deviceId: device.id, bind: body.bind, genesisHash: toBase64url(circle.genesisHash) }
    },
  }
}
