/**
 * Off on this device (D2), and on all of them (D3, SPEC LIF-6): there the others are removed, this one leaves as the last, and the server removes the keychain. What the
 * others keep of it is theirs: a copy stays with them or goes, as with every removal.
 */
import { isNokkelError, NokkelError, toBase64url } from '@nokkel/base'
import { makeLeave } from '@nokkel/protocol'
import {
  appendToCircle,
  applyLeave,
  noteLeaving,
  sessionOf,
  type LocalKeychain,
  type NameOf,
  type ServerApi,
  type SyncEngine,
} from '@nokkel/sync'
import { ensureMayChangeMembership } from './class-policy.ts'

const attemptsMax = 5

/** Throws `circle-moved` when other devices keep joining, and what the network throws. Repeatable after a lost answer. */
export async function turnOffEverywhere(
  keychain: LocalKeychain,
  api: ServerApi,
  engine: SyncEngine,
  copy: 'keep' | 'delete',
): Promise<void> {
  await noteLeaving(keychain, copy)
  for (let attempt = 0; ; attempt++) {
    // the first round after a lost answer finds this device's own leave, and ends here
    await engine.round({ scope: 'full' }).catch((error: unknown) => {
      if (!isNokkelError(error, 'keychain-off')) throw error
    })
    if (keychain.identity?.mode === 'off') break
    const { identity, circle } = keychain.requireTrusted()
    const others = circle.activeDevices().flatMap(({ id }) => (id === identity.keys.id ? [] : [id]))
    if (others.length > 0) {
      ensureMayChangeMembership(keychain)
      await engine.rotate({ devices: others, disposition: copy })
    }
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
  await keychain.update((staged) => applyLeave(staged, copy))
}

/** Throws `last-device`, and what the network throws. Repeatable, wherever it was cut off. */
export async function turnOffHere(
  keychain: LocalKeychain,
  api: ServerApi,
  engine: SyncEngine,
  nameOf: NameOf,
  copy: 'keep' | 'delete',
): Promise<void> {
  const { identity, circle } = keychain.requireTrusted()
  const self = identity.keys.id
  if (circle.isActive(self)) {
    if (circle.activeDevices().length === 1) throw new NokkelError('last-device')
    await noteLeaving(keychain, copy)
    try {
      // nothing of this device may be left behind unsent
      await engine.round({ scope: 'full' })
      await appendToCircle(keychain, api, nameOf, (present) => {
        if (!present.isActive(self)) return null
        if (present.activeDevices().length === 1) throw new NokkelError('last-device')
        return { entry: makeLeave(present, identity.keys, keychain.nowMs()), shares: [], wraps: [] }
      })
    } catch (error) {
      // an earlier try went through, and its answer was lost: the circle says so, and what was chosen is done
      if (!isNokkelError(error, 'keychain-off') || !hasLeft(keychain)) throw error
    }
  }
  await keychain.update((staged) => applyLeave(staged, copy))
}

function hasLeft({ identity, circle }: LocalKeychain): boolean {
  return identity?.mode === 'off' && circle?.devices.get(identity.keys.id)?.status === 'left'
}
