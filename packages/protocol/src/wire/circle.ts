/**
 * Replay and validation of the circle (SPEC CIR-1 … CIR-12, CIR-20 … CIR-23). Client and server run this same code; the server needs no key for it.
 * A `Circle` is immutable: `extend` returns a new one or throws, and the old one stays valid.
 */
import {
  compareBytes,
  encodeCbor,
  equalBytes,
  idToBytes,
  NokkelError,
  toHex,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type VaultId,
} from '@nokkel/base'
import { sha256, verifySignature } from '@nokkel/crypto/verify'
import {
  accountIdOf,
  decodeCircleEntryBody,
  reverseSignatureBody,
  type AccountKeyPublic,
  type CircleEntry,
  type CopyDisposition,
  type Rotation,
} from './circle-entry.ts'
import type { DeviceClass, DeviceRecord } from './device-record.ts'
import { currentSuite, labels } from './labels.ts'
import { limits } from './limits.ts'
import { isMembershipChange, isOpen, openPolicy, policyAmong, policyToCbor, reachOf, type ClassPolicy, type ClassReach } from './policy.ts'
import { keySlotOf, recoveryRecordToCbor, recoverySignerOf, type RecoveryRecord, type RecoverySlot } from './recovery-member.ts'
import { decodeSigned, isSignedBy, signedHash } from './signed.ts'

export interface CircleDevice {
  readonly id: DeviceId
  readonly class: DeviceClass
  readonly signKey: Bytes
  readonly sealKey: Bytes
  readonly status: 'active' | 'removed' | 'left'
  readonly addedSeq: number
  readonly addedMs: number
  /** null for the first device, and for one that came back by itself */
  readonly addedBy: DeviceId | null
  /** by which way back it came (CIR-22) */
  readonly recoveredWith: RecoverySlot | null
  readonly endedSeq: number | null
  readonly endedMs: number | null
  readonly endedBy: DeviceId | null
  readonly disposition: CopyDisposition
}

/** From log position `frozenSeq + 1` on, batches must cite circle position `seq` or later, and records use `epoch` (CIR-8). */
export interface EpochStart {
  readonly epoch: number
  readonly seq: number
  readonly frozenSeq: number
  readonly frozenHash: Bytes | null
  readonly commitment: Bytes
}

export interface CircleVault {
  readonly id: VaultId
  /** in order; the last one is current */
  readonly epochs: readonly EpochStart[]
  /** epochs up to this one hold no record any more */
  readonly doneEpoch: number
}

export interface AppliedEntry {
  readonly entry: CircleEntry
  readonly signer: DeviceId
  readonly hash: Bytes
}

interface State {
  account: AccountId
  genesisHash: Bytes
  seq: number
  head: Bytes
  suiteFloor: number
  rotationDue: boolean
  accountKey: AccountKeyPublic
  devices: Map<DeviceId, CircleDevice>
  vaults: Map<VaultId, CircleVault>
  recoveries: Map<RecoverySlot, RecoveryRecord>
  /** as last written; see `policyAmong` for when it holds */
  policy: ClassPolicy
  /** every public key and commitment ever used, hexadecimal: none may come back (CIR-5) */
  used: Set<string>
  /** commitment of each account key generation, index = generation - 1 */
  generations: readonly { commitment: Bytes; sharesHash: Bytes | null; seq: number }[]
  hashes: Bytes[]
}

/** The one answer to a circle that breaks a rule; `rule` is the SPEC id, for logs and tests. */
function invalid(rule: string): never {
  throw new NokkelError('circle-invalid', { rule })
}

export class Circle {
  readonly #state: State

  private constructor(state: State) {
    this.#state = state
  }

  /**
   * Replays encoded entries from the genesis. `trusted` skips signatures only: for entries that this device verified before and
   * kept under its own key. Throws `circle-invalid`, `malformed` or `update-needed`.
   */
  static replay(entries: readonly Uint8Array[], options: { readonly trusted?: boolean } = {}): Circle {
    const [first, ...rest] = entries
    if (first === undefined) invalid('CIR-1')
    return Circle.#genesis(first).extend(rest, options)
  }

  static #genesis(encoded: Uint8Array): Circle {
    const signed = decodeSigned(encoded, limits.circleEntryBytes, 'circle-entry')
    const entry = decodeCircleEntryBody(signed.body)
    const { payload } = entry
    if (payload.type !== 'genesis' || entry.account !== null || entry.seq !== 0 || entry.prev !== null) invalid('CIR-1')
    if (signed.signer !== payload.device.id || !isSignedBy(signed, labels.circleEntry, payload.device.signKey)) invalid('CIR-2')
    if (entry.suiteFloor !== currentSuite) invalid('CIR-11')
    if (payload.accountKey.generation !== 1 || payload.vaults.length === 0) invalid('CIR-1')
    const hash = signedHash(encoded)
    const state: State = {
      account: accountIdOf(signed.body),
      genesisHash: hash,
      seq: 0,
      head: hash,
      suiteFloor: entry.suiteFloor,
      rotationDue: false,
      accountKey: payload.accountKey,
      devices: new Map(),
      vaults: new Map(),
      recoveries: new Map(),
      policy: openPolicy,
      used: new Set(),
      generations: [{ commitment: payload.accountKey.commitment, sharesHash: null, seq: 0 }],
      hashes: [hash],
    }
    addDevice(state, payload.device, entry, { addedBy: null, recoveredWith: null })
    useOnce(state, payload.accountKey.kemKey)
    useOnce(state, payload.accountKey.commitment)
    for (const vault of payload.vaults) {
      if (vault.epoch !== 1 || state.vaults.has(vault.vault)) invalid('CIR-1')
      useOnce(state, vault.commitment)
      state.vaults.set(vault.vault, {
        id: vault.vault,
        doneEpoch: 0,
        epochs: [{ epoch: 1, seq: 0, frozenSeq: 0, frozenHash: null, commitment: vault.commitment }],
      })
    }
    return new Circle(state)
  }

  /** This circle followed by `entries`, or an error that leaves this one untouched. */
  extend(entries: readonly Uint8Array[], options: { readonly trusted?: boolean } = {}): Circle {
    if (entries.length === 0) return this
    const old = this.#state
    const state: State = {
      ...old,
      devices: new Map(old.devices),
      vaults: new Map(old.vaults),
      recoveries: new Map(old.recoveries),
      used: new Set(old.used),
      hashes: [...old.hashes],
    }
    for (const encoded of entries) applyEntry(state, encoded, options.trusted === true)
    return new Circle(state)
  }

  get account(): AccountId {
    return this.#state.account
  }
  get genesisHash(): Bytes {
    return this.#state.genesisHash
  }
  /** Position of the newest entry; the genesis is 0. */
  get seq(): number {
    return this.#state.seq
  }
  get head(): Bytes {
    return this.#state.head
  }
  get suiteFloor(): number {
    return this.#state.suiteFloor
  }
  /** A device left: the next member must rotate before anything is written (CIR-10). */
  get rotationDue(): boolean {
    return this.#state.rotationDue
  }
  get accountKey(): AccountKeyPublic {
    return this.#state.accountKey
  }
  get devices(): ReadonlyMap<DeviceId, CircleDevice> {
    return this.#state.devices
  }
  get vaults(): ReadonlyMap<VaultId, CircleVault> {
    return this.#state.vaults
  }
  /** Ways back that are open now, by slot. */
  get recoveries(): ReadonlyMap<RecoverySlot, RecoveryRecord> {
    return this.#state.recoveries
  }
  /** What devices in browsers may do now (CIR-23). */
  get policy(): ClassPolicy {
    return policyInForce(this.#state)
  }
  /** What `device`, an active one, may do now; `off` for any other. */
  reachOf(device: DeviceId): ClassReach {
    const known = this.#state.devices.get(device)
    return known?.status === 'active' ? reachOf(this.policy, known.class) : 'off'
  }
  activeDevices(): CircleDevice[] {
    return activeOf(this.#state)
  }
  isActive(device: DeviceId): boolean {
    return this.#state.devices.get(device)?.status === 'active'
  }
  /** Hash of the entry at `seq`, undefined beyond the head. */
  hashAt(seq: number): Bytes | undefined {
    return this.#state.hashes[seq]
  }
  commitmentOfGeneration(generation: number): Bytes | undefined {
    return this.#state.generations[generation - 1]?.commitment
  }
  /** `sharesHash` that the rotation to `generation` fixed; null for generation 1 and its additions. */
  sharesHashOfGeneration(generation: number): Bytes | null {
    return this.#state.generations[generation - 1]?.sharesHash ?? null
  }

  /** Was `device` a member when the circle stood at `seq`? */
  wasActiveAt(device: DeviceId, seq: number): boolean {
    const known = this.#state.devices.get(device)
    return known !== undefined && known.addedSeq <= seq && (known.endedSeq === null || known.endedSeq > seq)
  }

  /** The epoch start that governs log position `logSeq` of a vault. */
  epochAt(vault: VaultId, logSeq: number): EpochStart | undefined {
    const epochs = this.#state.vaults.get(vault)?.epochs ?? []
    let found: EpochStart | undefined
    for (const start of epochs) if (start.seq === 0 || logSeq > start.frozenSeq) found = start
    return found
  }

  /** Hash over everything that later entries depend on (CIR-12). */
  stateHash(): Bytes {
    return stateHashOf(this.#state)
  }
}

function stateHashOf(state: State): Bytes {
  const devices = [...state.devices.values()]
    .map((device) => ({
      sort: idToBytes(device.id),
      value: [idToBytes(device.id), device.signKey, device.sealKey, device.status === 'active' ? 1 : 0] as const,
    }))
    .sort((a, b) => compareBytes(a.sort, b.sort))
  const vaults = [...state.vaults.values()]
    .map((vault) => ({ sort: idToBytes(vault.id), value: [idToBytes(vault.id), vault.epochs.length, vault.doneEpoch] as const }))
    .sort((a, b) => compareBytes(a.sort, b.sort))
  return sha256(
    encodeCbor([
      state.seq,
      state.head,
      state.suiteFloor,
      state.rotationDue,
      state.accountKey.generation,
      devices.map((d) => [...d.value]),
      vaults.map((v) => [...v.value]),
      ...(state.recoveries.size === 0 ? [] : [recoveriesToCbor(state.recoveries)]),
      ...(isOpen(state.policy) ? [] : [['policy', ...policyToCbor(state.policy)]]),
    ]),
  )
}

function recoveriesToCbor(recoveries: ReadonlyMap<RecoverySlot, RecoveryRecord>): CborValue {
  return [...recoveries.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1)).map(recoveryRecordToCbor)
}

function useOnce(state: State, value: Uint8Array): void {
  const name = toHex(sha256(value))
  if (state.used.has(name)) invalid('CIR-5')
  state.used.add(name)
}

function addDevice(state: State, record: DeviceRecord, entry: CircleEntry, origin: Pick<CircleDevice, 'addedBy' | 'recoveredWith'>): void {
  if (state.devices.has(record.id)) invalid('CIR-5')
  useOnce(state, record.signKey)
  useOnce(state, record.sealKey)
  state.devices.set(record.id, {
    ...record,
    status: 'active',
    addedSeq: entry.seq,
    addedMs: entry.timeMs,
    ...origin,
    endedSeq: null,
    endedMs: null,
    endedBy: null,
    disposition: 'keep',
  })
}

function endDevice(
  state: State,
  id: DeviceId,
  status: 'removed' | 'left',
  entry: CircleEntry,
  by: DeviceId,
  disposition: CopyDisposition,
): void {
  const device = state.devices.get(id)
  if (device?.status !== 'active') invalid('CIR-7')
  // whoever took the device may know its passcode (CIR-21)
  state.recoveries.delete(id as string as RecoverySlot)
  state.devices.set(id, { ...device, status, endedSeq: entry.seq, endedMs: entry.timeMs, endedBy: by, disposition })
}

function rotate(state: State, rotation: Rotation, entry: CircleEntry): void {
  if (rotation.accountKey.generation !== state.accountKey.generation + 1) invalid('CIR-8')
  useOnce(state, rotation.accountKey.kemKey)
  useOnce(state, rotation.accountKey.commitment)
  if (rotation.vaults.length !== state.vaults.size) invalid('CIR-8')
  const seen = new Set<VaultId>()
  for (const next of rotation.vaults) {
    const vault = state.vaults.get(next.vault)
    const last = vault?.epochs.at(-1)
    if (
      vault === undefined ||
      last === undefined ||
      seen.has(next.vault) ||
      next.epoch !== last.epoch + 1 ||
      next.frozenSeq < last.frozenSeq
    )
      invalid('CIR-8')
    seen.add(next.vault)
    useOnce(state, next.commitment)
    state.vaults.set(next.vault, {
      ...vault,
      epochs: [
        ...vault.epochs,
        { epoch: next.epoch, seq: entry.seq, frozenSeq: next.frozenSeq, frozenHash: next.frozenHash, commitment: next.commitment },
      ],
    })
  }
  state.accountKey = rotation.accountKey
  state.generations = [
    ...state.generations,
    { commitment: rotation.accountKey.commitment, sharesHash: rotation.sharesHash, seq: entry.seq },
  ]
  state.rotationDue = false
}

const mayPrecedeRotation: ReadonlySet<CircleEntry['payload']['type']> = new Set(['rotate', 'remove', 'leave', 'recover'])

/** The key that must have signed the entry: an active device's, or for `recover` that of the way back. */
function signKeyOf(state: State, signer: DeviceId, payload: CircleEntry['payload']): Bytes | undefined {
  if (payload.type === 'recover') {
    const member = state.recoveries.get(payload.slot)
    return member !== undefined && recoverySignerOf(member.signKey) === signer ? member.signKey : undefined
  }
  const device = state.devices.get(signer)
  return device?.status === 'active' ? device.signKey : undefined
}

function activeOf(state: State): CircleDevice[] {
  return [...state.devices.values()].filter((device) => device.status === 'active')
}

function policyInForce(state: State): ClassPolicy {
  // asked at every entry of a replay, and nearly always this
  if (isOpen(state.policy)) return state.policy
  return policyAmong(
    state.policy,
    activeOf(state).map((device) => device.class),
  )
}

function ensureRoom(state: State): void {
  if (activeOf(state).length > limits.activeDevices) invalid('CIR-7')
}

/** The signer may make such an entry, and a device that comes in is of a class that is let in (CIR-23). */
function ensurePermitted(state: State, signer: DeviceId, payload: CircleEntry['payload']): void {
  const policy = policyInForce(state)
  const by = state.devices.get(signer)
  if (by !== undefined && isMembershipChange(payload.type) && reachOf(policy, by.class) !== 'full') invalid('CIR-23')
  if ((payload.type === 'add' || payload.type === 'recover') && reachOf(policy, payload.device.class) === 'off') invalid('CIR-23')
  // laid down while the policy did not hold
  const owner = payload.type === 'recover' ? state.devices.get(payload.slot as string as DeviceId) : undefined
  if (owner !== undefined && reachOf(policy, owner.class) !== 'full') invalid('CIR-23')
}

/**
 * Who writes a policy stays free to change it, a class that is off has no member, and what limited devices laid down for themselves is closed:
 * with it they could let in a device that is not limited.
 */
function setPolicy(state: State, policy: ClassPolicy, signer: DeviceId): void {
  for (const device of activeOf(state)) {
    const reach = reachOf(policy, device.class)
    if (reach === 'off' || (device.id === signer && reach !== 'full')) invalid('CIR-23')
    if (reach !== 'full') state.recoveries.delete(device.id as string as RecoverySlot)
  }
  state.policy = policy
}

/** One way back a slot; the new one takes the place of the old one, whose keys never come back (CIR-20). */
function addRecovery(state: State, recovery: RecoveryRecord, signer: DeviceId): void {
  const { slot, escrow } = recovery
  const own = escrow === null ? slot === keySlotOf(state.account) : slot === (signer as string) || slot === (state.account as string)
  if (!own) invalid('CIR-20')
  useOnce(state, recovery.kemKey)
  useOnce(state, recovery.signKey)
  state.recoveries.set(slot, recovery)
}

function applyEntry(state: State, encoded: Uint8Array, trusted: boolean): void {
  const signed = decodeSigned(encoded, limits.circleEntryBytes, 'circle-entry')
  const entry = decodeCircleEntryBody(signed.body)
  const { payload } = entry
  if (entry.account !== state.account || entry.seq !== state.seq + 1 || entry.prev === null || !equalBytes(entry.prev, state.head))
    invalid('CIR-1')
  if (entry.seq >= limits.circleEntries) invalid('CIR-7')
  const signKey = signKeyOf(state, signed.signer, payload)
  if (signKey === undefined || (!trusted && !isSignedBy(signed, labels.circleEntry, signKey))) invalid('CIR-2')
  if (entry.suiteFloor < state.suiteFloor) invalid('CIR-11')
  // after a departure nothing that others must be able to read; a device that comes back may be the only one left to rotate (CIR-10)
  if (state.rotationDue && !mayPrecedeRotation.has(payload.type)) invalid('CIR-10')
  ensurePermitted(state, signed.signer, payload)
  switch (payload.type) {
    case 'genesis':
      return invalid('CIR-1')
    case 'add': {
      const body = reverseSignatureBody(state.account, payload.device, payload.transcriptHash)
      if (!trusted && !verifySignature(payload.device.signKey, labels.circleReverse, body, payload.reverseSignature)) invalid('CIR-4')
      addDevice(state, payload.device, entry, { addedBy: signed.signer, recoveredWith: null })
      ensureRoom(state)
      break
    }
    case 'rotate':
      rotate(state, payload.rotation, entry)
      break
    case 'remove':
      if (payload.devices.length === 0 || payload.devices.includes(signed.signer)) invalid('CIR-7')
      for (const id of payload.devices) endDevice(state, id, 'removed', entry, signed.signer, payload.disposition)
      rotate(state, payload.rotation, entry)
      break
    case 'leave':
      endDevice(state, signed.signer, 'left', entry, signed.signer, 'keep')
      state.rotationDue = true
      break
    case 'epoch-done': {
      const vault = state.vaults.get(payload.vault)
      const current = vault?.epochs.at(-1)?.epoch
      if (vault === undefined || current === undefined || payload.epoch >= current || payload.epoch <= vault.doneEpoch) invalid('CIR-8')
      state.vaults.set(payload.vault, { ...vault, doneEpoch: payload.epoch })
      break
    }
    case 'checkpoint':
      if (!equalBytes(payload.stateHash, stateHashOf(state))) invalid('CIR-12')
      break
    case 'recovery-add':
      addRecovery(state, payload.recovery, signed.signer)
      break
    case 'recovery-remove':
      if (!state.recoveries.delete(payload.slot)) invalid('CIR-21')
      break
    case 'policy':
      setPolicy(state, payload.policy, signed.signer)
      break
    case 'recover': {
      // CIR-2 has found the member and its signature; the device must hold its keys, and mean this circle at this head
      const body = reverseSignatureBody(state.account, payload.device, state.head)
      if (!trusted && !verifySignature(payload.device.signKey, labels.circleReverse, body, payload.reverseSignature)) invalid('CIR-4')
      addDevice(state, payload.device, entry, { addedBy: null, recoveredWith: payload.slot })
      ensureRoom(state)
      // a code that was typed is spent, and so is its registration; a recovery key stays until it is replaced
      if (state.recoveries.get(payload.slot)?.escrow !== null) state.recoveries.delete(payload.slot)
      break
    }
  }
  state.seq = entry.seq
  state.suiteFloor = entry.suiteFloor
  state.head = signedHash(encoded)
  state.hashes.push(state.head)
}

/** An entry opened for display, without validation. */
export function describeEntry(encoded: Uint8Array): AppliedEntry {
  const signed = decodeSigned(encoded, limits.circleEntryBytes, 'circle-entry')
  return { entry: decodeCircleEntryBody(signed.body), signer: signed.signer, hash: signedHash(encoded) }
}
