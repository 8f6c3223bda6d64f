/**
 * Keeping up with the circle: pull entries, verify them, learn new keys, notice that this device was removed; and writing to it
 * (SPEC CIR-13 … CIR-16). What the server says about trust is believed only when a signed entry says so too.
 */
import { equalBytes, isNokkelError, NokkelError, type Bytes, type DeviceId } from '@nokkel/base'
import { Circle, decodeShare, describeEntry, openShare, openVaultKeys, type AccountKey, type VaultKey } from '@nokkel/protocol'
import type { ServerApi, Session } from './server-api.ts'
import { applyLeave, readLeaving } from './leaving.ts'
import type { LocalKeychain, Staged } from './local-keychain.ts'
import { vaultKeyName, type Identity } from './local-state.ts'

/** Names come from the keychain itself (`device` items); the engine hands this in. */
export type NameOf = (device: DeviceId) => string

export function sessionOf(identity: Identity): Session {
  if (identity.token === null) throw new NokkelError('session-invalid')
  return { token: identity.token, deviceId: identity.keys.id, sign: identity.keys.sign }
}

/**
 * Pulls the circle and applies it. Returns true when something changed. Throws `circle-rolled-back`, `circle-forked`,
 * `circle-invalid` (alarms; also left as a notice), `device-removed` when a verified entry removed this device.
 */
export async function syncCircle(keychain: LocalKeychain, api: ServerApi, nameOf: NameOf): Promise<boolean> {
  const { identity, circle } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  const session = sessionOf(identity)
  const leaving = await readLeaving(keychain)
  // our own head is asked for again, so that a shortened or rewritten circle shows at once (CIR-14)
  const entries = await api.circle(session, circle === null ? -1 : circle.seq - 1)
  let fresh = entries
  if (circle !== null) {
    const head = entries[0]
    if (head === undefined) return raiseAlarm(keychain, 'circle-rolled-back', { seq: circle.seq })
    if (!equalBytes(describeEntry(head).hash, circle.head)) return raiseAlarm(keychain, 'circle-forked', { seq: circle.seq })
    fresh = entries.slice(1)
  }
  if (fresh.length === 0 && circle !== null) {
    // cut off between leaving and taking note of it
    if (keychain.identity?.mode === 'trusted' && !circle.isActive(identity.keys.id))
      await keychain.update((staged) => applyOwnStanding(staged, circle, leaving, nameOf))
    ensureMember(keychain)
    await syncKeys(keychain, api, session, circle)
    return false
  }
  let next: Circle
  try {
    next = circle === null ? Circle.replay(fresh) : circle.extend(fresh)
  } catch (error) {
    if (isNokkelError(error, 'circle-invalid')) return raiseAlarm(keychain, 'circle-invalid', error.params)
    throw error
  }
  if (!equalBytes(next.genesisHash, identity.genesisHash)) return raiseAlarm(keychain, 'circle-mismatch', {})
  await keychain.update((staged) => {
    if (staged.circle !== null && staged.circle.seq >= next.seq) return
    const all = circle === null ? [...fresh] : [...keychain.circleEntries, ...fresh]
    staged.setCircle(next, all)
    if (circle !== null) for (const entry of fresh) announce(staged, entry, identity.keys.id, nameOf)
    applyOwnStanding(staged, next, leaving, nameOf)
  })
  ensureMember(keychain)
  await syncKeys(keychain, api, session, next)
  return true
}

/** Leaves the alarm as a notice, so that it is seen even if nobody reads this call's error. */
export async function raiseAlarm(
  keychain: LocalKeychain,
  code: 'circle-rolled-back' | 'circle-forked' | 'circle-invalid' | 'circle-mismatch' | 'share-invalid',
  params: Readonly<Record<string, string | number | boolean>>,
): Promise<never> {
  await keychain.update((staged) => staged.notify('alarm', { code, ...params }))
  throw new NokkelError(code, params)
}

/** News for the user about entries that others made (F9). */
function announce(staged: Staged, encoded: Bytes, self: DeviceId, nameOf: NameOf): void {
  const { entry, signer } = describeEntry(encoded)
  if (signer === self) return
  const by = nameOf(signer)
  switch (entry.payload.type) {
    case 'add':
      if (entry.payload.device.id !== self) staged.notify('device-added', { device: entry.payload.device.id, by }, entry.timeMs)
      break
    case 'remove':
      for (const device of entry.payload.devices)
        if (device !== self) staged.notify('device-removed', { device, name: nameOf(device), by }, entry.timeMs)
      break
    case 'recover':
      if (entry.payload.device.id !== self) staged.notify('device-recovered', { device: entry.payload.device.id }, entry.timeMs)
      break
    case 'recovery-add':
      // each device lays down its own passcode, at every change of it: that is no news
      if ((entry.payload.recovery.slot as string) !== signer) staged.notify('recovery-added', { by }, entry.timeMs)
      break
    case 'recovery-remove':
      staged.notify('recovery-removed', { by }, entry.timeMs)
      break
    case 'policy': {
      const { web, extension } = entry.payload.policy
      staged.notify('policy-changed', { by, web, extension }, entry.timeMs)
      break
    }
    case 'leave':
      staged.notify('device-left', { device: signer, name: by }, entry.timeMs)
      break
    default:
  }
}

/** Throws `device-removed` or `keychain-off` once a verified entry has said so. */
function ensureMember(keychain: LocalKeychain): void {
  const mode = keychain.identity?.mode
  if (mode === 'removed' || mode === 'off' || mode === 'reset') keychain.requireTrusted()
}

/** Has a signed entry ended this device's membership? Then its keys go now, and its copy as the remover chose (B3). */
function applyOwnStanding(staged: Staged, circle: Circle, leaving: 'keep' | 'delete', nameOf: NameOf): void {
  const { identity } = staged
  if (identity === null || identity.mode !== 'trusted') return
  const self = circle.devices.get(identity.keys.id)
  if (self === undefined || self.status === 'active') return
  if (self.status === 'left') return applyLeave(staged, leaving)
  const by = self.endedBy ?? identity.keys.id
  const removal = { by, byName: nameOf(by), timeMs: self.endedMs ?? 0, disposition: self.disposition }
  staged.setIdentity({ ...identity, mode: 'removed', removal, token: null })
  staged.setKeys(new Map(), new Map())
  if (self.disposition === 'delete') staged.clearItems()
  staged.notify('this-device-removed', { by: removal.byName, copy: self.disposition }, removal.timeMs)
}

/** Fetches and opens keys that the circle speaks of and this device does not hold yet (KEY-7 … KEY-10). */
export async function syncKeys(keychain: LocalKeychain, api: ServerApi, session: Session, circle: Circle): Promise<void> {
  const missing =
    !keychain.accountKeys.has(circle.accountKey.generation) ||
    [...circle.vaults.values()].some((vault) =>
      vault.epochs.some((start) => start.epoch > vault.doneEpoch && !keychain.vaultKeys.has(vaultKeyName(vault.id, start.epoch))),
    )
  if (!missing || keychain.identity?.mode !== 'trusted') return
  const { shares, wraps } = await api.circleKeys(session)
  const accountKeys = new Map<number, AccountKey>(keychain.accountKeys)
  let opened: readonly VaultKey[]
  try {
    for (const encoded of shares) {
      // somebody rotated between our two questions: the next round knows that circle
      if (decodeShare(encoded).share.generation > circle.accountKey.generation) continue
      const key = openShare(circle, keychain.identity.keys, encoded)
      if (!accountKeys.has(key.generation)) accountKeys.set(key.generation, key)
    }
    if (!accountKeys.has(circle.accountKey.generation)) throw new NokkelError('share-invalid', { rule: 'KEY-7', what: 'missing' })
    opened = openVaultKeys(circle, wraps, accountKeys)
    for (const { id, epochs } of circle.vaults.values())
      if (!opened.some((key) => key.vault === id && key.epoch === epochs.at(-1)?.epoch))
        throw new NokkelError('share-invalid', { rule: 'KEY-9', what: 'missing' })
  } catch (error) {
    if (isNokkelError(error, 'share-invalid')) return raiseAlarm(keychain, error.code as 'share-invalid', error.params)
    throw error
  }
  await keychain.update((staged) => staged.setKeys(accountKeys, withoutDone(circle, mergeKeys(keychain.vaultKeys, opened))))
}

function mergeKeys(known: ReadonlyMap<string, VaultKey>, more: readonly VaultKey[]): Map<string, VaultKey> {
  const all = new Map(known)
  for (const key of more) if (!all.has(vaultKeyName(key.vault, key.epoch))) all.set(vaultKeyName(key.vault, key.epoch), key)
  return all
}

/** Keys of epochs in which no record is left are erased (CIR-16). */
function withoutDone(circle: Circle, keys: ReadonlyMap<string, VaultKey>): Map<string, VaultKey> {
  return new Map([...keys].filter(([, key]) => key.epoch > (circle.vaults.get(key.vault)?.doneEpoch ?? 0)))
}

/**
 * Appends an entry of our own and takes it over. `make` is called with the present circle and again after each lost race; it
 * returns null when there is nothing left to do.
 */
export async function appendToCircle(
  keychain: LocalKeychain,
  api: ServerApi,
  nameOf: NameOf,
  make: (circle: Circle) => {
    readonly entry: Bytes
    readonly shares: readonly Bytes[]
    readonly wraps: readonly Bytes[]
    readonly accountKey?: AccountKey
    readonly vaultKeys?: readonly VaultKey[]
  } | null,
  beforeRetry: () => Promise<void> = async () => undefined,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const { circle, identity } = keychain
    if (circle === null || identity === null) throw new NokkelError('not-trusted')
    const made = make(circle)
    if (made === null) return false
    // somebody left while we were about to write: the caller's next round rotates first (CIR-10)
    if (circle.rotationDue && !mayFollowDeparture(made.entry)) throw new NokkelError('circle-moved')
    const next = circle.extend([made.entry])
    try {
      await api.appendCircle(sessionOf(identity), { expectedHead: circle.head, entry: made.entry, shares: made.shares, wraps: made.wraps })
    } catch (error) {
      if (attempt >= 8 || !isNokkelError(error, 'circle-moved', 'conflict')) throw error
      await syncCircle(keychain, api, nameOf)
      await beforeRetry()
      continue
    }
    await keychain.update((staged) => {
      if (staged.circle === null || staged.circle.seq >= next.seq) return
      staged.setCircle(next, [...keychain.circleEntries, made.entry])
      const accountKeys = new Map(keychain.accountKeys)
      if (made.accountKey !== undefined) accountKeys.set(made.accountKey.generation, made.accountKey)
      staged.setKeys(accountKeys, withoutDone(next, mergeKeys(keychain.vaultKeys, made.vaultKeys ?? [])))
    })
    return true
  }
}

function mayFollowDeparture(encoded: Bytes): boolean {
  const { type } = describeEntry(encoded).entry.payload
  return type === 'rotate' || type === 'remove' || type === 'leave' || type === 'recover'
}
