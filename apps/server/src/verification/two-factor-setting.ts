/** Are two factors on? As the server reads the newest statement; devices read the same one with the same function (SPEC VER-8). */
import { isTwoFactorOn, readTwoFactor } from '@nokkel/protocol/wire'
import type { Circles } from '../circles.ts'
import type { AccountRow, StoreReads } from '../store/store.ts'

export async function twoFactorOf({ circles }: { readonly circles: Circles }, reads: StoreReads, account: AccountRow): Promise<boolean> {
  if (account.twoFactorStatement === null) return true
  return isTwoFactorOn(readTwoFactor(await circles.load(reads, account.accountId), account.twoFactorStatement))
}
