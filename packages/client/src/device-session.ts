/**
 * One device, from unlocking to locking: its store, the unlocked keychain, the connection and what is known of it. All calls of the facade
 * share one. It decides what must be unlocked and signed in for what, and nothing else.
 */
import { equalBytes, isNokkelError, NokkelError, Secret, utf8, type DeviceId, type ErrorCode, type ItemId } from '@nokkel/base'
import { SealedStore, type DeviceStore } from '@nokkel/store'
import { LocalKeychain, sessionOf, SyncEngine, type ServerApi, type Session } from '@nokkel/sync'
import { passcodeStanding, tendEscrow } from './escrow-care.ts'
import type { EscrowParts } from './escrow-realms.ts'
import type { CallOptions, DeviceState, Paused } from './facade.ts'
import { createLocalKey, hasLocalKey, keyCheck, localCipher, passcodeName, unwrapLocalKey, wrapLocalKey } from './local-key.ts'
import { pausedBy } from './paused.ts'
import type { Platform } from './platform.ts'
import { rebuildKeychain } from './rebuild.ts'

const checkRow = 'key-check'

export interface Unlocked {
  readonly key: Secret
  readonly keychain: LocalKeychain
  api: ServerApi | null
  engine: SyncEngine | null
  /** only while it waits to be laid down with the realms, from an unlocking by passcode to the next synchronisation */
  passcode: Secret | null
  escrowFault: ErrorCode | null
}

export class DeviceSession {
  readonly store: DeviceStore
  readonly platform: Platform
  /** told of a change that was saved and could not be sent yet */
  onUnsent: (reason: NokkelError) => void = () => undefined
  #unlocked: Unlocked | null = null
  #online = false
  #offlineSinceMs: number | null = null
  #paused: Paused | null = null

  constructor(store: DeviceStore, platform: Platform) {
    this.store = store
    this.platform = platform
  }

  /** Null while locked. */
  get present(): Unlocked | null {
    return this.#unlocked
  }
  /** Throws `locked`. */
  get unlocked(): Unlocked {
    if (this.#unlocked === null) throw new NokkelError('locked')
    return this.#unlocked
  }
  /** Throws `locked`. */
  get keychain(): LocalKeychain {
    return this.unlocked.keychain
  }
  /** Throws `locked`, and what the device's standing has to say. */
  get trusted(): ReturnType<LocalKeychain['requireTrusted']> {
    return this.keychain.requireTrusted()
  }
  /** For looking: a kept copy may be read after the keychain was turned off or the device removed (D2). */
  get copy(): LocalKeychain {
    const { identity } = this.keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    if (identity.mode === 'pending') throw new NokkelError('not-trusted')
    return this.keychain
  }

  async state(): Promise<DeviceState> {
    if (this.#unlocked === null) return (await hasLocalKey(this.store)) ? 'locked' : 'empty'
    const { identity } = this.#unlocked.keychain
    if (identity === null) return 'empty'
    return identity.mode === 'pending' ? 'signed-in' : identity.mode
  }

  async unlock(passcode: string): Promise<void> {
    await this.adopt(await unwrapLocalKey(this.store, this.platform.clock, passcode))
    await this.keepIfDue(passcode)
  }

  /** The first passcode makes the local key; later ones must be the same (A4: a passcode is needed before there is anything to keep). */
  async unlockOrCreate(passcode: string): Promise<void> {
    if (await hasLocalKey(this.store)) {
      await this.unlock(passcode)
      return
    }
    const key = createLocalKey(this.platform.random)
    await this.store.commit([
      ...(await wrapLocalKey(this.platform.random, key, passcode)),
      { op: 'put', table: 'meta', key: checkRow, value: keyCheck(key) },
    ])
    await this.adopt(key)
    await this.keepIfDue(passcode)
  }

  /** Throws `locked` for a key that is not this device's. */
  async unlockWithKey(key: Secret): Promise<void> {
    const check = await this.store.get('meta', checkRow)
    if (check === undefined || !equalBytes(check, keyCheck(key))) throw new NokkelError('locked')
    await this.adopt(key)
  }

  async adopt(key: Secret): Promise<void> {
    const { clock, random } = this.platform
    const store = new SealedStore(this.store, localCipher(random, key))
    await rebuildKeychain(this.store, store, clock, random)
    const keychain = await LocalKeychain.open(store, clock, random)
    this.#unlocked = { key, keychain, api: null, engine: null, passcode: null, escrowFault: null }
  }

  lock(): void {
    const unlocked = this.#unlocked
    this.#unlocked = null
    if (unlocked === null) return
    unlocked.key.destroy()
    unlocked.passcode?.destroy()
    for (const key of unlocked.keychain.accountKeys.values()) key.secret.destroy()
    for (const key of unlocked.keychain.vaultKeys.values()) key.secret.destroy()
    unlocked.keychain.identity?.keys.sign.seed.destroy()
    unlocked.keychain.identity?.keys.seal.seed.destroy()
  }

  /** The passcode itself is laid down with the realms, sealed by it; it is held only while that is due (ESC-6). */
  async keepIfDue(passcode: string): Promise<void> {
    const { unlocked } = this
    unlocked.passcode?.destroy()
    const due = (await passcodeStanding(unlocked, await passcodeName(this.store))) !== 'current'
    unlocked.passcode = due ? new Secret(utf8(passcode)) : null
  }

  /** Throws `passcode-wrong` or `passcode-throttled`. */
  async checkPasscode(passcode: string): Promise<void> {
    ;(await unwrapLocalKey(this.store, this.platform.clock, passcode)).destroy()
    if (this.#unlocked !== null) await this.keepIfDue(passcode)
  }

  /** To the server that this device is signed in to. Throws `not-signed-in`. */
  get api(): ServerApi {
    const { unlocked } = this
    const { identity } = unlocked.keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    unlocked.api ??= this.platform.connect(identity.server)
    return unlocked.api
  }

  get engine(): SyncEngine {
    const { unlocked } = this
    unlocked.engine ??= new SyncEngine(unlocked.keychain, this.api, { nameOf: this.nameOf, pause: (ms) => this.platform.pause(ms) })
    return unlocked.engine
  }

  forgetConnection(): void {
    const { unlocked } = this
    unlocked.api = null
    unlocked.engine = null
  }

  /** Runs a call to the server and remembers whether the server was there. */
  async reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      this.setOnline(true)
      this.#paused = null
      return result
    } catch (error) {
      this.setOnline(!isNokkelError(error, 'offline', 'timeout', 'server-unavailable'))
      this.#paused = pausedBy(error) ?? this.#paused
      throw error
    }
  }

  /** A call that a device may make which is signed in, trusted or not. */
  async asSignedIn<T>(call: (api: ServerApi, session: Session) => Promise<T>): Promise<T> {
    const { identity } = this.keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    return this.reach(() => call(this.api, sessionOf(identity)))
  }

  async asTrusted<T>(call: (api: ServerApi, session: Session) => Promise<T>): Promise<T> {
    const { identity } = this.trusted
    return this.reach(() => call(this.api, sessionOf(identity)))
  }

  get online(): boolean {
    return this.#online
  }
  /** null while online, and before anything was tried */
  get offlineSinceMs(): number | null {
    return this.#offlineSinceMs
  }
  get paused(): Paused | null {
    return this.#paused
  }
  setOnline(online: boolean): void {
    if (this.#online && !online) this.#offlineSinceMs = this.platform.clock.nowMs()
    this.#online = online
  }
  setPaused(paused: Paused | null): void {
    this.#paused = paused
  }

  /** A device's name is an item in the keychain (SYN-29); empty while there is none. */
  readonly nameOf = (device: DeviceId): string => this.#unlocked?.keychain.index.get(device as string as ItemId)?.summary?.title ?? ''

  /** Name of the device whose id begins so, as time stamps cite it. */
  readonly writerOf = (dev: string): string => {
    for (const device of this.#unlocked?.keychain.circle?.devices.keys() ?? []) if (device.startsWith(dev)) return this.nameOf(device)
    return ''
  }

  get escrowParts(): EscrowParts {
    return { keychain: this.keychain, api: this.api, platform: this.platform, nameOf: this.nameOf }
  }

  /** Beside the synchronisation, never instead of it: what fails here is shown in the status and tried again. */
  async tendEscrow(): Promise<void> {
    const { unlocked } = this
    const { settled, fault } = await tendEscrow(this.escrowParts, unlocked.passcode, await passcodeName(this.store))
    unlocked.escrowFault = fault
    if (!settled) return
    unlocked.passcode?.destroy()
    unlocked.passcode = null
  }

  /** After a local change: send it if the server is there. Being offline is no error here, the change waits (A6). */
  async pushQuietly(options: CallOptions = {}): Promise<void> {
    try {
      await this.reach(() =>
        this.engine.round({
          scope: 'push',
          signal: options.signal,
          onProgress: (phase, done, total) => options.onProgress?.({ phase, done, total }),
        }),
      )
    } catch (error) {
      if (!isNokkelError(error) || !mayPass(error)) throw error
      this.onUnsent(error)
    }
  }
}

/** What stands between here and the server may answer in its place: the sign-in page of a network, a proxy without anything behind it. */
const fromOthers: readonly ErrorCode[] = ['malformed', 'not-found', 'method-not-allowed']

/** The change is saved and waits; to send it is tried again. */
function mayPass(error: NokkelError): boolean {
  const { group, code } = error
  if (group === 'offline' || group === 'conflict' || fromOthers.includes(code)) return true
  return code === 'rate-limited' || code === 'session-invalid' || pausedBy(error) !== null
}
