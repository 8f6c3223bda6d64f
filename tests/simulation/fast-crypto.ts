/**
 * What makes thousands of seeds affordable. In most seeds X-Wing is replaced by a stand-in of hashes with the same sizes and the same
 * failure rules (another key gives another secret, never an error); everything else is the real thing, except that a signature which
 * was verified once is not verified again for each of the other devices. `realKem` turns the stand-in off: then every byte is real.
 * The stand-in protects nothing. It is for `vi.mock` in simulations and must not be near anything else.
 */
import { createHash } from 'node:crypto'
import type { CryptoBackend } from '@nokkel/crypto/backends'

export const pace = { realKem: true }

interface Kem {
  keygen(seed?: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array }
  encapsulate(publicKey: Uint8Array, seed?: Uint8Array): { sharedSecret: Uint8Array; cipherText: Uint8Array }
  decapsulate(cipherText: Uint8Array, secretKey: Uint8Array): Uint8Array
}

const publicKeyBytes = 1216
const ciphertextBytes = 1120
const seedBytes = 64

function digest(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

function standInPublicKey(secretKey: Uint8Array): Uint8Array {
  const publicKey = new Uint8Array(publicKeyBytes)
  publicKey.set(digest('public', secretKey))
  return publicKey
}

/** `real`, or the stand-in while `pace.realKem` is off. */
export function pacedKem<T extends Kem>(real: T): T {
  const paced: Kem = {
    keygen: (seed) => (pace.realKem || seed === undefined ? real.keygen(seed) : { publicKey: standInPublicKey(seed), secretKey: seed }),
    encapsulate(publicKey, seed) {
      if (pace.realKem || seed === undefined) return real.encapsulate(publicKey, seed)
      const cipherText = new Uint8Array(ciphertextBytes)
      cipherText.set(seed)
      cipherText.set(digest('for', publicKey, seed), seedBytes)
      return { cipherText, sharedSecret: digest('shared', publicKey, seed) }
    },
    decapsulate(cipherText, secretKey) {
      if (pace.realKem) return real.decapsulate(cipherText, secretKey)
      const publicKey = standInPublicKey(secretKey)
      const seed = cipherText.subarray(0, seedBytes)
      const isForUs = Buffer.compare(digest('for', publicKey, seed), cipherText.subarray(seedBytes, seedBytes + 32)) === 0
      return isForUs ? digest('shared', publicKey, seed) : digest('rejected', secretKey, cipherText)
    },
  }
  return { ...real, ...paced }
}

const verifiedMost = 50_000

/** `backend` with a memory for what it has verified: the same key, message and signature have the same answer. */
export function remembering(backend: CryptoBackend): CryptoBackend {
  const known = new Map<string, boolean>()
  return {
    ...backend,
    ed25519Verify(publicKey, message, signature) {
      const name = Buffer.from(digest(publicKey, signature, message)).toString('latin1')
      const before = known.get(name)
      if (before !== undefined) return before
      const answer = backend.ed25519Verify(publicKey, message, signature)
      if (known.size >= verifiedMost) known.clear()
      known.set(name, answer)
      return answer
    },
  }
}
