/**
 * The way to the realms (SPEC ESC-4, ESC-5): realm lists and whose signature makes one believable, realms behind HTTP, and the sign-in
 * server as the source of tokens. A realm's answers are believed for the key in the list, never for the address.
 */
import { fromBase64url, isNokkelError, NokkelError, toBase64url, toHex, type Bytes } from '@nokkel/base'
import {
  openRealmList,
  openUnsignedRealmList,
  realmOperations,
  systemTimers,
  type EscrowPorts,
  type Realm,
  type RealmEndpoint,
  type RealmId,
  type RealmListEntry,
  type RealmOperation,
  type TokenSource,
} from '@nokkel/escrow'
import { sessionOf, type LocalKeychain, type NameOf, type ServerApi } from '@nokkel/sync'
import { readRealmSigners, stageRealmSigners, type RealmSigners } from './escrow-rows.ts'
import type { RecoveryServices } from './facade.ts'
import type { Platform } from './platform.ts'

/** What every act with realms works with. */
export interface EscrowParts {
  readonly keychain: LocalKeychain
  readonly api: ServerApi
  readonly platform: Platform
  readonly nameOf: NameOf
}

export type EscrowAnswer = Awaited<ReturnType<ServerApi['escrow']>>

export interface Deployment {
  /** the signed list as the server gave it */
  readonly list: Bytes
  readonly hash: Bytes
  readonly realms: readonly RealmListEntry[]
  readonly threshold: number
  readonly signers: RealmSigners
}

/** Patience with one realm is short: a silent one holds up a person who waits, and others may do. */
const asking = { timers: systemTimers, timeoutMs: 6_000, tries: 2, graceMs: 1_000 }

export function escrowPorts({ platform }: EscrowParts): EscrowPorts {
  return { random: platform.random, asking }
}

export async function askEscrow({ keychain, api }: EscrowParts): Promise<EscrowAnswer> {
  const { identity } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  return api.escrow(sessionOf(identity))
}

/**
 * The realms for a new registration. Whose signatures a list needs is taken from the server once and then held against it: a server that
 * later names realms of its own under other signers gets `realms-changed`. `realms-unavailable` where there are none.
 */
export async function presentDeployment(parts: EscrowParts, answer: EscrowAnswer): Promise<Deployment> {
  const { deployment } = answer
  if (deployment === null) throw new NokkelError('realms-unavailable', { reason: 'none' })
  const offered = { needed: deployment.needed, keys: deployment.signers.map(fromBase64url) }
  const known = await readRealmSigners(parts.keychain)
  const list = fromBase64url(deployment.list)
  const signers = known ?? offered
  try {
    const { realms, hash } = openRealmList(list, signers.keys, signers.needed)
    if (known === null) await parts.keychain.update((staged) => stageRealmSigners(staged, offered))
    return { list, hash, realms, threshold: deployment.threshold, signers }
  } catch (error) {
    if (known !== null && isNokkelError(error, 'signature-invalid')) throw new NokkelError('realms-changed')
    throw error
  }
}

/** The person was asked and believes the new signers. Says nothing to the server. */
export async function acceptSigners(parts: EscrowParts): Promise<void> {
  const { deployment } = await askEscrow(parts)
  if (deployment === null) throw new NokkelError('realms-unavailable', { reason: 'none' })
  const signers = { needed: deployment.needed, keys: deployment.signers.map(fromBase64url) }
  openRealmList(fromBase64url(deployment.list), signers.keys, signers.needed)
  await parts.keychain.update((staged) => stageRealmSigners(staged, signers))
}

/** For showing. A list under other signers than those known is shown as it is, for the person to judge. */
export async function recoveryServices(parts: EscrowParts): Promise<RecoveryServices | null> {
  const { deployment } = await askEscrow(parts)
  if (deployment === null) return null
  const offered = { needed: deployment.needed, keys: deployment.signers.map(fromBase64url) }
  const known = (await readRealmSigners(parts.keychain)) ?? offered
  const list = fromBase64url(deployment.list)
  const shown = (signers: RealmSigners, standing: RecoveryServices['standing']): RecoveryServices => ({
    addresses: openRealmList(list, signers.keys, signers.needed).realms.map(({ url }) =>
      url === '' ? (parts.keychain.identity?.server ?? '') : url,
    ),
    needed: deployment.threshold,
    standing,
  })
  try {
    return shown(known, 'known')
  } catch (error) {
    if (isNokkelError(error, 'signature-invalid')) return shown(offered, 'changed')
    throw error
  }
}

/**
 * The realms of a registration that the circle names, by the hash that stands there: no signature is needed, and no server can put others
 * in their place. Null where the server shows no such list.
 */
export function realmsOfHash(answer: EscrowAnswer, registration: string, wanted: Bytes): readonly RealmListEntry[] | null {
  const place = answer.records.find((record) => record.registration === registration)?.list
  const encoded = place === undefined ? undefined : answer.lists[place]
  if (encoded === undefined) return null
  const { realms, hash } = openUnsignedRealmList(fromBase64url(encoded))
  return toHex(hash) === toHex(wanted) ? realms : null
}

export function endpointsOf(api: ServerApi, realms: readonly RealmListEntry[]): RealmEndpoint[] {
  return realms.map(({ id, url, signKey }) => ({ realm: realmAt(api, id, url), signKey }))
}

function realmAt(api: ServerApi, id: RealmId, url: string): Realm {
  const operations = realmOperations.map((name) => [name, (request: Bytes) => api.realm(url, name, request)] as const)
  return { id, ...(Object.fromEntries(operations) as Record<RealmOperation, (request: Bytes) => Promise<Bytes>>) }
}

/** Throws `verification-needed` where a second factor must come first. */
export function tokenSource({ keychain, api }: EscrowParts): TokenSource {
  return async (kind, registration, clientKey, realms) => {
    const { identity } = keychain
    if (identity === null) throw new NokkelError('not-signed-in')
    const { tokens } = await api.escrowTokens(sessionOf(identity), {
      kind,
      registration,
      clientKey: toBase64url(clientKey),
      realms: [...realms],
    })
    const asked = new Set<string>(realms)
    return new Map(tokens.filter(({ realm }) => asked.has(realm)).map(({ realm, token }) => [realm as RealmId, fromBase64url(token)]))
  }
}
