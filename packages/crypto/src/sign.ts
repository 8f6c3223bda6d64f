/** Signing (Ed25519, RFC 8032). Client only. */
import type { Bytes, Random, Secret } from '@nokkel/base'
import { Secret as SecretBox } from '@nokkel/base'
import { backend } from '#backend'
import { signedMessage } from './sign-verify.ts'

export interface SigningKey {
  /** the 32-byte seed of RFC 8032 */
  readonly seed: Secret
  readonly publicKey: Bytes
}

export function createSigningKey(random: Random): SigningKey {
  return signingKeyFromSeed(new SecretBox(random.bytes(32)))
}

export function signingKeyFromSeed(seed: Secret): SigningKey {
  return { seed, publicKey: backend.ed25519PublicKey(seed.reveal()) }
}

export function sign(key: SigningKey, label: string, body: Uint8Array): Bytes {
  return backend.ed25519Sign(key.seed.reveal(), signedMessage(label, body))
}
