/** May this keychain end, and does the new one rightly take its place? Pure (SPEC LIF-4 … LIF-6). */
import { equalBytes, NokkelError, type Bytes, type DeviceId } from '@nokkel/base'
import { describeEntry, isSignedBy, labels, resetBody, type Circle } from '@nokkel/protocol/wire'
import type { Founding } from './genesis.ts'

export interface ResetRequest {
  readonly device: DeviceId
  /** a member asks, or somebody who has only signed in */
  readonly member: boolean
  readonly founding: Founding
  readonly genesis: Bytes
  readonly endorsement: Bytes | null
}

/**
 * The new circle must name the old one at its present head, so that of two resets at once the second is refused (`circle-moved`). A member
 * must sign; somebody who has only signed in cannot.
 */
export function ensureReset(circle: Circle, request: ResetRequest): void {
  const { payload } = describeEntry(request.genesis).entry
  if (payload.type !== 'genesis' || payload.replaces === null || payload.replaces.account !== circle.account)
    throw new NokkelError('circle-invalid', { rule: 'LIF-4' })
  if (!equalBytes(payload.replaces.head, circle.head)) throw new NokkelError('circle-moved', { seq: circle.seq })
  if (!request.member) {
    if (request.endorsement !== null) throw new NokkelError('signature-invalid', { what: 'endorsement' })
    return
  }
  const signKey = circle.devices.get(request.device)?.signKey
  const body = resetBody({ account: circle.account, head: circle.head, newGenesisHash: request.founding.circle.genesisHash })
  if (
    signKey === undefined ||
    request.endorsement === null ||
    !isSignedBy({ body, signer: request.device, signature: request.endorsement }, labels.reset, signKey)
  )
    throw new NokkelError('signature-invalid', { what: 'endorsement' })
}

/** The circle after the last device left. Throws `conflict` while others are in it: they must be asked, or leave, first (D3). */
export function closeCircle(circle: Circle, entry: Bytes, expectedHead: Bytes, device: DeviceId): Circle {
  if (!equalBytes(expectedHead, circle.head)) throw new NokkelError('circle-moved', { seq: circle.seq })
  const { entry: described, signer } = describeEntry(entry)
  if (signer !== device || described.payload.type !== 'leave') throw new NokkelError('circle-invalid', { rule: 'LIF-6' })
  if (circle.activeDevices().length > 1) throw new NokkelError('conflict', { seq: circle.seq })
  return circle.extend([entry])
}
