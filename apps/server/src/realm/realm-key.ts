/**
 * What a realm has beside its database: its id, the key-encryption key around every share, and the key that signs its answers, in one
 * file that only its own user may read. It must lie outside the database's folder and in no backup that holds the database: the two
 * together are all that a thief needs to try codes.
 */
import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as v from 'valibot'
import { concatBytes, fromHex, NokkelError, toHex, type Bytes, type Random } from '@nokkel/base'
import { newEscrowId, type KekCipher, type RealmId, type Signer } from '@nokkel/escrow/realm'
import { writePrivateFile } from '../store/data-folder.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const othersMayRead = 0o077
/** RFC 8410: a PKCS #8 header in front of the 32 bytes of an Ed25519 seed */
const pkcs8Header = fromHex('302e020100300506032b657004220420')

export interface RealmKey {
  readonly id: RealmId
  readonly kek: KekCipher
  readonly signer: Signer
}

const hexKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const shape = v.strictObject({
  version: v.literal(1),
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  kek: hexKey,
  signSeed: hexKey,
})

/** Makes the key file. Throws `conflict` where there is one: another key would make every record unreadable. */
export function createRealmKey(file: string, random: Random): void {
  if (existsSync(file)) throw new NokkelError('conflict', { what: 'realm-key' })
  const fields = { id: newEscrowId<RealmId>(random), kek: toHex(random.bytes(keyBytes)), signSeed: toHex(random.bytes(keyBytes)) }
  writePrivateFile(file, `${JSON.stringify({ version: 1, ...fields })}\n`)
}

/** Throws `store-damaged` (what: realm-key) for a missing or damaged file, `config-invalid` for one that others may read. */
export function openRealmKey(file: string, random: Random): RealmKey {
  let value: unknown
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & othersMayRead) !== 0)
      throw new NokkelError('config-invalid', { setting: 'NOKKEL_REALM_KEY', expected: 'a file that its owner alone may read (mode 0600)' })
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof NokkelError) throw error
    throw new NokkelError('store-damaged', { what: 'realm-key' })
  }
  const parsed = v.safeParse(shape, value)
  if (!parsed.success) throw new NokkelError('store-damaged', { what: 'realm-key' })
  const { id, kek, signSeed } = parsed.output
  return { id: id as RealmId, kek: kekCipher(fromHex(kek), random), signer: ed25519Signer(fromHex(signSeed)) }
}

/** nonce || ciphertext || tag. 96-bit random nonces: fine for far more rows than a realm will ever write under one key. */
export function kekCipher(key: Bytes, random: Random): KekCipher {
  return {
    async seal(plaintext, aad) {
      const nonce = random.bytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(aad)
      return concatBytes(nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
    },
    async open(sealed, aad) {
      try {
        if (sealed.length < nonceBytes + tagBytes) throw new RangeError()
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
        decipher.setAAD(aad).setAuthTag(sealed.subarray(-tagBytes))
        return concatBytes(decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final())
      } catch {
        throw new NokkelError('store-damaged', { what: 'realm-key' })
      }
    },
  }
}

export function ed25519Signer(seed: Bytes): Signer {
  const key: KeyObject = createPrivateKey({ key: Buffer.from(concatBytes(pkcs8Header, seed)), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { publicKey: new Uint8Array(spki.subarray(-keyBytes)), sign: (message) => new Uint8Array(sign(null, message, key)) }
}
