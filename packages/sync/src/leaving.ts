/**
 * What becomes of the copy here when this device leaves (D2, SPEC LIF-2): written down before the server is asked, so that a device that is cut
 * off in between does as it was told when it next finds its own leave in the circle, whatever it was doing then.
 */
import type { LocalKeychain, Staged } from './local-keychain.ts'

const row = 'leaving'
const deletes = 1

export async function noteLeaving(keychain: LocalKeychain, copy: 'keep' | 'delete'): Promise<void> {
  await keychain.update((staged) => staged.putState(row, new Uint8Array([copy === 'delete' ? deletes : 0])))
}

/** Keep, where nothing was said: taking away is never guessed. */
export async function readLeaving(keychain: LocalKeychain): Promise<'keep' | 'delete'> {
  return (await keychain.store.get('state', row))?.[0] === deletes ? 'delete' : 'keep'
}

/** One commit: keys gone, copy frozen or gone. */
export function applyLeave(staged: Staged, copy: 'keep' | 'delete'): void {
  const { identity } = staged
  if (identity === null) return
  staged.setIdentity({ ...identity, mode: 'off', token: null })
  staged.setKeys(new Map(), new Map())
  staged.putState(row, null)
  if (copy === 'delete') staged.clearItems()
}
