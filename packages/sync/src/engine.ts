/**
 * One synchronisation round, and staying in sync. The order of a round is fixed (SPEC SYN-18): circle, rotation that is due, pull,
 * push, then housekeeping. A lost race starts the round again; an alarm stops it and stays visible.
 */
import { isNokkelError, NokkelError, type DeviceId } from '@nokkel/base'
import { describeEntry, makeEpochDone, makeRotation, type LogPosition } from '@nokkel/protocol'
import type { ServerApi } from './server-api.ts'
import type { LocalKeychain } from './local-keychain.ts'
import { noteKeychainEnd } from './keychain-end.ts'
import { vaultKeyName } from './local-state.ts'
import { adoptUnconfirmed, pullLog, startOver, type PulledItem } from './pull.ts'
import { purgeDue } from './purge-due.ts'
import { pushItems, pushOutbox } from './push.ts'
import { appendToCircle, raiseAlarm, syncCircle, type NameOf } from './sync-circle.ts'

export interface RoundOptions {
  /** `full` asks for the circle too; `log` only for the vault log, after a hint; `push` sends first and pulls only on a conflict */
  readonly scope?: 'full' | 'log' | 'push'
  readonly signal?: AbortSignal | undefined
  readonly checkpoints?: readonly LogPosition[]
  readonly onProgress?: (phase: 'circle' | 'pulling' | 'pushing', done: number, total: number) => void
}

export interface RoundReport {
  readonly items: readonly PulledItem[]
  readonly pulled: number
  readonly pushed: number
  readonly merged: number
  readonly quarantined: number
  readonly circleChanged: boolean
}

const attemptsMax = 12
/** records moved to the newest epoch in one round (4.6 of the design: 200 a minute) */
const resealPerRound = 200
const resealPatienceMs = 24 * 3_600_000

export class SyncEngine {
  readonly #keychain: LocalKeychain
  readonly #api: ServerApi
  readonly #nameOf: NameOf
  readonly #pause: (ms: number) => Promise<void>
  #running: Promise<unknown> = Promise.resolve()

  constructor(
    keychain: LocalKeychain,
    api: ServerApi,
    options: { readonly nameOf: NameOf; readonly pause: (ms: number) => Promise<void> },
  ) {
    this.#keychain = keychain
    this.#api = api
    this.#nameOf = options.nameOf
    this.#pause = options.pause
  }

  /**
   * One at a time: a round that began while another still sends would fetch, open and compare what this device has just written itself, which
   * for an import costs as much as the import.
   */
  round(options: RoundOptions = {}): Promise<RoundReport> {
    const next = this.#running.then(() => this.#round(options))
    this.#running = next.catch(() => undefined)
    return next
  }

  async #round(options: RoundOptions): Promise<RoundReport> {
    if (options.signal?.aborted === true) throw new NokkelError('cancelled')
    const items: PulledItem[] = []
    const totals = { pushed: 0, merged: 0, quarantined: 0 }
    let circleChanged = false
    let scope = options.scope ?? 'full'
    let citedSeq = 0
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#keychain.refresh()
        // cut off between the circle and its keys: without them nothing new can be read or written, so fetch them first
        if (this.#lacksKeys()) scope = 'full'
        if (scope === 'push') {
          totals.pushed += await pushOutbox(this.#keychain, this.#api, { signal: options.signal })
          break
        }
        if (scope === 'full') {
          options.onProgress?.('circle', 0, 1)
          circleChanged = (await syncCircle(this.#keychain, this.#api, this.#nameOf)) || circleChanged
          // whoever shows a batch has the circle that it cites, and now it was asked for
          if ((this.#keychain.circle?.seq ?? 0) < citedSeq) await raiseAlarm(this.#keychain, 'circle-rolled-back', { seq: citedSeq })
          await this.#rotateIfDue()
        }
        const pulled = await pullLog(this.#keychain, this.#api, {
          signal: options.signal,
          checkpoints: options.checkpoints ?? [],
          onProgress: (done, total) => options.onProgress?.('pulling', done, total),
        })
        items.push(...pulled.items)
        totals.merged += pulled.merged
        totals.quarantined += pulled.quarantined
        await adoptUnconfirmed(this.#keychain)
        await purgeDue(this.#keychain, this.#api)
        totals.pushed += await pushOutbox(this.#keychain, this.#api, {
          signal: options.signal,
          onProgress: (done, total) => options.onProgress?.('pushing', done, total),
        })
        await this.#reseal()
        break
      } catch (error) {
        if (attempt >= attemptsMax || !isNokkelError(error)) throw error
        if (error.code === 'cursor-gone') await startOver(this.#keychain)
        else if (error.code === 'device-removed' || error.code === 'session-invalid' || error.code === 'keychain-ended')
          await this.#confirmStanding(error)
        else if (error.group !== 'conflict') throw error
        if (error.code === 'circle-moved' && typeof error.params.seq === 'number') citedSeq = error.params.seq
        // the one who lost the race waits a little, so that two devices do not lose to each other for ever
        scope = 'full'
        if (attempt > 0) await this.#pause(Math.min(1_000, 10 * 2 ** attempt))
      }
    }
    return { items, pulled: items.length, ...totals, circleChanged }
  }

  /** The server says that this device is out. Only a signed entry makes it so (B3); a lie is told as what it is. */
  async #confirmStanding(error: NokkelError): Promise<never> {
    if (error.code !== 'session-invalid') await noteKeychainEnd(this.#keychain, this.#api, this.#nameOf)
    if (error.code === 'device-removed' && this.#keychain.identity?.mode === 'trusted') {
      try {
        await syncCircle(this.#keychain, this.#api, this.#nameOf)
      } catch (again) {
        // said once more in place of the circle, it is no more true
        if (!isNokkelError(again, 'device-removed', 'keychain-off')) throw again
      }
    }
    this.#keychain.requireTrusted()
    // still a member, says the circle: then it is only the session that is gone
    throw error.code === 'session-invalid' ? error : new NokkelError('session-invalid')
  }

  #lacksKeys(): boolean {
    const { circle, log, vaultKeys, identity } = this.#keychain
    const epoch = log === null ? undefined : circle?.vaults.get(log.vault)?.epochs.at(-1)?.epoch
    return identity?.mode === 'trusted' && log !== null && epoch !== undefined && !vaultKeys.has(vaultKeyName(log.vault, epoch))
  }

  /** After a departure the next member rotates before anything is written (CIR-10). */
  async #rotateIfDue(): Promise<void> {
    if (this.#keychain.circle?.rotationDue !== true) return
    await this.#pullForRotation()
    await this.rotate()
  }

  async #pullForRotation(): Promise<void> {
    await pullLog(this.#keychain, this.#api)
  }

  /** New keys for everybody who stays; with `remove`, the devices that go (B3). */
  async rotate(remove?: { readonly devices: readonly DeviceId[]; readonly disposition: 'keep' | 'delete' }): Promise<void> {
    const keychain = this.#keychain
    await appendToCircle(
      keychain,
      this.#api,
      this.#nameOf,
      (circle) => {
        const { identity, log, vault } = keychain.requireTrusted()
        const devices = remove?.devices.filter((device) => circle.isActive(device))
        if (devices === undefined ? !circle.rotationDue : devices.length === 0) return null
        return makeRotation(
          keychain.random,
          circle,
          identity.keys,
          [{ key: keychain.currentVaultKey(vault), end: { seq: log.seq, hash: log.hash } }],
          keychain.nowMs(),
          devices === undefined || remove === undefined ? undefined : { devices, disposition: remove.disposition },
        )
      },
      () => this.#pullForRotation(),
    )
  }

  /** Records of older epochs move to the newest, a few each round, until none is left and the old key can be erased (CIR-16). */
  async #reseal(limit = resealPerRound): Promise<void> {
    const { circle, vault, identity } = this.#keychain.requireTrusted()
    const state = circle.vaults.get(vault)
    const current = state?.epochs.at(-1)
    if (state === undefined || current === undefined || current.epoch === 1 || state.doneEpoch === current.epoch - 1) return
    const old = [...this.#keychain.index.values()].filter((entry) => entry.recordHash !== null && entry.epoch < current.epoch)
    // whoever rotated does the work; the others step in when it has not come back for a day
    const rotatedByUs = this.#rotatedBy(current.seq) === identity.keys.id
    if (!rotatedByUs && this.#keychain.nowMs() - this.#rotatedMs(current.seq) < resealPatienceMs) return
    const movable = old.filter((entry) => entry.state === 'ok' && !entry.dirty).slice(0, limit)
    if (movable.length > 0)
      await pushItems(
        this.#keychain,
        this.#api,
        movable.map(({ id }) => id),
        'reseal',
      )
    if (old.length > movable.length) return
    await appendToCircle(this.#keychain, this.#api, this.#nameOf, (now) => {
      const done = now.vaults.get(vault)
      const newest = done?.epochs.at(-1)?.epoch ?? 1
      if (done === undefined || done.doneEpoch >= newest - 1 || newest !== current.epoch) return null
      return { entry: makeEpochDone(now, identity.keys, vault, newest - 1, this.#keychain.nowMs()), shares: [], wraps: [] }
    })
  }

  #entryAt(seq: number): { readonly signer: DeviceId; readonly timeMs: number } | undefined {
    const bytes = this.#keychain.circleEntries[seq]
    if (bytes === undefined) return undefined
    const { signer, entry } = describeEntry(bytes)
    return { signer, timeMs: entry.timeMs }
  }
  #rotatedBy(seq: number): DeviceId | undefined {
    return this.#entryAt(seq)?.signer
  }
  #rotatedMs(seq: number): number {
    return this.#entryAt(seq)?.timeMs ?? 0
  }
}
