/**
 * The facade's implementation: holds the store, the unlocked keychain and the connection, and hands each call to the module that
 * knows how. It keeps no rules of its own beyond what must be unlocked for what. Long because it has one short method for each call.
 */
import {
  equalBytes,
  isNokkelError,
  NokkelError,
  newId,
  parseId,
  Secret,
  toHex,
  utf8,
  type DeviceId,
  type ErrorCode,
  type ItemId,
  type RequestId,
} from '@nokkel/base'
import {
  createItem,
  deleteItem,
  editItem,
  findDuplicates,
  purgeItem,
  restoreHistory,
  restoreItem,
  type Item,
  type ItemDraft,
  type PasswordHealth,
} from '@nokkel/keychain'
import { describeEntry, keySlotOf, type ClassPolicy, type RecoverySlot } from '@nokkel/protocol'
import {
  LocalKeychain,
  sessionOf,
  SyncEngine,
  type RoundReport,
  type ServerApi,
  type Session,
  type Staged,
  type StoredItem,
} from '@nokkel/sync'
import { canonicalCode } from '@nokkel/escrow'
import { SealedStore, type DeviceStore } from '@nokkel/store'
import type {
  AccountDetails,
  ActivityEvent,
  AuthenticatorHandle,
  CallOptions,
  Client,
  DeviceInfo,
  DeviceState,
  ImportReport,
  ItemChanges,
  ItemQuery,
  ItemSummary,
  ItemView,
  JoinRequestInfo,
  JoinTicket,
  Notice,
  Paused,
  PushSubscription,
  RecoveryServices,
  SentVerification,
  Settings,
  Status,
  SyncChange,
  SyncReport,
  TwoFactorInfo,
  VerificationDelivery,
  VerificationPurpose,
} from './facade.ts'
import { afterTwoFactorChange } from './after-two-factor-change.ts'
import { awaitAdmission, joinQr, readAdmission, requestJoin, withdrawJoin } from './admission.ts'
import { approveDevice, type ApprovalProof } from './approve.ts'
import { destroyOfRemoved, passcodeStanding, tendEscrow } from './escrow-care.ts'
import { acceptSigners, recoveryServices, type EscrowParts } from './escrow-realms.ts'
import { findAuthenticator, forgetAuthenticator, unwrapWithAuthenticator, wrapForAuthenticator } from './authenticator.ts'
import { mergeItems, readPasswordHealth } from './item-health.ts'
import { isVisible, itemView, removalValue, summaryView } from './item-views.ts'
import { createLocalKey, hasLocalKey, keyCheck, localCipher, passcodeName, unwrapLocalKey, wrapLocalKey } from './local-key.ts'
import { pausedBy } from './paused.ts'
import type { Platform } from './platform.ts'
import { normaliseServerUrl } from './server-url.ts'
import { createObserver, type Observer } from './observe.ts'
import { rebuildKeychain } from './rebuild.ts'
import { recoverByCode, recoveryStanding, waysBack, type Standing, type WaysBack } from './recover-by-code.ts'
import { recoverWith } from './recover.ts'
import { renewBundles } from './recovery-bundles.ts'
import { checkRecoveryKey, createRecoveryKey, readRecoveryKey, revokeRecoveryKey } from './recovery-key.ts'
import { finishReset, resetKeychain, type ResetDetails } from './reset.ts'
import { ensureMayChangeMembership, ensureMayEnter, readClassPolicy, setClassPolicy } from './class-policy.ts'
import { layDownSecurityCode, removeSecurityCode, setSecurityCode, type SecurityCode } from './security-code.ts'
import { pullServerNotices } from './server-notices.ts'
import { defaultSettings, readSettings, writeSettings } from './settings.ts'
import { putRestored } from './traces.ts'
import { createAccount, forgetEverything, normaliseDeviceName, normaliseEmail, normalisePhone, putDeviceItem, signIn } from './sign-up.ts'
import { turnOffEverywhere, turnOffHere } from './turn-off.ts'
import { learnTwoFactor, readTwoFactorSetting, signTwoFactor } from './two-factor.ts'
import { watchChanges } from './watch.ts'

const checkRow = 'key-check'
/** beyond this the user is told that the clock is wrong */
const clockToleranceMs = 120_000

interface Unlocked {
  readonly key: Secret
  readonly keychain: LocalKeychain
  api: ServerApi | null
  engine: SyncEngine | null
  /** only while it waits to be laid down with the realms, from an unlocking by passcode to the next synchronisation */
  passcode: Secret | null
  escrowFault: ErrorCode | null
}

export function openClient(store: DeviceStore, platform: Platform): Client {
  return new KeychainClient(store, platform)
}

class KeychainClient implements Client {
  readonly #store: DeviceStore
  readonly #platform: Platform
  #unlocked: Unlocked | null = null
  #online = false
  #onUnsent: (reason: NokkelError) => void = () => undefined
  #offlineSinceMs: number | null = null
  readonly observe: Observer
  #paused: Paused | null = null

  constructor(store: DeviceStore, platform: Platform) {
    this.#store = store
    this.#platform = platform
    this.observe = createObserver({
      clock: platform.clock,
      state: () => this.state(),
      keychain: () => this.#unlocked?.keychain ?? null,
      connect: (server) => platform.connect(server),
      passcodeName: () => passcodeName(this.#store),
      escrow: () => (this.#unlocked === null || this.#unlocked.keychain.identity === null ? null : this.#escrowParts()),
    })
  }

  async state(): Promise<DeviceState> {
    if (this.#unlocked === null) return (await hasLocalKey(this.#store)) ? 'locked' : 'empty'
    const { identity } = this.#unlocked.keychain
    if (identity === null) return 'empty'
    return identity.mode === 'pending' ? 'signed-in' : identity.mode
  }

  async createAccount(
    details: AccountDetails & { readonly region?: string; readonly phone?: string },
    options: CallOptions = {},
  ): Promise<Status> {
    const server = normaliseServerUrl(details.server)
    await this.#unlockOrCreate(details.passcode)
    const { keychain } = this.#require()
    // a first attempt whose answer was lost may be repeated; anything else is somebody's keychain
    const { identity } = keychain
    if (identity !== null && !(identity.token === null && identity.mode === 'trusted' && keychain.circle?.seq === 0))
      throw new NokkelError('already-signed-in')
    options.onProgress?.({ phase: 'connecting', done: 0, total: 0 })
    const api = this.#connect(server)
    if (identity === null || !(await this.#isThereAlready(api, server, details)))
      await createAccount(keychain, api, this.#platform, server, details)
    this.#forgetConnection()
    await this.sync(options)
    return this.status()
  }

  /** Did the first attempt go through, and only its answer get lost? A second account in its place would throw away the only keys to it. */
  async #isThereAlready(api: ServerApi, server: string, details: AccountDetails): Promise<boolean> {
    const { keychain } = this.#require()
    if (keychain.identity?.email !== normaliseEmail(details.email)) return false
    try {
      await signIn(keychain, api, this.#platform, server, details)
      return true
    } catch (error) {
      if (isNokkelError(error, 'sign-in-failed')) return false
      throw error
    }
  }

  async signIn(details: Parameters<Client['signIn']>[0], options: CallOptions = {}): Promise<Status> {
    const server = normaliseServerUrl(details.server)
    await this.#unlockOrCreate(details.passcode)
    const { keychain } = this.#require()
    options.onProgress?.({ phase: 'connecting', done: 0, total: 0 })
    const api = this.#connect(server)
    if (!(await finishReset(keychain, api, details.password))) await signIn(keychain, api, this.#platform, server, details)
    this.#forgetConnection()
    if (keychain.identity?.mode === 'trusted') await this.sync(options)
    return this.status()
  }

  async signOut(): Promise<void> {
    const { keychain } = this.#require()
    const { identity } = keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    // a trusted device that just dropped its session would stay a member for ever: it has to leave (turn off) instead
    if (identity.mode === 'trusted') throw new NokkelError('already-trusted')
    if (identity.token !== null) await this.#reach(() => this.#api().signOut(sessionOf(identity))).catch(ignoreEnded)
    await forgetEverything(keychain)
    this.#forgetConnection()
  }

  async unlock(passcode: string): Promise<void> {
    await this.#adopt(await unwrapLocalKey(this.#store, this.#platform.clock, passcode))
    await this.#keepIfDue(passcode)
  }

  /** The passcode itself is laid down with the realms, sealed by it; it is held only while that is due (ESC-6). */
  async #keepIfDue(passcode: string): Promise<void> {
    const unlocked = this.#require()
    unlocked.passcode?.destroy()
    const due = (await passcodeStanding(unlocked, await passcodeName(this.#store))) !== 'current'
    unlocked.passcode = due ? new Secret(utf8(passcode)) : null
  }

  async unlockWithKey(key: Secret): Promise<void> {
    const check = await this.#store.get('meta', checkRow)
    if (check === undefined || !equalBytes(check, keyCheck(key))) throw new NokkelError('locked')
    await this.#adopt(key)
  }

  unlockKey(): Secret {
    return new Secret(this.#require().key.reveal().slice())
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

  async checkPasscode(passcode: string): Promise<void> {
    ;(await unwrapLocalKey(this.#store, this.#platform.clock, passcode)).destroy()
    if (this.#unlocked !== null) await this.#keepIfDue(passcode)
  }

  async changePasscode(oldPasscode: string, newPasscode: string): Promise<void> {
    const key = await unwrapLocalKey(this.#store, this.#platform.clock, oldPasscode)
    await this.#store.commit(await wrapLocalKey(this.#platform.random, key, newPasscode))
    if (this.#unlocked === null) return key.destroy()
    await this.#keepIfDue(newPasscode)
    if (this.#unlocked.keychain.identity?.mode === 'trusted') await this.#tendEscrow()
  }

  authenticator(): Promise<AuthenticatorHandle | null> {
    return findAuthenticator(this.#store)
  }

  async addAuthenticator(handle: AuthenticatorHandle, output: Secret): Promise<void> {
    try {
      await wrapForAuthenticator(this.#store, this.#platform.random, this.#require().key, handle, output)
    } finally {
      output.destroy()
    }
  }

  async unlockWithAuthenticator(output: Secret): Promise<void> {
    try {
      await this.#adopt(await unwrapWithAuthenticator(this.#store, output))
    } finally {
      output.destroy()
    }
  }

  async checkAuthenticator(output: Secret): Promise<void> {
    try {
      ;(await unwrapWithAuthenticator(this.#store, output)).destroy()
    } finally {
      output.destroy()
    }
  }

  removeAuthenticator(): Promise<boolean> {
    return forgetAuthenticator(this.#store)
  }

  async settings(): Promise<Settings> {
    return this.#unlocked === null ? defaultSettings : readSettings(this.#unlocked.keychain.store)
  }

  async changeSettings(changes: Partial<Settings>): Promise<Settings> {
    const { keychain } = this.#require()
    return writeSettings(keychain, changes)
  }

  async prepareDevice(passcode: string, restoredFrom?: { readonly server: string }): Promise<void> {
    await this.#unlockOrCreate(passcode)
    const { keychain } = this.#require()
    if (restoredFrom !== undefined && keychain.identity === null)
      await keychain.update((staged) => putRestored(staged, { server: restoredFrom.server, timeMs: keychain.nowMs() }))
  }

  async requestJoin(): Promise<JoinTicket> {
    return this.#reach(() => requestJoin(this.#require().keychain, this.#api(), this.#platform))
  }

  async waitForJoin(options: CallOptions = {}): Promise<SyncReport> {
    const { keychain } = this.#require()
    if (keychain.identity?.mode !== 'trusted') await awaitAdmission(keychain, this.#api(), this.#platform, options)
    return this.sync(options)
  }

  async withdrawJoin(): Promise<void> {
    await withdrawJoin(this.#require().keychain, this.#api())
  }

  async joinRequests(): Promise<readonly JoinRequestInfo[]> {
    const { keychain } = this.#require()
    const { identity } = keychain.requireTrusted()
    const { requests } = await this.#reach(() => this.#api().joinList(sessionOf(identity)))
    return requests.map((request) => ({
      ...request,
      requestId: parseId<RequestId>(request.requestId),
      deviceId: parseId<DeviceId>(request.deviceId),
    }))
  }

  async joinQr(): Promise<{ readonly text: string; readonly expiresMs: number }> {
    return joinQr(this.#require().keychain, this.#platform)
  }

  approve(requestId: RequestId, code: string, options: CallOptions & { readonly timeoutMs?: number } = {}): Promise<DeviceInfo> {
    return this.#approve(requestId, { code }, options)
  }

  approveByQr(requestId: RequestId, text: string, options: CallOptions & { readonly timeoutMs?: number } = {}): Promise<DeviceInfo> {
    return this.#approve(requestId, { qr: text }, options)
  }

  async #approve(requestId: RequestId, proof: ApprovalProof, options: CallOptions & { readonly timeoutMs?: number }): Promise<DeviceInfo> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    const request = (await this.joinRequests()).find((candidate) => candidate.requestId === requestId)
    if (request === undefined) throw new NokkelError('request-not-found')
    ensureMayEnter(keychain, request.class)
    const record = await this.#reach(() =>
      approveDevice(
        keychain,
        this.#api(),
        this.#platform,
        this.#nameOf,
        requestId,
        proof,
        () => this.#engine().round({ scope: 'full' }),
        options,
      ),
    )
    const device = (await this.devices()).find(({ id }) => id === record.id)
    if (device === undefined) throw new NokkelError('join-failed')
    return { ...device, name: device.name === '' ? request.name : device.name }
  }

  async decline(requestId: RequestId): Promise<void> {
    const { identity } = this.#require().keychain.requireTrusted()
    await this.#reach(() => this.#api().joinDecline(sessionOf(identity), requestId))
  }

  async devices(): Promise<readonly DeviceInfo[]> {
    const { keychain } = this.#require()
    const { circle, identity } = keychain
    if (circle === null || identity === null) throw new NokkelError('not-trusted')
    return [...circle.devices.values()].map((device) => ({
      id: device.id,
      name: this.#nameOf(device.id),
      class: device.class,
      status: device.status,
      thisDevice: device.id === identity.keys.id,
      addedMs: device.addedMs,
      addedBy: device.addedBy === null ? null : this.#nameOf(device.addedBy),
      endedMs: device.endedMs,
      endedBy: device.endedBy === null ? null : this.#nameOf(device.endedBy),
      lastWriteMs: keychain.heard.get(device.id) ?? null,
      passcodeHeld: circle.recoveries.has(device.id as string as RecoverySlot),
    }))
  }

  async renameDevice(device: DeviceId, name: string): Promise<void> {
    const { keychain } = this.#require()
    const { circle } = keychain.requireTrusted()
    if (!circle.devices.has(device)) throw new NokkelError('not-found')
    const title = normaliseDeviceName(name)
    await keychain.update(async (staged) => {
      const stored = await keychain.readItem(device as string as ItemId)
      if (stored === undefined) putDeviceItem(staged, device, title)
      else
        staged.putLocal(
          device as string as ItemId,
          { ...stored.item, fields: new Map([...stored.item.fields, ['title', { value: title, hlc: staged.stamp() }]]) },
          stored,
        )
    })
    await this.#pushQuietly()
  }

  async removeDevice(device: DeviceId, options: { readonly deleteCopy: boolean }): Promise<void> {
    const { keychain } = this.#require()
    const { identity, circle } = keychain.requireTrusted()
    if (device === identity.keys.id) throw new NokkelError('cannot-remove-self')
    if (!circle.isActive(device)) throw new NokkelError('not-found')
    ensureMayChangeMembership(keychain)
    await this.#reach(async () => {
      const engine = this.#engine()
      await engine.round({ scope: 'full' })
      ensureMayChangeMembership(keychain)
      await this.#removeDevices([device], options)
      await engine.round({ scope: 'full' })
    })
  }

  async #removeDevices(devices: readonly DeviceId[], options: { readonly deleteCopy: boolean }): Promise<void> {
    await this.#engine().rotate({ devices, disposition: options.deleteCopy ? 'delete' : 'keep' })
    await renewBundles(this.#require().keychain, this.#api(), this.#platform.random)
    await destroyOfRemoved(this.#escrowParts())
  }

  async classPolicy(): Promise<ClassPolicy> {
    return readClassPolicy(this.#require().keychain)
  }

  async setClassPolicy(policy: Partial<ClassPolicy>, options: { readonly deleteCopy: boolean }): Promise<void> {
    const { keychain } = this.#require()
    ensureMayChangeMembership(keychain)
    await this.#reach(async () => {
      const engine = this.#engine()
      await engine.round({ scope: 'full' })
      await setClassPolicy(keychain, this.#api(), this.#nameOf, policy, engine, (devices) => this.#removeDevices(devices, options))
      await destroyOfRemoved(this.#escrowParts())
      await engine.round({ scope: 'full' })
    })
  }

  async status(): Promise<Status> {
    const { keychain } = this.#require()
    const { identity, circle, log, join } = keychain
    const state = await this.state()
    const vault = log === null ? undefined : circle?.vaults.get(log.vault)
    const epoch = vault?.epochs.at(-1)?.epoch ?? 0
    const entries = [...keychain.index.values()]
    return {
      state,
      server: identity?.server ?? null,
      email: identity?.email ?? null,
      accountId: identity?.account ?? null,
      deviceId: identity?.keys.id ?? null,
      deviceName: identity === null ? null : this.#nameOf(identity.keys.id) || identity.deviceName,
      twoFactor: await readTwoFactorSetting(keychain),
      online: this.#online,
      offlineSinceMs: this.#online ? null : (this.#offlineSinceMs ?? log?.lastSyncMs ?? null),
      paused: this.#paused,
      lastSyncMs: log?.lastSyncMs ?? null,
      pendingChanges: keychain.dirty.size,
      items: entries.filter((entry) => isVisible(entry) && entry.summary.removal === 'none').length,
      quarantined: entries.filter((entry) => entry.state === 'quarantined').length,
      cursor: log?.seq ?? 0,
      circle:
        circle === null
          ? null
          : { seq: circle.seq, headHex: toHex(circle.head), activeDevices: circle.activeDevices().length, rotationDue: circle.rotationDue },
      keyGeneration: circle?.accountKey.generation ?? null,
      epochs:
        log === null || vault === undefined
          ? []
          : [{ vault: log.vault, epoch, oldRecords: entries.filter((entry) => entry.recordHash !== null && entry.epoch < epoch).length }],
      recoveryKey: circle?.recoveries.has(keySlotOf(circle.account)) ?? false,
      escrow: await this.#escrowStatus(),
      joinRequest: join === null ? null : { requestId: join.requestId, code: join.code, expiresMs: join.expiresMs },
      removal:
        identity === null || identity.removal === null
          ? null
          : { byName: identity.removal.byName, timeMs: identity.removal.timeMs, disposition: identity.removal.disposition },
      serverClockSkewMs: this.#unlocked?.api?.clockSkewMs ?? null,
      notices: keychain.notices.filter((notice) => !notice.seen).map((notice) => this.#noticeView(notice)),
    }
  }

  #noticeView({ id, kind, timeMs, params }: Notice): Notice {
    const device = params.device
    return typeof device === 'string' && params.name === undefined
      ? { id, kind, timeMs, params: { ...params, name: this.#nameOf(device as DeviceId) } }
      : { id, kind, timeMs, params }
  }

  async acknowledge(notices: readonly string[]): Promise<void> {
    const { keychain } = this.#require()
    if (notices.length === 0) return
    await keychain.update((staged) =>
      staged.setNotices(staged.notices.map((notice) => (notices.includes(notice.id) ? { ...notice, seen: true } : notice))),
    )
  }

  async activity(): Promise<readonly ActivityEvent[]> {
    const { keychain } = this.#require()
    const { identity } = keychain.requireTrusted()
    const verified = keychain.circleEntries.map((bytes): ActivityEvent => {
      const { entry, signer } = describeEntry(bytes)
      const { payload } = entry
      const detail =
        payload.type === 'add'
          ? this.#nameOf(payload.device.id)
          : payload.type === 'remove'
            ? payload.devices.map((id) => this.#nameOf(id)).join(', ')
            : ''
      return { timeMs: entry.timeMs, kind: `circle-${payload.type}`, device: this.#nameOf(signer), place: '', detail, verified: true }
    })
    let claimed: ActivityEvent[] = []
    try {
      const { events } = await this.#reach(() => this.#api().activity(sessionOf(identity)))
      claimed = events.map((event) => ({
        timeMs: event.timeMs,
        kind: event.kind,
        device: event.deviceId === null ? '' : this.#nameOf(parseId<DeviceId>(event.deviceId)),
        place: event.place,
        detail: event.detail,
        verified: false,
      }))
    } catch (error) {
      // offline, what this device has verified itself is still worth showing
      if (!isNokkelError(error) || error.group !== 'offline') throw error
    }
    return [...verified, ...claimed].sort((a, b) => b.timeMs - a.timeMs)
  }

  async createRecoveryKey(options: { readonly replace?: boolean } = {}): Promise<string> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    return this.#reach(async () => {
      await this.#engine().round({ scope: 'full' })
      ensureMayChangeMembership(keychain)
      return createRecoveryKey(keychain, this.#api(), this.#platform.random, this.#nameOf, options.replace === true)
    })
  }

  async checkRecoveryKey(text: string): Promise<boolean> {
    return checkRecoveryKey(this.#require().keychain, text)
  }

  async revokeRecoveryKey(): Promise<boolean> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    return this.#reach(async () => {
      await this.#engine().round({ scope: 'full' })
      ensureMayChangeMembership(keychain)
      return revokeRecoveryKey(keychain, this.#api(), this.#nameOf)
    })
  }

  async recoverWithKey(text: string, options: CallOptions = {}): Promise<SyncReport> {
    const { keychain } = this.#require()
    const member = readRecoveryKey(text)
    options.onProgress?.({ phase: 'circle', done: 0, total: 0 })
    await this.#reach(() => recoverWith(keychain, this.#api(), this.#platform.random, member))
    return this.sync(options)
  }

  async waysBack(): Promise<WaysBack> {
    return this.#reach(() => waysBack(this.#escrowParts()))
  }

  async recoveryStanding(slot: string): Promise<Standing> {
    return this.#reach(() => recoveryStanding(this.#escrowParts(), slot))
  }

  async recoverWithCode(slot: string, code: string, options: CallOptions = {}): Promise<SyncReport> {
    options.onProgress?.({ phase: 'circle', done: 0, total: 0 })
    const { codeKind } = await this.#reach(() => recoverByCode(this.#escrowParts(), slot, code))
    const report = await this.sync(options)
    if (codeKind !== 'passcode') await this.#layDownAgain(codeKind, code)
    return report
  }

  /** The way back closed behind this device. With the same code it is open for the next one; where it is not, the status says so. */
  async #layDownAgain(kind: SecurityCode['kind'], code: string): Promise<void> {
    try {
      await this.#reach(() => layDownSecurityCode(this.#escrowParts(), { kind, code: canonicalCode(kind, code) }))
    } catch (error) {
      if (!isNokkelError(error)) throw error
      this.#require().escrowFault = error.code
    }
  }

  async setSecurityCode(code: SecurityCode): Promise<string> {
    this.#require().keychain.requireTrusted()
    return this.#reach(async () => {
      await this.#engine().round({ scope: 'full' })
      ensureMayChangeMembership(this.#require().keychain)
      return setSecurityCode(this.#escrowParts(), code)
    })
  }

  async removeSecurityCode(): Promise<boolean> {
    this.#require().keychain.requireTrusted()
    return this.#reach(async () => {
      await this.#engine().round({ scope: 'full' })
      ensureMayChangeMembership(this.#require().keychain)
      return removeSecurityCode(this.#escrowParts())
    })
  }

  async recoveryServices(): Promise<RecoveryServices | null> {
    this.#require().keychain.requireTrusted()
    return this.#reach(() => recoveryServices(this.#escrowParts()))
  }

  async acceptRealms(): Promise<void> {
    this.#require().keychain.requireTrusted()
    await this.#reach(() => acceptSigners(this.#escrowParts()))
    await this.#tendEscrow()
  }

  #escrowParts(): EscrowParts {
    return { keychain: this.#require().keychain, api: this.#api(), platform: this.#platform, nameOf: this.#nameOf }
  }

  async #escrowStatus(): Promise<Status['escrow']> {
    const { keychain, escrowFault } = this.#require()
    const { circle, identity } = keychain
    if (circle === null || identity?.mode !== 'trusted') return null
    const slots = [...circle.recoveries.keys()].map(String)
    return {
      passcode: await passcodeStanding({ keychain }, await passcodeName(this.#store)),
      fault: escrowFault,
      securityCode: slots.includes(circle.account),
      passcodes: slots.filter((slot) => circle.isActive(slot as DeviceId)).length,
    }
  }

  /** Beside the synchronisation, never instead of it: what fails here is shown in the status and tried again. */
  async #tendEscrow(): Promise<void> {
    const unlocked = this.#require()
    const { settled, fault } = await tendEscrow(this.#escrowParts(), unlocked.passcode, await passcodeName(this.#store))
    unlocked.escrowFault = fault
    if (!settled) return
    unlocked.passcode?.destroy()
    unlocked.passcode = null
  }

  async sendVerification(purpose: VerificationPurpose): Promise<SentVerification> {
    return this.#asSignedIn((api, session) => api.verificationSend(session, { purpose }))
  }

  async checkVerification(id: string | null, code: string, purpose: VerificationPurpose): Promise<void> {
    const digits = code.replaceAll(/\s/g, '')
    if (!/^[0-9]{6}$/.test(digits)) throw new NokkelError('verification-code-wrong')
    await this.#asSignedIn((api, session) => api.verificationCheck(session, { id, code: digits, purpose }))
  }

  async verificationStatus(id: string): Promise<VerificationDelivery> {
    return this.#asSignedIn((api, session) => api.verificationStatus(session, id))
  }

  async deviceCode(): Promise<{ readonly code: string; readonly expiresMs: number }> {
    this.#require().keychain.requireTrusted()
    return this.#asSignedIn((api, session) => api.deviceCode(session))
  }

  async twoFactor(): Promise<TwoFactorInfo> {
    const { keychain } = this.#require()
    const told = await this.#asSignedIn((api, session) => api.verification(session))
    const { numberEnd, supportCase } = told
    if (keychain.identity?.mode !== 'trusted') return { on: told.twoFactor, verified: false, numberEnd, supportCase }
    await learnTwoFactor(keychain, told.twoFactorStatement, this.#nameOf)
    return { on: await readTwoFactorSetting(keychain), verified: true, numberEnd, supportCase }
  }

  async setTwoFactor(on: boolean, { passcode }: { readonly passcode: string }): Promise<void> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    await this.checkPasscode(passcode)
    // the ways back of the other kind are closed by it
    ensureMayChangeMembership(keychain)
    if ((await this.twoFactor()).on === on) return
    await this.#reach(() => signTwoFactor(keychain, this.#api(), on))
    await this.#reach(() => afterTwoFactorChange(this.#escrowParts(), on))
    if (!on) return
    await this.#keepIfDue(passcode)
    await this.#tendEscrow()
  }

  async number(): Promise<{ readonly number: string | null; readonly numberEnd: string | null }> {
    if (this.#require().keychain.identity?.mode !== 'trusted') return { number: null, numberEnd: (await this.twoFactor()).numberEnd }
    const { phone } = await this.#asSignedIn((api, session) => api.account(session))
    return { number: phone, numberEnd: phone?.slice(-2) ?? null }
  }

  async changeNumber(number: string, { passcode }: { readonly passcode: string }): Promise<SentVerification> {
    await this.checkPasscode(passcode)
    const plain = normalisePhone(number)
    return this.#asSignedIn((api, session) => api.numberChange(session, { number: plain }))
  }

  async confirmNumber(id: string, code: string): Promise<void> {
    const digits = code.replaceAll(/\s/g, '')
    if (!/^[0-9]{6}$/.test(digits)) throw new NokkelError('verification-code-wrong')
    await this.#asSignedIn((api, session) => api.numberConfirm(session, { id, code: digits }))
  }

  async stopSupportCase(): Promise<void> {
    this.#require().keychain.requireTrusted()
    await this.#asSignedIn((api, session) => api.supportStop(session))
  }

  /** A call that a device may make which is signed in, trusted or not. */
  async #asSignedIn<T>(call: (api: ServerApi, session: Session) => Promise<T>): Promise<T> {
    const { identity } = this.#require().keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    return this.#reach(() => call(this.#api(), sessionOf(identity)))
  }

  async deleteAccount(): Promise<number> {
    const { identity } = this.#require().keychain.requireTrusted()
    const { dueMs } = await this.#reach(() => this.#api().accountDelete(sessionOf(identity)))
    if (dueMs === null) throw new NokkelError('malformed', { what: 'response' })
    return dueMs
  }

  async keepAccount(): Promise<void> {
    const { identity } = this.#require().keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    await this.#reach(() => this.#api().accountKeep(sessionOf(identity)))
  }

  async exportServerData(): Promise<Readonly<Record<string, unknown>>> {
    const { keychain } = this.#require()
    const { identity, circle } = keychain.requireTrusted()
    const api = this.#api()
    const session = sessionOf(identity)
    return this.#reach(async () => {
      const [account, { events }, { requests }, { notices }] = await Promise.all([
        api.account(session),
        api.activity(session),
        api.joinList(session),
        api.notices(session, null),
      ])
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
    })
  }

  async items(query: ItemQuery = {}): Promise<readonly ItemSummary[]> {
    const { keychain } = this.#requireCopy()
    const wanted = query.deleted === true ? 'deleted' : 'none'
    const matches = (query.text ?? '').trim() === '' ? null : new Set(keychain.search.find(query.text as string))
    const limit = query.limit ?? Number.POSITIVE_INFINITY
    const found: ItemSummary[] = []
    for (const entry of keychain.byTitle) {
      if (found.length >= limit) break
      if (!isVisible(entry) || entry.summary.removal !== wanted) continue
      if (query.kind !== undefined && entry.summary.kind !== query.kind) continue
      if (matches === null || matches.has(entry.id)) found.push(summaryView(entry))
    }
    return found
  }

  async item(id: ItemId): Promise<ItemView> {
    const { keychain } = this.#requireCopy()
    const entry = keychain.index.get(id)
    const stored = await keychain.readItem(id)
    if (entry === undefined || stored === undefined || !isVisible(entry)) throw new NokkelError('not-found')
    return itemView(entry, stored.item, this.#writerOf)
  }

  async addItem(draft: ItemDraft): Promise<ItemId> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    const id = newId<ItemId>(this.#platform.random)
    await keychain.update((staged) => staged.putLocal(id, createItem(draft, staged.stamp), undefined))
    await this.#pushQuietly()
    return id
  }

  async editItem(id: ItemId, changes: ItemChanges): Promise<void> {
    const values = new Map(changes.set)
    for (const name of changes.remove ?? []) values.set(name, removalValue(name))
    await this.#change(id, (item, staged) => editItem(item, values, staged.stamp))
  }

  async deleteItem(id: ItemId): Promise<void> {
    await this.#change(id, (item, staged) => deleteItem(item, staged.stamp))
  }
  async restoreItem(id: ItemId): Promise<void> {
    await this.#change(id, (item, staged) => restoreItem(item, staged.stamp))
  }
  async purgeItem(id: ItemId): Promise<void> {
    await this.#change(id, (item, staged) => purgeItem(item, staged.stamp))
  }
  async restoreHistory(id: ItemId, index: number): Promise<void> {
    await this.#change(id, (item, staged) => restoreHistory(item, index, staged.stamp))
  }

  async duplicates(): Promise<readonly (readonly ItemSummary[])[]> {
    const { keychain } = this.#requireCopy()
    const entries = new Map([...keychain.index.values()].filter(isVisible).map((entry) => [entry.id, entry]))
    const groups = findDuplicates([...entries.values()].map((entry) => entry.summary))
    return groups.map((group) =>
      group.flatMap(({ id }) => {
        const entry = entries.get(id)
        return entry === undefined ? [] : [summaryView(entry)]
      }),
    )
  }

  async pushKey(): Promise<string> {
    const { identity } = this.#require().keychain.requireTrusted()
    return (await this.#reach(() => this.#api().pushKey(sessionOf(identity)))).publicKey
  }

  async setPushSubscription(subscription: PushSubscription | null): Promise<void> {
    const session = sessionOf(this.#require().keychain.requireTrusted().identity)
    await this.#reach(() =>
      subscription === null ? this.#api().pushUnsubscribe(session) : this.#api().pushSubscribe(session, subscription),
    )
  }

  async mergeItems(ids: readonly ItemId[]): Promise<void> {
    await mergeItems(this.#require().keychain, ids)
    await this.#pushQuietly()
  }

  passwordHealth(): Promise<PasswordHealth> {
    return readPasswordHealth(this.#requireCopy().keychain, () => this.#platform.pause(0))
  }

  async importFile(
    file: { readonly name: string; readonly bytes: Uint8Array },
    options: CallOptions & { readonly format?: string; readonly dryRun?: boolean } = {},
  ): Promise<ImportReport> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    // a dozen formats that nothing else needs: read when somebody imports
    const { importItems } = await import('./import-items.ts')
    const report = await importItems(keychain, file, options)
    if (options.dryRun !== true && report.added > 0) await this.#pushQuietly(options)
    return report
  }

  async sync(options: CallOptions = {}): Promise<SyncReport> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    const admission = await readAdmission(keychain)
    const vault = keychain.log?.vault
    const round = await this.#reach(() =>
      this.#engine().round({
        scope: 'full',
        signal: options.signal,
        checkpoints: admission?.logs.filter((log) => log.vault === vault && log.seq > 0) ?? [],
        onProgress: (phase, done, total) => options.onProgress?.({ phase, done, total }),
      }),
    )
    if (admission !== null) await this.#settleIn(options)
    await this.#reach(() => renewBundles(keychain, this.#api(), this.#platform.random))
    await this.#tendEscrow()
    await this.#hearServer()
    await this.#noteClock()
    options.onProgress?.({ phase: 'done', done: 1, total: 1 })
    return this.#report(round)
  }

  /** First synchronisation done: this device introduces itself and forgets what the approver vouched for. */
  async #settleIn(options: CallOptions): Promise<void> {
    const { keychain } = this.#require()
    const { identity } = keychain.requireTrusted()
    await keychain.update((staged) => {
      if (staged.entry(identity.keys.id as string as ItemId) === undefined) putDeviceItem(staged, identity.keys.id, identity.deviceName)
      staged.putState('admission', null)
    })
    await this.#engine().round({ scope: 'push', signal: options.signal })
  }

  /** What the logs do not carry: the two-factor setting, and the server's notices. */
  async #hearServer(): Promise<void> {
    const { keychain } = this.#require()
    const { identity } = keychain.requireTrusted()
    const { twoFactorStatement } = await this.#reach(() => this.#api().verification(sessionOf(identity)))
    await learnTwoFactor(keychain, twoFactorStatement, this.#nameOf)
    await this.#reach(() => pullServerNotices(keychain, this.#api()))
  }

  async #noteClock(): Promise<void> {
    const { keychain, api } = this.#require()
    const skew = api?.clockSkewMs ?? null
    if (skew !== null && Math.abs(skew) > clockToleranceMs)
      await keychain.update((staged) => staged.notify('clock-wrong', { minutes: Math.round(Math.abs(skew) / 60_000) }))
  }

  async watch(onChange: (change: SyncChange) => void, options: { readonly signal: AbortSignal }): Promise<void> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    await watchChanges(
      {
        keychain,
        api: this.#api(),
        engine: this.#engine(),
        platform: this.#platform,
        nameOf: (device) => this.#nameOf(device as DeviceId),
        onOnline: (online) => this.#setOnline(online),
        onPaused: (paused) => (this.#paused = paused),
        listenUnsent: (listener) => (this.#onUnsent = listener),
        onCircle: () => renewBundles(keychain, this.#api(), this.#platform.random),
        onNotice: () => this.#hearServer(),
      },
      onChange,
      options.signal,
    )
  }

  async turnOff(options: { readonly copy: 'keep' | 'delete'; readonly everywhere?: boolean }): Promise<void> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    await this.#reach(() =>
      options.everywhere === true
        ? turnOffEverywhere(keychain, this.#api(), this.#engine(), options.copy)
        : turnOffHere(keychain, this.#api(), this.#engine(), this.#nameOf, options.copy),
    )
    this.#forgetConnection()
  }

  async isOffEverywhere(): Promise<boolean> {
    const { identity } = this.#require().keychain
    if (identity === null || identity.token === null) return false
    const { end } = await this.#reach(() => this.#api().session(sessionOf(identity)))
    return end?.kind === 'off'
  }

  async resetKeychain(details: ResetDetails, options: CallOptions = {}): Promise<Status> {
    const { keychain } = this.#require()
    await this.#reach(async () => {
      // what the others wrote last belongs to what this device puts in the old keychain's place
      if (details.from === 'device' && keychain.identity?.mode === 'trusted')
        await this.#engine().round({ scope: 'full' }).catch(ignoreEnded)
      await resetKeychain(keychain, this.#api(), this.#platform, details)
    })
    this.#forgetConnection()
    await this.sync(options)
    return this.status()
  }

  async eraseDevice(): Promise<void> {
    const { keychain } = this.#require()
    if (keychain.identity?.mode === 'trusted') throw new NokkelError('turn-off-first')
    await forgetEverything(keychain)
    this.#forgetConnection()
  }

  async close(): Promise<void> {
    this.lock()
    await this.#store.close()
  }

  #require(): Unlocked {
    if (this.#unlocked === null) throw new NokkelError('locked')
    return this.#unlocked
  }

  /** For looking: a kept copy may be read after the keychain was turned off or the device removed (D2). */
  #requireCopy(): Unlocked {
    const unlocked = this.#require()
    const { identity } = unlocked.keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    if (identity.mode === 'pending') throw new NokkelError('not-trusted')
    return unlocked
  }

  async #adopt(key: Secret): Promise<void> {
    const store = new SealedStore(this.#store, localCipher(this.#platform.random, key))
    await rebuildKeychain(this.#store, store, this.#platform.clock, this.#platform.random)
    this.#unlocked = {
      key,
      keychain: await LocalKeychain.open(store, this.#platform.clock, this.#platform.random),
      api: null,
      engine: null,
      passcode: null,
      escrowFault: null,
    }
  }

  /** The first passcode makes the local key; later ones must be the same (A4: a passcode is needed before there is anything to keep). */
  async #unlockOrCreate(passcode: string): Promise<void> {
    if (await hasLocalKey(this.#store)) {
      await this.unlock(passcode)
      return
    }
    const key = createLocalKey(this.#platform.random)
    await this.#store.commit([
      ...(await wrapLocalKey(this.#platform.random, key, passcode)),
      { op: 'put', table: 'meta', key: checkRow, value: keyCheck(key) },
    ])
    await this.#adopt(key)
    await this.#keepIfDue(passcode)
  }

  #connect(server: string): ServerApi {
    return this.#platform.connect(server)
  }
  #forgetConnection(): void {
    const unlocked = this.#require()
    unlocked.api = null
    unlocked.engine = null
  }
  #api(): ServerApi {
    const unlocked = this.#require()
    const { identity } = unlocked.keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    unlocked.api ??= this.#platform.connect(identity.server)
    return unlocked.api
  }
  #engine(): SyncEngine {
    const unlocked = this.#require()
    unlocked.engine ??= new SyncEngine(unlocked.keychain, this.#api(), { nameOf: this.#nameOf, pause: (ms) => this.#platform.pause(ms) })
    return unlocked.engine
  }

  readonly #nameOf = (device: DeviceId): string => this.#unlocked?.keychain.index.get(device as string as ItemId)?.summary?.title ?? ''

  readonly #writerOf = (dev: string): string => {
    for (const device of this.#unlocked?.keychain.circle?.devices.keys() ?? []) if (device.startsWith(dev)) return this.#nameOf(device)
    return ''
  }

  #setOnline(online: boolean): void {
    if (this.#online && !online) this.#offlineSinceMs = this.#platform.clock.nowMs()
    this.#online = online
  }

  /** Runs a call to the server and remembers whether the server was there. */
  async #reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      this.#setOnline(true)
      this.#paused = null
      return result
    } catch (error) {
      this.#setOnline(!isNokkelError(error, 'offline', 'timeout', 'server-unavailable'))
      this.#paused = pausedBy(error) ?? this.#paused
      throw error
    }
  }

  async #change(id: ItemId, change: (item: Item, staged: Staged) => Item): Promise<void> {
    const { keychain } = this.#require()
    keychain.requireTrusted()
    await keychain.update(async (staged) => {
      const stored: StoredItem | undefined = await keychain.readItem(id)
      const entry = staged.entry(id)
      if (stored === undefined || entry === undefined || !isVisible(entry)) throw new NokkelError('not-found')
      // the log holds a newer record of it that this version cannot read: changing the older content would destroy that one (B4)
      if (entry.state === 'quarantined') throw new NokkelError('update-needed', { what: 'item' })
      const next = change(stored.item, staged)
      if (next !== stored.item) staged.putLocal(id, next, stored)
    })
    await this.#pushQuietly()
  }

  /** After a local change: send it if the server is there. Being offline is no error here, the change waits (A6). */
  async #pushQuietly(options: CallOptions = {}): Promise<void> {
    try {
      await this.#reach(() =>
        this.#engine().round({
          scope: 'push',
          signal: options.signal,
          onProgress: (phase, done, total) => options.onProgress?.({ phase, done, total }),
        }),
      )
    } catch (error) {
      if (!isNokkelError(error) || !mayPass(error)) throw error
      this.#onUnsent(error)
    }
  }

  #report(round: RoundReport): SyncReport {
    return {
      pulled: round.pulled,
      pushed: round.pushed,
      merged: round.merged,
      quarantined: round.quarantined,
      pending: this.#require().keychain.dirty.size,
    }
  }
}

/** The change is saved and waits; to send it is tried again. */
function mayPass(error: NokkelError): boolean {
  const { group, code } = error
  return group === 'offline' || group === 'conflict' || code === 'rate-limited' || code === 'session-invalid' || pausedBy(error) !== null
}

function ignoreEnded(error: unknown): void {
  if (!isNokkelError(error, 'session-invalid', 'device-removed', 'keychain-ended')) throw error
}
