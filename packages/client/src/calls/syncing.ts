/** Keeping up: one full round, watching from then on, and the state in one answer (A6, A7, F9). */
import { toHex, type DeviceId, type ItemId } from '@nokkel/base'
import { keySlotOf } from '@nokkel/protocol'
import { sessionOf, type RoundReport } from '@nokkel/sync'
import { readAdmission } from '../admission.ts'
import { moveAutofill } from '../autofill-settings.ts'
import type { DeviceSession } from '../device-session.ts'
import { passcodeStanding } from '../escrow-care.ts'
import type { CallOptions, Client, Notice, Status, SyncReport } from '../facade.ts'
import { isVisible } from '../item-views.ts'
import { passcodeName } from '../local-key.ts'
import { renewBundles } from '../recovery-bundles.ts'
import { pullServerNotices } from '../server-notices.ts'
import { putDeviceItem } from '../sign-up.ts'
import { learnTwoFactor, readTwoFactorSetting } from '../two-factor.ts'
import { watchChanges } from '../watch.ts'

/** beyond this the user is told that the clock is wrong */
const clockToleranceMs = 120_000

type Syncing = Pick<Client, 'sync' | 'watch' | 'status' | 'acknowledge'>

export function syncingCalls(session: DeviceSession): Syncing {
  const { nameOf, platform } = session

  /** First synchronisation done: this device introduces itself and forgets what the approver vouched for. */
  async function settleIn(options: CallOptions): Promise<void> {
    const { keychain } = session
    const { identity } = keychain.requireTrusted()
    await keychain.update((staged) => {
      if (staged.entry(identity.keys.id as string as ItemId) === undefined) putDeviceItem(staged, identity.keys.id, identity.deviceName)
      staged.putState('admission', null)
    })
    await session.engine.round({ scope: 'push', signal: options.signal })
  }

  /** What the logs do not carry: the two-factor setting, and the server's notices. */
  async function hearServer(): Promise<void> {
    const { keychain } = session
    const { identity } = keychain.requireTrusted()
    const [{ twoFactorStatement }] = await session.reach(() =>
      Promise.all([session.api.verification(sessionOf(identity)), pullServerNotices(keychain, session.api)]),
    )
    await learnTwoFactor(keychain, twoFactorStatement, nameOf)
  }

  /** After a full round: by then it is known what others have decided. */
  async function shareAutofill(): Promise<void> {
    if (await moveAutofill(session.keychain)) await session.pushQuietly()
  }

  async function noteClock(): Promise<void> {
    const { keychain, api } = session.unlocked
    const skew = api?.clockSkewMs ?? null
    if (skew !== null && Math.abs(skew) > clockToleranceMs)
      await keychain.update((staged) => staged.notify('clock-wrong', { minutes: Math.round(Math.abs(skew) / 60_000) }))
  }

  function report(round: RoundReport): SyncReport {
    const { pulled, pushed, merged, quarantined } = round
    return { pulled, pushed, merged, quarantined, pending: session.keychain.dirty.size }
  }

  async function escrowStatus(): Promise<Status['escrow']> {
    const { keychain, escrowFault } = session.unlocked
    const { circle, identity } = keychain
    if (circle === null || identity?.mode !== 'trusted') return null
    const slots = [...circle.recoveries.keys()].map(String)
    return {
      passcode: await passcodeStanding({ keychain }, await passcodeName(session.store)),
      fault: escrowFault,
      securityCode: slots.includes(circle.account),
      passcodes: slots.filter((slot) => circle.isActive(slot as DeviceId)).length,
    }
  }

  /** The server said that this device is not trusted: a member has signed since that it is. */
  function isOvertaken({ kind, params: { device } }: Notice): boolean {
    return (
      kind === 'new-sign-in' && typeof device === 'string' && session.unlocked.keychain.circle?.devices.has(device as DeviceId) === true
    )
  }

  function noticeView({ id, kind, timeMs, params }: Notice): Notice {
    const { device } = params
    return typeof device === 'string' && params.name === undefined
      ? { id, kind, timeMs, params: { ...params, name: nameOf(device as DeviceId) } }
      : { id, kind, timeMs, params }
  }

  return {
    async sync(options = {}) {
      const { keychain } = session
      keychain.requireTrusted()
      const admission = await readAdmission(keychain)
      const vault = keychain.log?.vault
      const round = await session.reach(() =>
        session.engine.round({
          scope: 'full',
          signal: options.signal,
          checkpoints: admission?.logs.filter((log) => log.vault === vault && log.seq > 0) ?? [],
          onProgress: (phase, done, total) => options.onProgress?.({ phase, done, total }),
        }),
      )
      if (admission !== null) await settleIn(options)
      await shareAutofill()
      await session.reach(() => renewBundles(keychain, session.api, platform.random))
      await session.tendEscrow()
      await hearServer()
      await noteClock()
      options.onProgress?.({ phase: 'done', done: 1, total: 1 })
      return report(round)
    },

    async watch(onChange, { signal }) {
      const { keychain } = session
      keychain.requireTrusted()
      await watchChanges(
        {
          keychain,
          api: session.api,
          engine: session.engine,
          platform,
          nameOf: (device) => nameOf(device as DeviceId),
          onOnline: (online) => session.setOnline(online),
          isOnline: () => session.online,
          onPaused: (paused) => session.setPaused(paused),
          listenUnsent: (listener) => (session.onUnsent = listener),
          onCircle: () => renewBundles(keychain, session.api, platform.random),
          async onNotice() {
            await shareAutofill()
            await hearServer()
          },
        },
        onChange,
        signal,
      )
    },

    async status() {
      const { keychain, api } = session.unlocked
      const { identity, circle, log, join } = keychain
      const vault = log === null ? undefined : circle?.vaults.get(log.vault)
      const epoch = vault?.epochs.at(-1)?.epoch ?? 0
      const entries = [...keychain.index.values()]
      return {
        state: await session.state(),
        server: identity?.server ?? null,
        email: identity?.email ?? null,
        accountId: identity?.account ?? null,
        deviceId: identity?.keys.id ?? null,
        deviceName: identity === null ? null : nameOf(identity.keys.id) || identity.deviceName,
        twoFactor: await readTwoFactorSetting(keychain),
        online: session.online,
        offlineSinceMs: session.online ? null : (session.offlineSinceMs ?? log?.lastSyncMs ?? null),
        paused: session.paused,
        lastSyncMs: log?.lastSyncMs ?? null,
        pendingChanges: keychain.dirty.size,
        items: entries.filter((entry) => isVisible(entry) && entry.summary.removal === 'none').length,
        quarantined: entries.filter((entry) => entry.state === 'quarantined').length,
        cursor: log?.seq ?? 0,
        circle:
          circle === null
            ? null
            : {
                seq: circle.seq,
                headHex: toHex(circle.head),
                activeDevices: circle.activeDevices().length,
                rotationDue: circle.rotationDue,
              },
        keyGeneration: circle?.accountKey.generation ?? null,
        epochs:
          log === null || vault === undefined
            ? []
            : [{ vault: log.vault, epoch, oldRecords: entries.filter((entry) => entry.recordHash !== null && entry.epoch < epoch).length }],
        recoveryKey: circle?.recoveries.has(keySlotOf(circle.account)) ?? false,
        escrow: await escrowStatus(),
        joinRequest: join === null ? null : { requestId: join.requestId, code: join.code, expiresMs: join.expiresMs },
        removal:
          identity === null || identity.removal === null
            ? null
            : { byName: identity.removal.byName, timeMs: identity.removal.timeMs, disposition: identity.removal.disposition },
        serverClockSkewMs: api?.clockSkewMs ?? null,
        notices: keychain.notices.filter((notice) => !notice.seen && !isOvertaken(notice)).map(noticeView),
      }
    },

    async acknowledge(notices) {
      const { keychain } = session
      if (notices.length === 0) return
      await keychain.update((staged) =>
        staged.setNotices(staged.notices.map((notice) => (notices.includes(notice.id) ? { ...notice, seen: true } : notice))),
      )
    },
  }
}
