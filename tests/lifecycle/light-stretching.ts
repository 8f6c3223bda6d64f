/**
 * OPAQUE and passcodes as they are, but for how long they are stretched: hundreds of sign-ins at 64 MiB each would be all that a test did. Both
 * halves of the protocol and everything else are the real ones. For `vi.mock` alone; nothing stretched like this is safe to keep.
 */
import { Secret } from '@nokkel/base'
import type * as Crypto from '@nokkel/crypto'
import type * as Library from '@serenity-kit/opaque'

type Opaque = typeof Library

const keyStretching = { 'argon2id-custom': { iterations: 1, memory: 64, parallelism: 1 } } as const

export function withLightStretching(opaque: Opaque): Opaque {
  const { client } = opaque
  return {
    ...opaque,
    client: {
      ...client,
      finishLogin: (params) => client.finishLogin({ ...params, keyStretching }),
      finishRegistration: (params) => client.finishRegistration({ ...params, keyStretching }),
    },
  }
}

/** Another passcode or salt still gives other bytes, and a wrong passcode is still wrong. */
export function withLightPasscodes(crypto: typeof Crypto): typeof Crypto {
  const { deriveBytes, sha256 } = crypto
  return {
    ...crypto,
    stretchPasscode: async (passcode, salt, params, length = 64) => {
      const of = [JSON.stringify(params), Buffer.from(salt).toString('hex'), passcode.normalize('NFKC')].join('\n')
      return new Secret(deriveBytes(sha256(new TextEncoder().encode(of)), 'nk/1/test/stretch', length))
    },
  }
}
