/**
 * Reset (D4, SPEC LIF-4): a new circle and a new keychain in place of the account's present one, with this device's items or with none. It
 * is also how the keychain is turned on again after it was off everywhere (D3).
 *
 * The new keys are stored here before the server hears of them, in a row of their own, so that the old keychain stays usable until the
 * server has said yes, and nothing is lost when the answer is: the next try finds out by signing in whether the first one went through.
 */
import {
  CborReader,
  decodeOwnCbor,
  encodeCbor,
  equalBytes,
  fromBase64url,
  fromHex,
  idToBytes,
  newId,
  NokkelError,
  readId,
  Secret,
  toBase64url,
  type AccountId,
  type Bytes,
  type DeviceId,
  type VaultId,
} from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import {
  Circle,
  createDeviceKeys,
  describeEntry,
  labels,
  logStart,
  makeGenesis,
  resetBody,
  signInProofBody,
  startRegistration,
  startSignIn,
  type AccountKey,
  type PasswordKeys,
  type VaultKey,
} from '@nokkel/protocol'
import { decodeIdentity, encodeIdentity, sessionOf, vaultKeyName, type Identity, type LocalKeychain, type ServerApi } from '@nokkel/sync'
import { forgetEscrow, stagePasswordKeys } from './escrow-rows.ts'
import type { Platform } from './platform.ts'
import { putDeviceItem } from './sign-up.ts'

const row = 'reset'

export interface ResetDetails {
  /** of the account; it becomes the new keychain's as well */
  readonly password: string
  readonly from: 'device' | 'nothing'
}

/** The new keychain, not yet in force. */
interface Replacement {
  readonly identity: Identity
  readonly entry: Bytes
  readonly accountKey: AccountKey
  readonly vaultKey: VaultKey
  readonly shares: readonly Bytes[]
  readonly wraps: readonly Bytes[]
  readonly from: ResetDetails['from']
}

const entryBytes = 65_536

function encodeReplacement(replacement: Replacement): Bytes {
  const { identity, entry, accountKey, vaultKey, shares, wraps, from } = replacement
  return encodeCbor([
    encodeIdentity(identity),
    entry,
    [accountKey.generation, accountKey.secret.reveal()],
    [idToBytes(vaultKey.vault), vaultKey.epoch, vaultKey.secret.reveal()],
    [...shares],
    [...wraps],
    from === 'device',
  ])
}

function decodeReplacement(bytes: Bytes): Replacement {
  const reader = new CborReader(decodeOwnCbor(bytes), 'reset')
  const identity = decodeIdentity(reader.bytesUpTo(entryBytes))
  const entry = reader.bytesUpTo(entryBytes)
  const account = reader.tuple()
  const accountKey = { generation: account.uint(), secret: new Secret(account.bytes(32)) }
  const vault = reader.tuple()
  const vaultKey = { vault: readId<VaultId>(vault), epoch: vault.uint(), secret: new Secret(vault.bytes(32)) }
  const list = (): Bytes[] => reader.list(64, (r) => r.bytesUpTo(entryBytes))
  const shares = list()
  const wraps = list()
  return { identity, entry, accountKey, vaultKey, shares, wraps, from: reader.bool() ? 'device' : 'nothing' }
}

/** Throws `sign-in-failed` for a wrong password, `circle-moved` when another device was quicker, and what the network throws. */
export async function resetKeychain(keychain: LocalKeychain, api: ServerApi, platform: Platform, details: ResetDetails): Promise<void> {
  const { identity } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  if (identity.mode !== 'trusted' && identity.mode !== 'pending')
    throw new NokkelError(identity.mode === 'removed' ? 'device-removed' : 'not-signed-in')
  const earlier = await readReplacement(keychain)
  const { session, passwordKeys: signedInKeys } = await accountOfPassword(api, identity, details.password, earlier)
  if (earlier !== null && session !== null) return promote(keychain, earlier, session, signedInKeys)
  const head = await presentHead(keychain, api, identity)
  const replacement =
    earlier !== null && earlier.from === details.from && replacesHead(earlier, head)
      ? earlier
      : prepare(platform, identity, head, details.from)
  await keychain.update((staged) => staged.putState(row, encodeReplacement(replacement)))
  const circle = Circle.replay([replacement.entry])
  const registration = await startRegistration(details.password)
  const { registrationResponse } = await api.accountStart({
    accountId: replacement.identity.account,
    email: identity.email,
    registrationRequest: registration.registrationRequest,
  })
  const { registrationRecord, bind, passwordKeys } = registration.finish(
    registrationResponse,
    { account: replacement.identity.account, serverId: identity.serverId },
    circle.genesisHash,
  )
  const endorsement =
    identity.mode === 'trusted'
      ? sign(identity.keys.sign, labels.reset, resetBody({ account: identity.account, head, newGenesisHash: circle.genesisHash }))
      : null
  const { token } = await api.keychainReplace(sessionOf(identity), {
    accountId: replacement.identity.account,
    email: identity.email,
    registrationRecord,
    bind: toBase64url(bind),
    region: null,
    phone: null,
    genesis: toBase64url(replacement.entry),
    shares: replacement.shares.map(toBase64url),
    wraps: replacement.wraps.map(toBase64url),
    endorsement: endorsement === null ? null : toBase64url(endorsement),
  })
  await promote(keychain, replacement, token, passwordKeys)
}

/** Did an earlier try go through, and only its answer get lost? Then this finishes it. */
export async function finishReset(keychain: LocalKeychain, api: ServerApi, password: string): Promise<boolean> {
  const { identity } = keychain
  const earlier = await readReplacement(keychain)
  if (identity === null || earlier === null) return false
  const { session, passwordKeys } = await accountOfPassword(api, identity, password, earlier)
  if (session !== null) await promote(keychain, earlier, session, passwordKeys)
  return session !== null
}

async function readReplacement(keychain: LocalKeychain): Promise<Replacement | null> {
  const bytes = await keychain.store.get('state', row)
  return bytes === undefined ? null : decodeReplacement(bytes)
}

/**
 * Signs in, to have the password checked before anything is thrown away. Where an earlier try went through after all, that is this account
 * already, and the session is the new device's.
 */
async function accountOfPassword(
  api: ServerApi,
  identity: Identity,
  password: string,
  earlier: Replacement | null,
): Promise<{ readonly session: string | null; readonly passwordKeys: PasswordKeys }> {
  const start = await startSignIn(password)
  const { loginId, accountId, loginResponse } = await api.signInStart({
    email: identity.email,
    startLoginRequest: start.startLoginRequest,
  })
  const account = accountId as AccountId
  const signedIn = start.finish(loginResponse, { account, serverId: identity.serverId })
  const { passwordKeys } = signedIn
  if (earlier === null || account !== earlier.identity.account) return { session: null, passwordKeys }
  const { keys } = earlier.identity
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
  signedIn.checkBind(fromBase64url(session.genesisHash), fromBase64url(session.bind))
  if (!equalBytes(fromBase64url(session.genesisHash), earlier.identity.genesisHash))
    throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
  return { session: session.token, passwordKeys }
}

async function presentHead(keychain: LocalKeychain, api: ServerApi, identity: Identity): Promise<Bytes> {
  if (identity.mode === 'trusted' && keychain.circle !== null) return keychain.circle.head
  const { circleHead } = await api.session(sessionOf(identity))
  if (circleHead === null) throw new NokkelError('server-too-old')
  return fromBase64url(circleHead)
}

function replacesHead(replacement: Replacement, head: Bytes): boolean {
  const { payload } = describeEntry(replacement.entry).entry
  return payload.type === 'genesis' && payload.replaces !== null && equalBytes(payload.replaces.head, head)
}

function prepare(platform: Platform, identity: Identity, head: Bytes, from: ResetDetails['from']): Replacement {
  const keys = createDeviceKeys(platform.random, newId<DeviceId>(platform.random), platform.deviceClass)
  const made = makeGenesis(platform.random, keys, newId<VaultId>(platform.random), platform.clock.nowMs(), {
    account: identity.account,
    head,
  })
  return {
    identity: {
      ...identity,
      account: made.account,
      genesisHash: Circle.replay([made.entry]).genesisHash,
      mode: 'trusted',
      token: null,
      removal: null,
      keys,
    },
    entry: made.entry,
    accountKey: made.accountKey,
    vaultKey: made.vaultKey,
    shares: made.shares,
    wraps: made.wraps,
    from,
  }
}

/** One commit: from now on this is the keychain. Items that stay count as not yet seen by the new log, and are pushed. */
async function promote(keychain: LocalKeychain, replacement: Replacement, token: string, passwordKeys: PasswordKeys): Promise<void> {
  const { identity, entry, accountKey, vaultKey, from } = replacement
  const circle = Circle.replay([entry])
  await keychain.update((staged) => {
    staged.setIdentity({ ...identity, token })
    staged.forgetCircle()
    staged.setCircle(circle, [entry])
    staged.setKeys(new Map([[accountKey.generation, accountKey]]), new Map([[vaultKeyName(vaultKey.vault, vaultKey.epoch), vaultKey]]))
    staged.setLog({ vault: vaultKey.vault, ...logStart(circle), incarnation: null, lastSyncMs: null })
    staged.setJoin(null)
    staged.putState('admission', null)
    staged.putState(row, null)
    forgetEscrow(staged)
    stagePasswordKeys(staged, passwordKeys)
    if (from === 'nothing') staged.clearItems()
    else
      for (const known of keychain.index.values()) staged.setEntry({ ...known, unconfirmed: true, recordHash: null, epoch: 0, state: 'ok' })
    putDeviceItem(staged, identity.keys.id, identity.deviceName)
  })
}
