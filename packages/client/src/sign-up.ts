/** Creating an account and signing in (A4, A5, F2): what happens before a device has anything to synchronise. */
import {
  fromBase64url,
  equalBytes,
  idToBytes,
  fromHex,
  NokkelError,
  newId,
  toBase64url,
  type AccountId,
  type DeviceId,
  type ItemId,
  type VaultId,
} from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import { passwordWeakness, type Item } from '@nokkel/keychain'
import {
  Circle,
  createDeviceKeys,
  labels,
  limits,
  logStart,
  makeGenesis,
  signInProofBody,
  startRegistration,
  startSignIn,
  type DeviceKeys,
} from '@nokkel/protocol'
import { forgetEscrow, forgetOwnPasscode, stagePasswordKeys } from './escrow-rows.ts'
import { vaultKeyName, type Identity, type LocalKeychain, type ServerApi, type Staged } from '@nokkel/sync'
import type { AccountDetails } from './facade.ts'
import type { Platform } from './platform.ts'
import { putRestored } from './traces.ts'

export function normaliseEmail(text: string): string {
  const email = text.trim().normalize('NFC').toLowerCase()
  if (email.length > limits.email || !/^[^\s@]+@[^\s@]+$/.test(email)) throw new NokkelError('email-invalid')
  return email
}

/** As people write it, with spaces, hyphens or 00 in front; E.164 with plus afterwards. Throws `phone-invalid`. */
export function normalisePhone(text: string): string {
  const plain = text.replaceAll(/[\s().-]/g, '').replace(/^00/, '+')
  if (!/^\+[1-9][0-9]{5,14}$/.test(plain)) throw new NokkelError('phone-invalid')
  return plain
}

export function normaliseDeviceName(text: string): string {
  const name = text.trim().normalize('NFC')
  if (name === '' || !name.isWellFormed()) throw new NokkelError('malformed', { what: 'device-name' })
  return name.slice(0, limits.deviceName)
}

/** The device's own entry in the keychain: its name, readable by the other devices and not by the server. */
export function putDeviceItem(staged: Staged, device: DeviceId, name: string): void {
  const id = device as string as ItemId
  const now = staged.stamp()
  const item: Item = {
    schema: 1,
    kind: 'device',
    created: now,
    fields: new Map([['title', { value: name, hlc: now }]]),
    removal: null,
    purge: null,
    history: [],
    extra: [],
  }
  staged.putLocal(id, item, undefined)
}

/**
 * OPAQUE registration and the genesis of the circle in one request. Everything is stored here before the server hears of it: if the
 * answer is lost, signing in with the same password finds a device that is already a member.
 */
export async function createAccount(
  keychain: LocalKeychain,
  api: ServerApi,
  platform: Platform,
  server: string,
  details: AccountDetails & { readonly region?: string; readonly phone?: string },
): Promise<void> {
  const email = normaliseEmail(details.email)
  const deviceName = normaliseDeviceName(details.deviceName)
  const reason = passwordWeakness(details.password)
  if (reason !== null) throw new NokkelError('weak-password', { reason })
  if (details.region !== undefined && !/^[A-Z]{2}$/.test(details.region)) throw new NokkelError('region-invalid')
  const phone = details.phone === undefined ? null : normalisePhone(details.phone)
  const info = await api.server()
  const keys = createDeviceKeys(platform.random, newId<DeviceId>(platform.random), platform.deviceClass)
  const genesis = makeGenesis(platform.random, keys, newId<VaultId>(platform.random), platform.clock.nowMs())
  const circle = Circle.replay([genesis.entry])
  const registration = await startRegistration(details.password)
  const { registrationResponse } = await api.accountStart({
    accountId: genesis.account,
    email,
    registrationRequest: registration.registrationRequest,
  })
  const { registrationRecord, bind, passwordKeys } = registration.finish(
    registrationResponse,
    { account: genesis.account, serverId: info.serverId },
    circle.genesisHash,
  )
  const identity: Identity = {
    server,
    serverId: info.serverId,
    email,
    account: genesis.account,
    genesisHash: circle.genesisHash,
    deviceName,
    token: null,
    mode: 'trusted',
    removal: null,
    keys,
  }
  await keychain.update((staged) => {
    staged.setIdentity(identity)
    staged.setCircle(circle, [genesis.entry])
    staged.setKeys(new Map([[1, genesis.accountKey]]), new Map([[vaultKeyName(genesis.vaultKey.vault, 1), genesis.vaultKey]]))
    staged.setLog({ vault: genesis.vaultKey.vault, ...logStart(circle), incarnation: null, lastSyncMs: null })
    stagePasswordKeys(staged, passwordKeys)
    putDeviceItem(staged, keys.id, deviceName)
  })
  let session: Awaited<ReturnType<ServerApi['accountFinish']>>
  try {
    session = await api.accountFinish({
      accountId: genesis.account,
      email,
      registrationRecord,
      bind: toBase64url(bind),
      region: details.region ?? null,
      phone,
      genesis: toBase64url(genesis.entry),
      shares: genesis.shares.map(toBase64url),
      wraps: genesis.wraps.map(toBase64url),
    })
  } catch (error) {
    // refused for certain: nothing exists there, so nothing must stay here
    if (error instanceof NokkelError && error.group !== 'offline') await forgetEverything(keychain)
    throw error
  }
  await keychain.update((staged) => staged.setIdentity({ ...identity, token: session.token }))
}

export async function forgetEverything(keychain: LocalKeychain): Promise<void> {
  await keychain.update((staged) => {
    staged.clearItems()
    staged.forgetCircle()
    staged.setKeys(new Map(), new Map())
    staged.setLog(null)
    staged.setJoin(null)
    staged.setIdentity(null)
    staged.putState('admission', null)
    forgetEscrow(staged)
    putRestored(staged, null)
  })
}

/**
 * OPAQUE sign-in. A device that is still a member gets its session back; any other is signed in and not trusted (A5). A kept copy
 * of the same account stays and is merged after approval; one of another keychain (after a reset: D4) only when the person says so.
 */
export async function signIn(
  keychain: LocalKeychain,
  api: ServerApi,
  platform: Platform,
  server: string,
  details: AccountDetails & { readonly copy?: 'merge' | 'discard' },
): Promise<void> {
  const email = normaliseEmail(details.email)
  const deviceName = normaliseDeviceName(details.deviceName)
  const info = await api.server()
  const start = await startSignIn(details.password)
  const { loginId, accountId, loginResponse } = await api.signInStart({ email, startLoginRequest: start.startLoginRequest })
  const account = accountId as AccountId
  const signedIn = start.finish(loginResponse, { account, serverId: info.serverId })
  const present = keychain.identity
  const other = present !== null && present.account !== account
  if (other) {
    const frozen = present.mode === 'off' || present.mode === 'removed' || present.mode === 'reset'
    if (keychain.index.size > 0 && (!frozen || details.copy === undefined)) throw new NokkelError('other-account-copy')
    if (keychain.index.size === 0 && !frozen) throw new NokkelError('already-signed-in')
  }
  // told of a reset that there never was (LIF-5), a member comes back with the keys that it kept
  const falselyEnded = present?.mode === 'reset' && !other
  const keys: DeviceKeys =
    present !== null && (present.mode === 'trusted' || present.mode === 'pending' || falselyEnded)
      ? present.keys
      : createDeviceKeys(platform.random, newId<DeviceId>(platform.random), platform.deviceClass)
  const proof = sign(
    keys.sign,
    labels.signIn,
    signInProofBody(fromHex(loginId), idToBytes(account), idToBytes(keys.id), signedIn.finishLoginRequest),
  )
  const session = await api.signInFinish({
    loginId,
    finishLoginRequest: signedIn.finishLoginRequest,
    device: { id: keys.id, class: keys.class, signKey: toBase64url(keys.sign.publicKey) },
    proof: toBase64url(proof),
  })
  const genesisHash = fromBase64url(session.genesisHash)
  // the circle shown later must be the one that was made with this password (SIG-5)
  signedIn.checkBind(genesisHash, fromBase64url(session.bind))
  if (present !== null && !other && !equalBytes(present.genesisHash, genesisHash))
    throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
  const again = present !== null && !other && present.keys.id === keys.id
  await keychain.update((staged) => {
    const mode = falselyEnded ? 'trusted' : again ? present.mode : 'pending'
    staged.setIdentity({
      server,
      serverId: info.serverId,
      email,
      account,
      genesisHash,
      deviceName: again ? present.deviceName : deviceName,
      token: session.token,
      mode,
      removal: null,
      keys,
    })
    stagePasswordKeys(staged, signedIn.passwordKeys)
    if (again) return
    forgetOwnPasscode(staged)
    staged.forgetCircle()
    staged.setKeys(new Map(), new Map())
    staged.setLog(null)
    staged.setJoin(null)
    if (other && details.copy === 'discard') return staged.clearItems()
    for (const entry of keychain.index.values()) staged.setEntry({ ...entry, unconfirmed: true, recordHash: null, state: 'ok' })
  })
}
