/** What a device that proved the password is to this account. Pure. */
import { equalBytes, type DeviceId } from '@nokkel/base'
import type { Circle } from '@nokkel/protocol/wire'

/**
 * `active`: a member with this key. `ended`: was one. `stranger`: may wait for approval. `impostor`: claims the id of a member with
 * another key, and would otherwise take that member's session away.
 */
export type Standing = 'active' | 'ended' | 'stranger' | 'impostor'

export function standingOf(circle: Circle, device: DeviceId, signKey: Uint8Array): Standing {
  const known = circle.devices.get(device)
  if (known === undefined) return 'stranger'
  if (known.status !== 'active') return 'ended'
  return equalBytes(known.signKey, signKey) ? 'active' : 'impostor'
}
