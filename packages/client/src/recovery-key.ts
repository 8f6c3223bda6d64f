/** The recovery key of the account (F10): made, checked without a network, replaced, revoked. The key itself is kept nowhere. */
import { newId, NokkelError, type Random, type RequestId } from '@nokkel/base'
import { destroyMember, generateRecoveryKey, isMember, parseRecoveryKey, publicMember, type RecoveryMember } from '@nokkel/escrow'
import { keySlotOf, makeRecoveryAdd, makeRecoveryRemove, type RecoveryRecord } from '@nokkel/protocol'
import { appendToCircle, type LocalKeychain, type NameOf, type ServerApi } from '@nokkel/sync'
import { putBundle, renewBundles } from './recovery-bundles.ts'

/** Throws `recovery-key-invalid` (params `fault`, `at`, `length`): a slip that was found here, without asking anybody. */
export function readRecoveryKey(text: string): RecoveryMember {
  const parsed = parseRecoveryKey(text)
  if (parsed.fault === null) return parsed.member
  throw new NokkelError('recovery-key-invalid', {
    reason: parsed.fault,
    ...(parsed.fault === 'character' && { at: parsed.at + 1 }),
    ...(parsed.fault === 'length' && { length: parsed.length }),
  })
}

/** The new key, in groups. Throws `recovery-key-exists` unless `replace`. */
export async function createRecoveryKey(
  keychain: LocalKeychain,
  api: ServerApi,
  random: Random,
  nameOf: NameOf,
  replace: boolean,
): Promise<string> {
  const { account } = keychain.requireTrusted()
  const slot = keySlotOf(account)
  const text = generateRecoveryKey(random)
  const member = readRecoveryKey(text)
  const recovery: RecoveryRecord = { slot, registration: newId<RequestId>(random), ...publicMember(member), escrow: null }
  destroyMember(member)
  const ensureFree = (taken: boolean): void => {
    if (taken && !replace) throw new NokkelError('recovery-key-exists')
  }
  ensureFree(keychain.requireTrusted().circle.recoveries.has(slot))
  // before the entry: a way back that is open must open something
  await putBundle(keychain, api, random, recovery)
  await appendToCircle(keychain, api, nameOf, (circle) => {
    ensureFree(circle.recoveries.has(slot))
    const { identity } = keychain.requireTrusted()
    return { entry: makeRecoveryAdd(circle, identity.keys, recovery, keychain.nowMs()), shares: [], wraps: [] }
  })
  await renewBundles(keychain, api, random)
  return text
}

/** Would this key bring the person back, as the circle stands here? Nothing is sent. */
export function checkRecoveryKey(keychain: LocalKeychain, text: string): boolean {
  const { circle, account } = keychain.requireTrusted()
  const member = readRecoveryKey(text)
  const present = circle.recoveries.get(keySlotOf(account))
  const fits = present !== undefined && isMember(member, present)
  destroyMember(member)
  return fits
}

export async function revokeRecoveryKey(keychain: LocalKeychain, api: ServerApi, nameOf: NameOf): Promise<boolean> {
  return appendToCircle(keychain, api, nameOf, (circle) => {
    const { identity, account } = keychain.requireTrusted()
    const slot = keySlotOf(account)
    if (!circle.recoveries.has(slot)) return null
    return { entry: makeRecoveryRemove(circle, identity.keys, slot, keychain.nowMs()), shares: [], wraps: [] }
  })
}
