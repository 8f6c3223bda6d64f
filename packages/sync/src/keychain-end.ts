/**
 * The account's keychain is no more (D4, SPEC LIF-5): this device learns of it, says so, and stops. Nothing of its copy is touched, and its
 * keys stay, because the server's word alone must not be able to take anything away. Who did it is said only when a device of the old
 * circle signed for it.
 */
import { equalBytes, fromBase64url, isNokkelError, parseId, type Bytes, type DeviceId } from '@nokkel/base'
import { describeEntry, isSignedBy, labels, resetBody, signedHash, type Circle } from '@nokkel/protocol'
import type { LocalKeychain } from './local-keychain.ts'
import type { ServerApi } from './server-api.ts'
import { sessionOf, syncCircle, type NameOf } from './sync-circle.ts'

type End = NonNullable<Awaited<ReturnType<ServerApi['session']>>['end']>

/** Asks the server whether the keychain ended. Does nothing when it did not, or when nobody can be asked. */
export async function noteKeychainEnd(keychain: LocalKeychain, api: ServerApi, nameOf: NameOf): Promise<void> {
  const { identity } = keychain
  if (identity === null || identity.token === null || identity.mode !== 'trusted') return
  let end: End | null
  try {
    const answer = await api.session(sessionOf(identity))
    end = answer.state === 'ended' ? answer.end : null
  } catch (error) {
    if (isNokkelError(error)) return
    throw error
  }
  // the last device's own leave is in its circle, and tells it more than this
  if (end === null || end.kind !== 'reset') return
  // the signature names the circle's last head, which this device may not have heard of
  await syncCircle(keychain, api, nameOf).catch((error: unknown) => {
    if (!isNokkelError(error)) throw error
  })
  const { circle } = keychain
  if (circle === null) return
  const by = end.deviceId === null ? null : parseId<DeviceId>(end.deviceId)
  // this very device did it and has not heard the answer: whoever signs in again here finishes it (LIF-4)
  if (by === identity.keys.id) return
  const known = by !== null && isEndorsed(circle, by, end)
  const byName = known ? nameOf(by) : ''
  const timeMs = end.timeMs
  await keychain.update((staged) => {
    if (staged.identity?.mode !== 'trusted' || staged.identity.account !== identity.account) return
    staged.setIdentity({
      ...staged.identity,
      mode: 'reset',
      token: null,
      removal: { by: known ? by : identity.keys.id, byName, timeMs, disposition: 'keep' },
    })
    staged.notify('keychain-reset', { by: byName, known }, timeMs)
  })
}

/** Did a member of the circle, as this device knows it, sign for the new one? */
function isEndorsed(circle: Circle, by: DeviceId, end: End): boolean {
  if (end.genesis === null || end.endorsement === null || !circle.isActive(by)) return false
  const signKey = circle.devices.get(by)?.signKey
  if (signKey === undefined) return false
  let genesis: Bytes
  try {
    genesis = fromBase64url(end.genesis)
    const { payload } = describeEntry(genesis).entry
    if (payload.type !== 'genesis' || payload.replaces?.account !== circle.account || !equalBytes(payload.replaces.head, circle.head))
      return false
  } catch (error) {
    if (isNokkelError(error)) return false
    throw error
  }
  const body = resetBody({ account: circle.account, head: circle.head, newGenesisHash: signedHash(genesis) })
  return isSignedBy({ body, signer: by, signature: fromBase64url(end.endorsement) }, labels.reset, signKey)
}
