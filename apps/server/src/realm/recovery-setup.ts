/**
 * What the sign-in server needs for recovery: the realm list that it hands out, the key that signs tokens, and, unless the deployment names
 * realms elsewhere, one realm in this process.
 */
import { hkdfSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { isNokkelError, type Bytes, type Clock, type Random, type Secret } from '@nokkel/base'
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
  /** null where there is none or the realm in this process could not be opened: nobody can recover by a code then, and everything else works */
  readonly deployment: RealmDeployment | null
  /** signs tokens; its public key is what realms elsewhere must know */
  readonly issuer: Signer
  /** null where all realms are elsewhere, or the one here could not be opened */
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
  /** The realm in this process did not open. It makes no new key over old records (ESC-H2); the keychain itself does not depend on it. */
  readonly onUnavailable: (error: unknown) => void
  /** This deployment names no realms, and has none built in. */
  readonly onNone: () => void
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
  // each of several servers would have a realm of its own, and a person's record lie in whichever answered
  if ((config.database.url ?? null) !== null) {
    parts.onNone()
    return { deployment: null, issuer, host: null }
  }
  const paths = embeddedPaths(config.data, config.realm.key ?? null, config.realm.counter ?? null)
  let host: RealmHost
  try {
    if (!existsSync(paths.key)) initRealm(paths, parts.random)
    host = await openRealm(paths, { ...parts, tokenIssuers: [issuer.publicKey] })
  } catch (error) {
    // what the operator wrote wrongly is for the operator to mend; a file that is gone or damaged must not keep people from their keychain
    if (isNokkelError(error, 'config-invalid')) throw error
    parts.onUnavailable(error)
    return { deployment: null, issuer, host: null }
  }
  return { deployment: await builtInList(host, issuer), issuer, host }
}
