/**
 * Sign-ins between their two messages, where servers share a database: any of them may get the second message, and one statement takes the
 * state out, so only one can. Sealed under a key that is not in the database, because whoever could read such a state could finish for another.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Kysely } from 'kysely'
import { fromBase64url, toBase64url, type AccountId, type Clock, type Random, type Secret } from '@nokkel/base'
import type { Schema } from '../store/schema.ts'
import type { LoginStates } from './login-states.ts'

const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function sharedLoginStates(db: Kysely<Schema>, clock: Clock, random: Random, secret: Secret): LoginStates {
  const key = new Uint8Array(hkdfSync('sha256', secret.reveal(), '', 'nk/1/sign-in-states', keyBytes))

  function seal(loginId: string, text: string): string {
    const nonce = random.bytes(nonceBytes)
    const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(loginId))
    return toBase64url(Buffer.concat([nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]))
  }

  function open(loginId: string, sealed: string): string {
    const bytes = fromBase64url(sealed)
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(loginId))
    opening.setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]).toString('utf8')
  }

  return {
    async put(loginId, { accountId, decoy, serverLoginState, expiresMs }) {
      await db
        .insertInto('sign_in_states')
        .values({ login_id: loginId, account_id: accountId, decoy, state: seal(loginId, serverLoginState), expires_ms: expiresMs })
        .execute()
    },
    async take(loginId) {
      const row = await db.deleteFrom('sign_in_states').where('login_id', '=', loginId).returningAll().executeTakeFirst()
      if (row === undefined || row.expires_ms <= clock.nowMs()) return undefined
      const serverLoginState = open(loginId, row.state)
      return { accountId: row.account_id as AccountId, decoy: row.decoy, serverLoginState, expiresMs: row.expires_ms }
    },
  }
}
