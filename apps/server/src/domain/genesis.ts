/** May this genesis found an account? Pure: everything that the server can check without a key (SPEC CIR-1 … CIR-4, KEY-8). */
import { NokkelError, type AccountId, type Bytes } from '@nokkel/base'
import { Circle, decodeWrap, verifyShare, type CircleDevice } from '@nokkel/protocol/wire'
import type { ShareRow, WrapRow } from '../store/store.ts'

export interface Founding {
  readonly circle: Circle
  readonly device: CircleDevice
  readonly shares: readonly ShareRow[]
  readonly wraps: readonly WrapRow[]
}

/** Throws `circle-invalid`, `circle-mismatch` (not the account that was registered), `share-invalid` or `malformed`. */
export function checkGenesis(account: AccountId, genesis: Bytes, shares: readonly Bytes[], wraps: readonly Bytes[]): Founding {
  const circle = Circle.replay([genesis])
  if (circle.account !== account) throw new NokkelError('circle-mismatch')
  const [device] = circle.activeDevices()
  const [encodedShare] = shares
  if (device === undefined || encodedShare === undefined || shares.length !== 1) throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  const share = verifyShare(circle, encodedShare)
  if (share.to !== device.id || share.generation !== circle.accountKey.generation) throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  return {
    circle,
    device,
    shares: [{ deviceId: share.to, generation: share.generation, share: encodedShare }],
    wraps: checkWraps(circle, wraps, false),
  }
}

/**
 * Exactly the wraps that the circle's newest generation needs: each vault's current key under the account key, and, after a
 * rotation, each vault's key before under the current one (SPEC KEY-9, KEY-10). Throws `share-invalid`.
 */
export function checkWraps(circle: Circle, encoded: readonly Bytes[], withPrevious: boolean): WrapRow[] {
  const wanted = new Set<string>()
  for (const vault of circle.vaults.values()) {
    const epoch = vault.epochs.at(-1)?.epoch ?? 0
    wanted.add(`vault ${vault.id} ${epoch} ${circle.accountKey.generation}`)
    if (withPrevious) wanted.add(`previous ${vault.id} ${epoch - 1} ${epoch}`)
  }
  const rows = encoded.map((bytes) => {
    const wrap = decodeWrap(bytes)
    if (wrap.account !== circle.account || !wanted.delete(`${wrap.kind} ${wrap.vault} ${wrap.epoch} ${wrap.under}`))
      throw new NokkelError('share-invalid', { rule: 'KEY-9' })
    return { vaultId: wrap.vault, kind: wrap.kind, epoch: wrap.epoch, under: wrap.under, wrap: bytes }
  })
  if (wanted.size > 0) throw new NokkelError('share-invalid', { rule: 'KEY-9' })
  return rows
}
