/**
 * Sign-in. An unknown address gets an answer of the same shape and cost as a known one, and the same failure at the end (A30).
 * The password alone gives a pending session; only a device that the circle names is active at once (F2).
 */
import { fromBase64url, fromHex, NokkelError, toBase64url, toHex, type DeviceId } from '@nokkel/base'
import { isSignedBy, labels, signInProofBody } from '@nokkel/protocol/wire'
import { standingOf } from '../domain/device-standing.ts'
import { callerOf } from '../domain/place.ts'
import { announce } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import { loginLifetimeMs } from '../sign-in/login-states.ts'
import { emailKeyOf } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'
import { openSession } from './sessions.ts'

const loginIdBytes = 16
const signKeyBytes = 32
const signatureBytes = 64

export function signInHandlers(services: Services): Pick<Handlers, 'signInStart' | 'signInFinish'> {
  const { clock, random, store, circles, opaque, loginStates, limits, live, log, delivery } = services
  return {
    async signInStart({ body, address }) {
      await limits.consume('sign-in-address', `start ${callerOf(address)}`)
      const emailKey = emailKeyOf(body.email)
      const decoy = opaque.decoyAccount(emailKey)
      const account = await store.findAccountByEmail(emailKey)
      const accountId = account?.accountId ?? decoy
      await limits.consume('sign-in-account', accountId)
      const { serverLoginState, loginResponse } = await opaque.startLogin(
        accountId,
        account?.registrationRecord ?? null,
        body.startLoginRequest,
      )
      const loginId = toHex(random.bytes(loginIdBytes))
      await loginStates.put(loginId, {
        accountId,
        decoy: account === undefined,
        serverLoginState,
        expiresMs: clock.nowMs() + loginLifetimeMs,
      })
      return { loginId, accountId, loginResponse }
    },

    async signInFinish({ body, address, place }) {
      await limits.consume('sign-in-address', `finish ${callerOf(address)}`)
      const state = await loginStates.take(body.loginId)
      const failed = new NokkelError('sign-in-failed')
      if (state === undefined) throw failed
      const { accountId } = state
      const deviceId = body.device.id as DeviceId
      const nowMs = clock.nowMs()
      // evaluated for a decoy as well: it takes the same time, and cannot succeed
      if (!opaque.finishLogin(accountId, state.serverLoginState, body.finishLoginRequest) || state.decoy) {
        if (!state.decoy && (await limits.allows('failed-sign-in-notice', accountId))) {
          // after the answer, not only beside it: the database works on this thread, and only an account that exists has a log to write in (A30)
          setImmediate(() => {
            store
              .transaction(accountId, (tx) => noteActivity(tx, accountId, nowMs, { kind: 'sign-in-failed', deviceId: null, place }))
              .catch(() => log.warn('a failed sign-in was not noted'))
          })
        }
        throw failed
      }
      await limits.forgive('sign-in-account', accountId)
      const signKey = fromBase64url(body.device.signKey)
      const signature = fromBase64url(body.proof)
      const proof = signInProofBody(fromHex(body.loginId), fromHex(accountId), fromHex(deviceId), body.finishLoginRequest)
      if (signKey.length !== signKeyBytes || signature.length !== signatureBytes) throw failed
      if (!isSignedBy({ body: proof, signer: deviceId, signature }, labels.signIn, signKey)) throw failed
      const signedIn = await store.transaction(accountId, async (tx) => {
        const circle = await circles.load(tx, accountId)
        const found = await tx.findAccount(accountId)
        const standing = standingOf(circle, deviceId, signKey)
        if (found === undefined || standing === 'impostor') throw failed
        if (standing === 'ended') throw new NokkelError('device-removed')
        const sessionState = standing === 'active' ? 'active' : 'pending'
        await noteActivity(tx, accountId, nowMs, { kind: 'sign-in', deviceId, place, detail: sessionState })
        // once for each device that was not there before (F2): signing in again is no news
        const isNew = sessionState === 'pending' && (await tx.findSessionOfDevice(accountId, deviceId)) === undefined
        if (isNew)
          await announce(services, tx, accountId, { kind: 'new-sign-in', params: { class: body.device.class, place, device: deviceId } })
        const opened = await openSession(tx, random, nowMs, { accountId, deviceId, class: body.device.class, signKey, state: sessionState })
        return { token: opened, state: sessionState, account: found } as const
      })
      live.end(accountId, deviceId, 'replaced')
      if (signedIn.state === 'pending') {
        live.publish(accountId, { type: 'notice' }, 'members')
        delivery.wake()
      }
      return {
        token: signedIn.token,
        state: signedIn.state,
        accountId,
        deviceId,
        bind: toBase64url(signedIn.account.bind),
        genesisHash: toBase64url(signedIn.account.genesisHash),
      }
    },
  }
}
