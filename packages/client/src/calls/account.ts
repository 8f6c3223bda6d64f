/** The account: made, signed in to, signed out of, erased, and what the server holds on it (A4, A5, H2); push subscriptions of this device. */
import { isNokkelError, NokkelError, parseId, toHex, type DeviceId } from '@nokkel/base'
import { describeEntry } from '@nokkel/protocol'
import { sessionOf, type ServerApi } from '@nokkel/sync'
import { changePassword } from '../change-password.ts'
import type { DeviceSession } from '../device-session.ts'
import type { AccountDetails, ActivityEvent, Client } from '../facade.ts'
import { finishReset } from '../reset.ts'
import { normaliseServerUrl } from '../server-url.ts'
import { createAccount, forgetEverything, normaliseEmail, signIn } from '../sign-up.ts'
import { whileOverloaded } from '../while-overloaded.ts'
import { ignoreEnded } from './ended.ts'

type Account = Pick<
  Client,
  | 'createAccount'
  | 'signIn'
  | 'signOut'
  | 'changeAccountPassword'
  | 'deleteAccount'
  | 'keepAccount'
  | 'exportServerData'
  | 'activity'
  | 'pushKey'
  | 'setPushSubscription'
>

export function accountCalls(session: DeviceSession, { sync, status }: Pick<Client, 'sync' | 'status'>): Account {
  const { platform } = session

  /** Did the first attempt go through, and only its answer get lost? A second account in its place would throw away the only keys to it. */
  async function isThereAlready(api: ServerApi, server: string, details: AccountDetails): Promise<boolean> {
    const { keychain } = session
    if (keychain.identity?.email !== normaliseEmail(details.email)) return false
    try {
      await signIn(keychain, api, platform, server, details)
      return true
    } catch (error) {
      if (isNokkelError(error, 'sign-in-failed')) return false
      throw error
    }
  }

  /** What this device has verified itself. */
  function verifiedActivity(): ActivityEvent[] {
    return session.keychain.circleEntries.map((bytes) => {
      const { entry, signer } = describeEntry(bytes)
      const { payload } = entry
      const detail =
        payload.type === 'add'
          ? session.nameOf(payload.device.id)
          : payload.type === 'remove'
            ? payload.devices.map(session.nameOf).join(', ')
            : ''
      return { timeMs: entry.timeMs, kind: `circle-${payload.type}`, device: session.nameOf(signer), place: '', detail, verified: true }
    })
  }

  return {
    async createAccount(details, options = {}) {
      const server = normaliseServerUrl(details.server)
      await session.unlockOrCreate(details.passcode)
      const { keychain } = session
      // a first attempt whose answer was lost may be repeated; anything else is somebody's keychain
      const { identity } = keychain
      if (identity !== null && !(identity.token === null && identity.mode === 'trusted' && keychain.circle?.seq === 0))
        throw new NokkelError('already-signed-in')
      options.onProgress?.({ phase: 'connecting', done: 0, total: 0 })
      const api = platform.connect(server)
      await whileOverloaded(platform, async () => {
        if (keychain.identity === null || !(await isThereAlready(api, server, details)))
          await createAccount(keychain, api, platform, server, details)
      })
      session.forgetConnection()
      await whileOverloaded(platform, () => sync(options))
      return status()
    },

    async signIn(details, options = {}) {
      const server = normaliseServerUrl(details.server)
      await session.unlockOrCreate(details.passcode)
      const { keychain } = session
      options.onProgress?.({ phase: 'connecting', done: 0, total: 0 })
      const api = platform.connect(server)
      await whileOverloaded(platform, async () => {
        if (!(await finishReset(keychain, api, details.password))) await signIn(keychain, api, platform, server, details)
      })
      session.forgetConnection()
      if (keychain.identity?.mode === 'trusted') await sync(options)
      return status()
    },

    async signOut() {
      const { keychain } = session
      const { identity } = keychain
      if (identity === null) throw new NokkelError('not-signed-in')
      // a trusted device that just dropped its session would stay a member for ever: it has to leave (turn off) instead
      if (identity.mode === 'trusted') throw new NokkelError('already-trusted')
      if (identity.token !== null) await session.asSignedIn((api, of) => api.signOut(of)).catch(ignoreEnded)
      await forgetEverything(keychain)
      session.forgetConnection()
    },

    async changeAccountPassword(oldPassword, newPassword) {
      session.keychain.requireTrusted()
      const catchUp = () => session.engine.round({ scope: 'full' })
      await session.reach(() => changePassword(session.escrowParts, oldPassword, newPassword, catchUp))
    },
    async deleteAccount() {
      const { dueMs } = await session.asTrusted((api, of) => api.accountDelete(of))
      if (dueMs === null) throw new NokkelError('malformed', { what: 'response' })
      return dueMs
    },
    keepAccount: async () => void (await session.asSignedIn((api, of) => api.accountKeep(of))),

    async exportServerData() {
      const { identity, circle } = session.trusted
      const { api } = session
      const of = sessionOf(identity)
      const [account, { events }, { requests }, { notices }] = await session.reach(() =>
        Promise.all([api.account(of), api.activity(of), api.joinList(of), api.notices(of, null)]),
      )
      // of devices the server knows keys, kind and times; their names it cannot read
      const devices = [...circle.devices.values()].map((device) => ({
        id: device.id,
        class: device.class,
        status: device.status,
        signKey: toHex(device.signKey),
        addedMs: device.addedMs,
        addedBy: device.addedBy,
        endedMs: device.endedMs,
        endedBy: device.endedBy,
      }))
      return { account, devices, activity: events, joinRequests: requests, notices }
    },

    async activity() {
      const { identity } = session.trusted
      const verified = verifiedActivity()
      let claimed: ActivityEvent[] = []
      try {
        const { events } = await session.reach(() => session.api.activity(sessionOf(identity)))
        claimed = events.map((event) => ({
          timeMs: event.timeMs,
          kind: event.kind,
          device: event.deviceId === null ? '' : session.nameOf(parseId<DeviceId>(event.deviceId)),
          place: event.place,
          detail: event.detail,
          verified: false,
        }))
      } catch (error) {
        // offline, what this device has verified itself is still worth showing
        if (!isNokkelError(error) || error.group !== 'offline') throw error
      }
      return [...verified, ...claimed].sort((a, b) => b.timeMs - a.timeMs)
    },

    pushKey: async () => (await session.asTrusted((api, of) => api.pushKey(of))).publicKey,
    setPushSubscription: async (subscription) =>
      void (await session.asTrusted((api, of) => (subscription === null ? api.pushUnsubscribe(of) : api.pushSubscribe(of, subscription)))),
  }
}
