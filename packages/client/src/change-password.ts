/**
 * A new password for the account (SPEC SIG-9), set on a trusted device that knows the old one. No key of the keychain hangs on it; what does is made
 * anew: the tie between circle and password (SIG-5), and the locks that only it opens (ESC-3). All other devices sign in again.
 */
import { fromBase64url, isNokkelError, NokkelError, toBase64url } from '@nokkel/base'
import { openRandom, sealRandom } from '@nokkel/crypto'
import { relockOuterKey, type RegistrationId } from '@nokkel/escrow'
import { passwordWeakness } from '@nokkel/keychain'
import { startRegistration, startSignIn, type PasswordKeys, type SignedIn } from '@nokkel/protocol'
import { sessionOf } from '@nokkel/sync'
import { labelAad } from './escrow-enrol.ts'
import { askEscrow, type EscrowAnswer, type EscrowParts } from './escrow-realms.ts'
import { stagePasswordKeys } from './escrow-rows.ts'

const attemptsMax = 4

type Lock = { readonly registration: string; readonly outerLock: string | null; readonly label: string | null }

/**
 * `catchUp`: the circle says whose locks there are. Throws `sign-in-failed` for a wrong old password, `weak-password`, and what the network
 * throws. Repeatable after a lost answer.
 */
export async function changePassword(
  parts: EscrowParts,
  oldPassword: string,
  newPassword: string,
  catchUp: () => Promise<unknown>,
): Promise<void> {
  const { keychain, api } = parts
  const reason = passwordWeakness(newPassword)
  if (reason !== null) throw new NokkelError('weak-password', { reason })
  for (let attempt = 1; ; attempt++) {
    await catchUp()
    const { identity, account, circle } = keychain.requireTrusted()
    const session = sessionOf(identity)
    const proved = await prove(parts, oldPassword).catch((error: unknown) => {
      if (isNokkelError(error, 'sign-in-failed')) return null
      throw error
    })
    if (proved === null) {
      // an earlier try may have gone through, and its answer got lost
      const { signedIn } = await prove(parts, newPassword)
      return keychain.update((staged) => stagePasswordKeys(staged, signedIn.passwordKeys))
    }
    const { loginId, signedIn } = proved
    const registration = await startRegistration(newPassword)
    const { registrationResponse } = await api.passwordStart(session, { registrationRequest: registration.registrationRequest })
    const made = registration.finish(registrationResponse, { account, serverId: identity.serverId }, circle.genesisHash)
    try {
      await api.passwordFinish(session, {
        loginId,
        finishLoginRequest: signedIn.finishLoginRequest,
        registrationRecord: made.registrationRecord,
        bind: toBase64url(made.bind),
        locks: relocked(parts, await askEscrow(parts), signedIn.passwordKeys, made.passwordKeys),
      })
    } catch (error) {
      // a way back was laid down or closed meanwhile
      if (attempt >= attemptsMax || !isNokkelError(error, 'conflict')) throw error
      continue
    }
    return keychain.update((staged) => stagePasswordKeys(staged, made.passwordKeys))
  }
}

/** The server has shown that it knows the record of this password, and can check what it is sent. */
async function prove({ keychain, api }: EscrowParts, password: string): Promise<{ readonly loginId: string; readonly signedIn: SignedIn }> {
  const { identity, account } = keychain.requireTrusted()
  const start = await startSignIn(password)
  const { loginId, accountId, loginResponse } = await api.signInStart({ email: identity.email, startLoginRequest: start.startLoginRequest })
  if (accountId !== account) throw new NokkelError('sign-in-failed')
  return { loginId, signedIn: start.finish(loginResponse, { account, serverId: identity.serverId }) }
}

/** What the old password opened, for the new one. A lock that the old one does not open is of no use to anybody and goes. */
function relocked(parts: EscrowParts, answer: EscrowAnswer, before: PasswordKeys, after: PasswordKeys): Lock[] {
  const { account, circle } = parts.keychain.requireTrusted()
  const { random } = parts.platform
  const named = new Set([...circle.recoveries.values()].map(({ registration }) => registration as string))
  return answer.records.flatMap(({ registration, outerLock, label }) => {
    if (!named.has(registration)) return []
    const place = { account, registration: registration as RegistrationId }
    const anew = (sealed: string | null, lock: (sealed: Uint8Array) => Uint8Array): string | null =>
      sealed === null ? null : opened(() => toBase64url(lock(fromBase64url(sealed))))
    const aad = labelAad(account, registration)
    const relabel = (sealed: Uint8Array): Uint8Array =>
      sealRandom(random, after.label.reveal(), aad, openRandom(before.label.reveal(), aad, sealed))
    return [
      {
        registration,
        outerLock: anew(outerLock, (sealed) => relockOuterKey(random, before.outer, after.outer, place, sealed)),
        label: anew(label, relabel),
      },
    ]
  })
}

function opened(open: () => string): string | null {
  try {
    return open()
  } catch (error) {
    if (isNokkelError(error)) return null
    throw error
  }
}
