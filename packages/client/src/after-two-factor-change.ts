/** What follows when two factors go on or off (F1): the ways back by a code are made anew. Runs on the device that made the change. */
import type { LocalKeychain, ServerApi } from '@nokkel/sync'
import type { Platform } from './platform.ts'

export interface TwoFactorChanged {
  readonly keychain: LocalKeychain
  readonly api: ServerApi
  readonly platform: Platform
  readonly on: boolean
  /** of this device, just checked */
  readonly passcode: string
}

export type AfterTwoFactorChange = (changed: TwoFactorChanged) => Promise<void>

/** No way back hangs on a code yet, so there is nothing to make anew. */
export const afterTwoFactorChange: AfterTwoFactorChange = () => Promise.resolve()
