/**
 * Bundles of the ways back (SPEC RCV-1): the account key and how far circle and log had come, sealed to each way back and signed by this
 * device. Made anew when the account key changes and every week, by whichever device notices first; no code and no key is needed for it.
 */
import { decodeOwnCbor, encodeCbor, CborReader, fromBase64url, isNokkelError, toBase64url, type Bytes, type Random } from '@nokkel/base'
import { memberName, readBundle, sealBundle } from '@nokkel/escrow'
import { recoveryMemberName, type RecoveryRecord } from '@nokkel/protocol'
import { sessionOf, type LocalKeychain, type ServerApi } from '@nokkel/sync'

const row = 'bundles-sealed'
const renewAfterMs = 7 * 24 * 3_600_000

export function sealBundleFor(keychain: LocalKeychain, random: Random, recovery: Pick<RecoveryRecord, 'kemKey' | 'signKey'>): Bytes | null {
  const { identity, circle, log, account } = keychain.requireTrusted()
  const key = keychain.accountKeys.get(circle.accountKey.generation)
  // between a rotation and its key: the next round has it
  if (key === undefined) return null
  const header = {
    account,
    from: identity.keys.id,
    member: memberName(recovery.signKey),
    generation: key.generation,
    head: { seq: circle.seq, hash: circle.head },
  }
  const logs = [{ vault: log.vault, seq: log.seq, hash: log.hash, stateRoot: null }]
  return sealBundle(random, identity.keys.sign, recovery.kemKey, header, { accountKeys: [key], logs })
}

export async function putBundle(
  keychain: LocalKeychain,
  api: ServerApi,
  random: Random,
  recovery: Pick<RecoveryRecord, 'kemKey' | 'signKey'>,
): Promise<void> {
  const bundle = sealBundleFor(keychain, random, recovery)
  if (bundle === null) return
  await api.recoveryBundle(sessionOf(keychain.requireTrusted().identity), {
    member: recoveryMemberName(recovery.signKey),
    bundle: toBase64url(bundle),
  })
}

/** Lays down what is missing, sealed under an older account key, or a week old. */
export async function renewBundles(keychain: LocalKeychain, api: ServerApi, random: Random): Promise<void> {
  const { identity, circle } = keychain.requireTrusted()
  const recoveries = [...circle.recoveries.values()]
  if (recoveries.length === 0) return
  const nowMs = keychain.nowMs()
  const sealedMs = await readSealed(keychain, circle.accountKey.generation)
  if (sealedMs !== null && nowMs - sealedMs < renewAfterMs && sealedMs <= nowMs) return
  const { bundles } = await api.recoveryBundles(sessionOf(identity))
  const generations = new Map(bundles.map(({ member, bundle }) => [member, generationOf(bundle)]))
  for (const recovery of recoveries) {
    const known = generations.get(recoveryMemberName(recovery.signKey)) ?? 0
    if (known < circle.accountKey.generation || sealedMs !== null) await putBundle(keychain, api, random, recovery)
  }
  await keychain.update((staged) => staged.putState(row, encodeCbor([circle.accountKey.generation, nowMs])))
}

/** When this device last looked after the bundles of this generation; null: never. */
async function readSealed(keychain: LocalKeychain, generation: number): Promise<number | null> {
  const bytes = await keychain.store.get('state', row)
  if (bytes === undefined) return null
  const reader = new CborReader(decodeOwnCbor(bytes), row)
  return reader.uint() === generation ? reader.uint() : null
}

function generationOf(bundle: string): number {
  try {
    return readBundle(fromBase64url(bundle)).header.generation
  } catch (error) {
    // somebody put rubbish there: it is replaced
    if (isNokkelError(error)) return 0
    throw error
  }
}
