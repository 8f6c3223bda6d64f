/** What devices in browsers may do (SPEC CIR-23): read, changed, and asked before anything is begun that it forbids. */
import { NokkelError, type DeviceId } from '@nokkel/base'
import { makePolicy, type ClassPolicy, type DeviceClass } from '@nokkel/protocol'
import { appendToCircle, type LocalKeychain, type NameOf, type ServerApi, type SyncEngine } from '@nokkel/sync'

/** Throws `policy-forbids` on a device that may not change who is in the circle or how one comes back to it. */
export function ensureMayChangeMembership(keychain: LocalKeychain): void {
  const { circle, identity } = keychain.requireTrusted()
  if (circle.isActive(identity.keys.id) && circle.reachOf(identity.keys.id) !== 'full')
    throw new NokkelError('policy-forbids', { class: identity.keys.class })
}

/** Throws `policy-forbids` where no device of that kind is let in. The circle itself holds to it, whatever a request called itself. */
export function ensureMayEnter(keychain: LocalKeychain, kind: DeviceClass): void {
  const { circle } = keychain.requireTrusted()
  if (kind !== 'cli' && circle.policy[kind] === 'off') throw new NokkelError('policy-forbids', { class: kind })
}

export function readClassPolicy(keychain: LocalKeychain): ClassPolicy {
  return keychain.requireTrusted().circle.policy
}

/**
 * `remove` ends the devices of a class that goes off, as a removal does (B3); asked again when another came in meanwhile. Throws
 * `policy-forbids` on a device that is limited, or would limit itself. The caller has pulled everything.
 */
export async function setClassPolicy(
  keychain: LocalKeychain,
  api: ServerApi,
  nameOf: NameOf,
  wanted: Partial<ClassPolicy>,
  engine: SyncEngine,
  remove: (devices: readonly DeviceId[]) => Promise<void>,
): Promise<void> {
  ensureMayChangeMembership(keychain)
  const { identity } = keychain.requireTrusted()
  const policy = { ...readClassPolicy(keychain), ...wanted }
  const { class: own } = identity.keys
  if (own !== 'cli' && policy[own] !== 'full') throw new NokkelError('policy-forbids', { class: own })
  const ofClosedClass = (): DeviceId[] =>
    keychain
      .requireTrusted()
      .circle.activeDevices()
      .flatMap((device) => (device.class !== 'cli' && policy[device.class] === 'off' ? [device.id] : []))
  if (ofClosedClass().length > 0) await remove(ofClosedClass())
  await appendToCircle(
    keychain,
    api,
    nameOf,
    (circle) => {
      if (circle.policy.web === policy.web && circle.policy.extension === policy.extension) return null
      return { entry: makePolicy(circle, identity.keys, policy, keychain.nowMs()), shares: [], wraps: [] }
    },
    // a lost race: another of that class may have come in, or have limited this one
    async () => {
      await engine.round({ scope: 'full' })
      ensureMayChangeMembership(keychain)
      if (ofClosedClass().length > 0) await remove(ofClosedClass())
    },
  )
}
