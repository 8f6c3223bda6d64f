/**
 * When a keychain ends (reset, off everywhere, account erased), what realms hold for it is destroyed too: nobody is to go on guessing codes of
 * something that is gone (D3, D4, H2). The server issues itself the tokens for that; they let nobody try a code. Best effort: what a realm
 * that is away keeps opens nothing any more.
 */
import type { AccountId, Bytes, Clock, Random } from '@nokkel/base'
import {
  encodeRequestBody,
  issueToken,
  openUnsignedRealmList,
  requestLabels,
  signBody,
  type RealmListEntry,
  type RegistrationId,
} from '@nokkel/escrow/realm'
import type { EscrowRecordRow } from '../store/store.ts'
import { ed25519Signer } from './realm-key.ts'
import type { Recovery } from './recovery-setup.ts'

const tokenLifeMs = 5 * 60_000
const patienceMs = 10_000
const seedBytes = 32
const nonceBytes = 16

export interface DestroyParts {
  readonly recovery: Recovery
  readonly clock: Clock
  readonly random: Random
  readonly onError: (error: unknown) => void
}

/** Resolves when every realm was asked once, whatever it said. */
export async function destroyRegistrations(parts: DestroyParts, account: AccountId, rows: readonly EscrowRecordRow[]): Promise<void> {
  const asked = rows.flatMap((row) => {
    const registration = row.registration as RegistrationId
    return realmsOf(row).map((realm) => askToDestroy(parts, account, registration, realm).catch(parts.onError))
  })
  await Promise.all(asked)
}

/** A device laid the list down; what is none is nobody's registration. */
function realmsOf({ list }: EscrowRecordRow): readonly RealmListEntry[] {
  try {
    return openUnsignedRealmList(list).realms
  } catch {
    return []
  }
}

async function askToDestroy(
  { recovery, clock, random }: DestroyParts,
  account: AccountId,
  registration: RegistrationId,
  { id, url }: RealmListEntry,
): Promise<void> {
  const isOwn = recovery.host?.id === id
  // addresses come from devices: the server itself goes only where its operator's own list points
  const isKnown = recovery.deployment?.realms.some((realm) => realm.id === id && realm.url === url) ?? false
  if (!isOwn && (!isKnown || url === '')) return
  const client = ed25519Signer(random.bytes(seedBytes))
  const token = await issueToken(recovery.issuer, 'manage', {
    account,
    registration,
    realm: id,
    clientKey: client.publicKey,
    nonce: random.bytes(nonceBytes),
    expiresMs: clock.nowMs() + tokenLifeMs,
  })
  const request: Bytes = await signBody(client, requestLabels.destroy, encodeRequestBody('destroy', token, random.bytes(nonceBytes), []))
  if (isOwn) {
    await recovery.host?.core.destroy(request)
    return
  }
  await fetch(`${url}/v1/realm/destroy`, {
    method: 'POST',
    headers: { 'content-type': 'application/cbor' },
    body: request,
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  })
}
