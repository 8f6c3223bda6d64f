/**
 * Recovery through realms, the sign-in server's part (SPEC ESC-4, ESC-5): which realms there are, what is kept beside the circle's word of a
 * registration, and the tokens that realms ask for. The server checks the person and the second factor here; codes, shares and guesses
 * never come this way.
 */
import { fromBase64url, NokkelError, toBase64url, toHex, type Bytes } from '@nokkel/base'
import { issueToken, type RealmId, type RegistrationId } from '@nokkel/escrow/realm'
import { limits } from '@nokkel/protocol/wire'
import type { Services } from '../services.ts'
import type { EscrowRecordRow, SessionRow, StoreTx } from '../store/store.ts'
import { hasPassed } from '../verification/gate.ts'
import type { Handlers } from './call.ts'

/** shorter than realms allow, so that their clocks may differ a little */
const tokenLifeMs = 9 * 60_000
const nonceBytes = 16
/** what an enrolment laid down and never named in the circle makes room for others after a day, as at the realms */
const orphanMs = 24 * 3_600_000

export function escrowHandlers(services: Services): Pick<Handlers, 'escrow' | 'escrowPut' | 'escrowTokens'> {
  const { clock, random, store, circles, limits: pace, recovery } = services
  const passed = (session: SessionRow): Promise<boolean> => hasPassed(store, session, 'recover', clock.nowMs())

  /** Room for one more. Records that the circle names are never touched. */
  async function makeRoom(tx: StoreTx, account: SessionRow['accountId'], registration: string): Promise<void> {
    const present = (await tx.escrowRecords(account)).filter((row) => row.registration !== registration)
    if (present.length < limits.escrowRecords) return
    const named = new Set([...(await circles.load(tx, account)).recoveries.values()].map((way) => way.registration))
    const old = present.filter((row) => !named.has(row.registration) && row.createdMs < clock.nowMs() - orphanMs)
    if (old.length === 0) throw new NokkelError('quota-exceeded')
    await tx.deleteEscrowRecords(
      account,
      old.map((row) => row.registration),
    )
  }

  return {
    async escrow({ session }) {
      const rows = await store.escrowRecords(session.accountId)
      const isPassed = await passed(session)
      // of no use without the password; a thief of the password alone gets neither, nor reads the names of devices
      const mayOpen = isPassed || session.state === 'active'
      const shown = (sealed: Bytes | null): string | null => (sealed === null || !mayOpen ? null : toBase64url(sealed))
      const { lists, listOf } = distinctLists(rows)
      return {
        deployment: deploymentOf(recovery.deployment),
        passed: isPassed,
        lists,
        records: rows.map(({ registration, slot, outerLock, label, list }) => ({
          registration,
          slot,
          list: listOf(list),
          outerLock: shown(outerLock),
          label: shown(label),
        })),
      }
    },

    async escrowPut({ session, body }) {
      const { accountId } = session
      const optional = (text: string | null): Bytes | null => (text === null ? null : fromBase64url(text))
      const row: EscrowRecordRow = {
        registration: body.registration,
        slot: body.slot,
        list: fromBase64url(body.list),
        outerLock: optional(body.outerLock),
        label: optional(body.label),
        createdMs: clock.nowMs(),
      }
      await store.transaction(accountId, async (tx) => {
        await makeRoom(tx, accountId, row.registration)
        await tx.putEscrowRecord(accountId, row)
      })
      return {}
    },

    async escrowTokens({ session, body }) {
      const { accountId } = session
      await pace.consume('escrow-tokens', accountId)
      if (body.kind === 'recover') {
        if (!(await passed(session))) throw new NokkelError('verification-needed')
      } else if (session.state !== 'active') throw new NokkelError('session-pending')
      if (body.registration === null && body.kind !== 'manage') throw new NokkelError('malformed', { what: 'registration' })
      const expiresMs = clock.nowMs() + tokenLifeMs
      const clientKey = fromBase64url(body.clientKey)
      if (clientKey.length !== 32) throw new NokkelError('malformed', { what: 'clientKey' })
      const registration = body.registration as RegistrationId | null
      const tokens = body.realms.map(async (realm) => {
        const claims = { account: accountId, registration, realm: realm as RealmId, clientKey, nonce: random.bytes(nonceBytes), expiresMs }
        return { realm, token: toBase64url(await issueToken(recovery.issuer, body.kind, claims)) }
      })
      return { tokens: await Promise.all(tokens) }
    },
  }
}

function deploymentOf(deployment: Services['recovery']['deployment']) {
  if (deployment === null) return null
  const { list, signers, needed, threshold } = deployment
  return { list: toBase64url(list), signers: signers.map(toBase64url), needed, threshold }
}

/** A deployment changes its list seldom: nearly all registrations share one. */
function distinctLists(rows: readonly EscrowRecordRow[]) {
  const places = new Map<string, number>()
  const lists: string[] = []
  for (const { list } of rows) {
    const name = toHex(list)
    if (places.has(name)) continue
    places.set(name, lists.length)
    lists.push(toBase64url(list))
  }
  return { lists, listOf: (list: Bytes): number => places.get(toHex(list)) as number }
}
