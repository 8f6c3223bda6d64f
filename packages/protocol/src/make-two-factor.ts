/** Signs that two factors are on or off from now on (`wire/two-factor.ts`). */
import type { Bytes } from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import type { DeviceKeys } from './keys.ts'
import { labels } from './wire/labels.ts'
import { encodeSigned } from './wire/signed.ts'
import { twoFactorBody, type TwoFactorChange } from './wire/two-factor.ts'

export function makeTwoFactor(keys: DeviceKeys, change: TwoFactorChange): Bytes {
  const body = twoFactorBody(change)
  return encodeSigned({ body, signer: keys.id, signature: sign(keys.sign, labels.twoFactor, body) })
}
