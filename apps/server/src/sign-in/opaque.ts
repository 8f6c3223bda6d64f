/**
 * The server's half of OPAQUE (RFC 9807) over @serenity-kit/opaque. Identities on both sides: the account id and the server id, in
 * hexadecimal, so that a record is of no use for another account or server. The stretching of the password is the client's.
 */
import { createHmac } from 'node:crypto'
import { client, ready, server } from '@serenity-kit/opaque'
import { NokkelError, type AccountId, type Secret } from '@nokkel/base'

export interface OpaqueServer {
  /** Throws `malformed`. */
  registrationResponse(account: AccountId, registrationRequest: string): string
  /** Throws `malformed` for a record that no sign-in could use. */
  ensureUsableRecord(account: AccountId, registrationRecord: string): void
  /** `record` null: an account that does not exist, with an answer of the same shape and cost. Throws `malformed`. */
  startLogin(
    account: AccountId,
    record: string | null,
    startLoginRequest: string,
  ): { readonly serverLoginState: string; readonly loginResponse: string }
  finishLogin(account: AccountId, serverLoginState: string, finishLoginRequest: string): boolean
  /** The account id that an unknown address always gets. */
  decoyAccount(emailKey: string): AccountId
}

export async function createOpaqueSetup(): Promise<() => string> {
  await ready
  return () => server.createSetup()
}

const decoyHexDigits = 32

export async function opaqueServer(serverId: string, setup: string, decoy: Secret): Promise<OpaqueServer> {
  await ready
  // any well-formed first message will do: it is only answered to see whether a record can be read
  const trial = client.startLogin({ password: '' }).startLoginRequest
  const identifiers = (account: AccountId) => ({ client: account, server: serverId })
  const startLogin: OpaqueServer['startLogin'] = (account, record, startLoginRequest) => {
    try {
      return server.startLogin({
        serverSetup: setup,
        userIdentifier: account,
        registrationRecord: record,
        startLoginRequest,
        identifiers: identifiers(account),
      })
    } catch {
      throw new NokkelError('malformed', { what: 'opaque' })
    }
  }
  return {
    registrationResponse(account, registrationRequest) {
      try {
        return server.createRegistrationResponse({ serverSetup: setup, userIdentifier: account, registrationRequest }).registrationResponse
      } catch {
        throw new NokkelError('malformed', { what: 'opaque' })
      }
    },
    ensureUsableRecord(account, registrationRecord) {
      startLogin(account, registrationRecord, trial)
    },
    startLogin,
    finishLogin(account, serverLoginState, finishLoginRequest) {
      try {
        server.finishLogin({ serverLoginState, finishLoginRequest, identifiers: identifiers(account) })
        return true
      } catch {
        return false
      }
    },
    decoyAccount(emailKey) {
      return createHmac('sha256', decoy.reveal()).update(emailKey).digest('hex').slice(0, decoyHexDigits) as AccountId
    },
  }
}
