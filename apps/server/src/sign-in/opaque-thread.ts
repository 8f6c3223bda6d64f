/**
 * What a thread of the sign-in does: the steps of OPAQUE that multiply points, over @serenity-kit/opaque, with the server's keys that it got when
 * it began. A function for each step, called by its name (opaque.ts). Null: what came is no message of OPAQUE; nothing else of it leaves.
 * Identities on both sides are the account id and the server id, so that a record is of no use for another account or server. The stretching
 * of the password is the client's.
 */
import { client, ready, server } from '@serenity-kit/opaque'
import Tinypool from 'tinypool'
import type { AccountId } from '@nokkel/base'
import { identifiersOf } from './opaque-identifiers.ts'

await ready
const { serverId, setup } = Tinypool.workerData as { readonly serverId: string; readonly setup: string }
// any well-formed first message will do: it is only answered to see whether a record can be read
const trial = client.startLogin({ password: '' }).startLoginRequest

export interface OpaqueSteps {
  registrationResponse: typeof registrationResponse
  tryRecord: typeof tryRecord
  startLogin: typeof startLogin
}

export interface OpaqueStep<Name extends keyof OpaqueSteps> {
  input: Parameters<OpaqueSteps[Name]>[0]
  output: NonNullable<ReturnType<OpaqueSteps[Name]>>
}

export function registrationResponse([account, registrationRequest]: [AccountId, string]): string | null {
  return answerOf(
    () => server.createRegistrationResponse({ serverSetup: setup, userIdentifier: account, registrationRequest }).registrationResponse,
  )
}

export function startLogin([account, registrationRecord, startLoginRequest]: [AccountId, string | null, string]): {
  serverLoginState: string
  loginResponse: string
} | null {
  return answerOf(() =>
    server.startLogin({
      serverSetup: setup,
      userIdentifier: account,
      registrationRecord,
      startLoginRequest,
      identifiers: identifiersOf(account, serverId),
    }),
  )
}

export function tryRecord([account, registrationRecord]: [AccountId, string]): true | null {
  return startLogin([account, registrationRecord, trial]) === null ? null : true
}

function answerOf<T>(step: () => T): T | null {
  try {
    return step()
  } catch {
    return null
  }
}
