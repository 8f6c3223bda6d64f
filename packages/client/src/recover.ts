/**
 * Coming back without any other device (F6, F10, SPEC RCV-2): a way back opens its bundle and signs one entry that lets this device in.
 * What the server shows is believed only where it hangs together with the password, the circle's signatures and the bundle:
 * the circle must be the one that was made with the password and go on from the head in the bundle (A16), the bundle must be signed by a
 * device that was a member there, and its key must be the one that the circle commits to.
 */
import { equalBytes, encodeCbor, fromBase64url, idToBytes, isNokkelError, NokkelError, type Random } from '@nokkel/base'
import { destroyMember, isMember, memberName, openBundle, readBundle, type BundleContent, type RecoveryMember } from '@nokkel/escrow'
import {
  accountKeyCommitment,
  Circle,
  logStart,
  makeRecover,
  recoveryMemberName,
  type AccountKey,
  type RecoveryRecord,
} from '@nokkel/protocol'
import { sessionOf, syncKeys, type Identity, type LocalKeychain, type ServerApi } from '@nokkel/sync'

const attemptsMax = 6

/** Throws `recovery-key-unknown` when the circle has no such way back. Destroys `member`. */
export async function recoverWith(keychain: LocalKeychain, api: ServerApi, random: Random, member: RecoveryMember): Promise<void> {
  const { identity } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  if (identity.mode === 'trusted') throw new NokkelError('already-trusted')
  if (identity.mode !== 'pending') throw new NokkelError('not-signed-in')
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await tryOnce(keychain, api, random, identity, member)
      } catch (error) {
        if (attempt >= attemptsMax || !isNokkelError(error, 'circle-moved')) throw error
      }
    }
  } finally {
    destroyMember(member)
  }
}

async function tryOnce(keychain: LocalKeychain, api: ServerApi, random: Random, identity: Identity, member: RecoveryMember): Promise<void> {
  const session = sessionOf(identity)
  const entries = await api.recoveryCircle(session)
  const circle = Circle.replay(entries)
  if (!equalBytes(circle.genesisHash, identity.genesisHash)) throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
  const self = circle.devices.get(identity.keys.id)
  // let in by an earlier try whose answer was lost
  const isIn = self?.status === 'active' && equalBytes(self.signKey, identity.keys.sign.publicKey)
  const recovery = [...circle.recoveries.values()].find((candidate) => isMember(member, candidate))
  if (recovery === undefined && !isIn) throw new NokkelError('recovery-key-unknown')
  const vault = [...circle.vaults.keys()][0]
  if (vault === undefined) throw new NokkelError('circle-invalid', { rule: 'CIR-1' })
  if (isIn) return enter(keychain, api, identity, circle, entries, vault, null)
  const { key, content } = await openOwnBundle(api, identity, circle, member)
  const slot = (recovery as RecoveryRecord).slot
  const { entry, share } = makeRecover(random, circle, { slot, sign: member.sign }, identity.keys, key, keychain.nowMs())
  const next = circle.extend([entry])
  await api.recover(session, { expectedHead: circle.head, entry, shares: [share], wraps: [] })
  await enter(keychain, api, identity, next, [...entries, entry], vault, content)
}

async function openOwnBundle(
  api: ServerApi,
  identity: Identity,
  circle: Circle,
  member: RecoveryMember,
): Promise<{ readonly key: AccountKey; readonly content: BundleContent }> {
  const name = recoveryMemberName(member.sign.publicKey)
  const { bundles } = await api.recoveryBundles(sessionOf(identity))
  const encoded = bundles.find((bundle) => bundle.member === name)?.bundle
  if (encoded === undefined) throw new NokkelError('share-invalid', { rule: 'RCV-2', what: 'missing' })
  const bundle = readBundle(fromBase64url(encoded))
  const { from, head, generation } = bundle.header
  const signKey = circle.devices.get(from)?.signKey
  if (signKey === undefined || !circle.wasActiveAt(from, head.seq))
    throw new NokkelError('share-invalid', { rule: 'RCV-2', what: 'signer' })
  const content = openBundle(bundle, member, { account: circle.account, member: memberName(member.sign.publicKey) }, signKey)
  // only now is the head the word of a member: the server must not show less, or other, than that member saw
  const seen = circle.hashAt(head.seq)
  if (seen === undefined) throw new NokkelError('circle-rolled-back', { seq: head.seq })
  if (!equalBytes(seen, head.hash)) throw new NokkelError('circle-forked', { seq: head.seq })
  const key = content.accountKeys.find((candidate) => candidate.generation === generation)
  // older than the circle's key: the device that changed it has not laid down the new bundle yet
  if (key === undefined || generation !== circle.accountKey.generation) throw new NokkelError('recovery-stale')
  if (!equalBytes(accountKeyCommitment(key), circle.accountKey.commitment)) throw new NokkelError('share-invalid', { rule: 'KEY-5' })
  return { key, content }
}

/** Trusted from here on; what the bundle says of the log is held against the first pull, as after an approval. */
async function enter(
  keychain: LocalKeychain,
  api: ServerApi,
  identity: Identity,
  circle: Circle,
  entries: Awaited<ReturnType<ServerApi['recoveryCircle']>>,
  vault: Parameters<Circle['epochAt']>[0],
  content: BundleContent | null,
): Promise<void> {
  const logs = (content?.logs ?? []).map((log) => [idToBytes(log.vault), log.seq, log.hash])
  await keychain.update((staged) => {
    staged.setIdentity({ ...identity, mode: 'trusted' })
    staged.setCircle(circle, entries)
    staged.setLog({ vault, ...logStart(circle), incarnation: null, lastSyncMs: null })
    staged.setJoin(null)
    staged.putState('join-runs', null)
    staged.putState('admission', encodeCbor([circle.seq, circle.head, logs]))
  })
  await syncKeys(keychain, api, sessionOf(identity), circle)
}
