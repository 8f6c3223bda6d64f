/**
 * Off on all devices (D3, SPEC LIF-6): the others are removed, this one leaves as the last, and the server removes the keychain. What the
 * others keep of it is theirs: a copy stays with them or goes, as with every removal.
 */
import { isNokkelError, NokkelError, toBase64url } from '@nokkel/base'
import { makeLeave } from '@nokkel/protocol'
import { sessionOf, type LocalKeychain, type ServerApi, type SyncEngine } from '@nokkel/sync'

const attemptsMax = 5

/** Throws `circle-moved` when other devices keep joining, and what the network throws. Repeatable after a lost answer. */
export async function turnOffEverywhere(
  keychain: LocalKeychain,
  api: ServerApi,
  engine: SyncEngine,
  copy: 'keep' | 'delete',
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    // the first round after a lost answer finds this device's own leave, and ends here
    await engine.round({ scope: 'full' }).catch((error: unknown) => {
      if (!isNokkelError(error, 'keychain-off')) throw error
    })
    if (keychain.identity?.mode === 'off') break
    const { identity, circle } = keychain.requireTrusted()
    const others = circle.activeDevices().flatMap(({ id }) => (id === identity.keys.id ? [] : [id]))
    if (others.length > 0) await engine.rotate({ devices: others, disposition: copy })
    const present = keychain.requireTrusted().circle
    const entry = makeLeave(present, identity.keys, keychain.nowMs())
    try {
      await api.keychainOff(sessionOf(identity), { entry: toBase64url(entry), expectedHead: toBase64url(present.head) })
    } catch (error) {
      if (attempt >= attemptsMax || !isNokkelError(error, 'circle-moved', 'conflict')) throw error
      continue
    }
    const closed = present.extend([entry])
    await keychain.update((staged) => {
      if (staged.circle === null || staged.circle.seq >= closed.seq) return
      staged.setCircle(closed, [...keychain.circleEntries, entry])
    })
    break
  }
  const { identity } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  await keychain.update((staged) => {
    staged.setIdentity({ ...identity, mode: 'off', token: null })
    staged.setKeys(new Map(), new Map())
    if (copy === 'delete') staged.clearItems()
  })
}
