/** `nokkel generate`: a strong password in the shape people know (E7). Needs no keychain. */
import { systemRandom } from '@nokkel/base'
import { generatePassword } from '@nokkel/keychain'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  run({ json, out }) {
    const password = generatePassword(systemRandom)
    if (json) out.json({ password })
    else out.raw(`${password}\n`)
    return Promise.resolve()
  },
})
