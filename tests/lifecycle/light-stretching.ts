/**
 * OPAQUE as it is, but for how long passwords are stretched: hundreds of sign-ins at 64 MiB each would be all that a test did. Both halves of the
 * protocol and everything else of the library are the real ones. For `vi.mock` alone; nothing stretched like this is safe to keep.
 */
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
