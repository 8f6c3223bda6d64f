/**
 * What the sign-in server needs for recovery: the realm list that it hands out, the key that signs tokens, and, unless the deployment names
 * realms elsewhere, one realm in this process.
 */
import { hkdfSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Bytes, Clock, Random, Secret } from '@nokkel/base'
import {
  encodeRealmList,
  encodeSignedRealmList,
  realmListHash,
  signRealmList,
  type EscrowPolicy,
  type RealmEvent,
  type Signer,
} from '@nokkel/escrow/realm'
import type { Config } from '../config.ts'
import { embeddedPaths, initRealm, openRealm, type RealmHost } from './realm-host.ts'
import { ed25519Signer } from './realm-key.ts'
import { readRealmDeployment, type RealmDeployment } from './realm-list-file.ts'

export interface Recovery {
  readonly deployment: RealmDeployment
  /** signs tokens; its public key is what realms elsewhere must know */
  readonly issuer: Signer
  /** null where all realms are elsewhere */
  readonly host: RealmHost | null
}

const seedBytes = 32

/** From the server's own secret, so that a backup of `server.key` has it: realms elsewhere know it by its public key. */
export function tokenIssuer(serverSecret: Secret): Signer {
  return ed25519Signer(new Uint8Array(hkdfSync('sha256', serverSecret.reveal(), '', 'nk/1/esc/issuer', seedBytes)))
}

export interface RecoveryParts {
  readonly clock: Clock
  readonly random: Random
  readonly notify: (event: RealmEvent) => void
  readonly onSweepError: (error: unknown) => void
  readonly policy?: EscrowPolicy
}

/** An address without a host means: at the address of the sign-in server itself. */
const ownUrl = ''

async function builtInList({ id, signKey }: RealmHost, issuer: Signer): Promise<RealmDeployment> {
  const realms = [{ id, url: ownUrl, signKey, keyHolder: 'file' as const }]
  const encoded: Bytes = encodeRealmList(realms)
  const list = encodeSignedRealmList(encoded, [await signRealmList(issuer, encoded)])
  return { realms, list, hash: realmListHash(encoded), signers: [issuer.publicKey], needed: 1, threshold: 1 }
}

export async function openRecovery(config: Config, serverSecret: Secret, parts: RecoveryParts): Promise<Recovery> {
  const issuer = tokenIssuer(serverSecret)
  if (config.realms !== null) return { deployment: readRealmDeployment(config.realms), issuer, host: null }
  const paths = embeddedPaths(config.data, config.realm.key ?? null, config.realm.counter ?? null)
  if (!existsSync(paths.key)) initRealm(paths, parts.random)
  const host = await openRealm(paths, { ...parts, tokenIssuers: [issuer.publicKey] })
  return { deployment: await builtInList(host, issuer), issuer, host }
}
