/**
 * Key derivation: HKDF-SHA256 with one label per use (SPEC KEY-2), HMAC, and Argon2id for passcodes.
 * The Argon2id parameters are constants of this file: no server, file or page can choose them (attack A9).
 */
import { NokkelError, Secret, utf8, type Bytes } from '@nokkel/base'
import { backend } from '#backend'

const noSalt = new Uint8Array(32)

/** KDF(k, label, n) of the specification: HKDF-SHA256(ikm = k, salt = 0^32, info = label). */
export function deriveBytes(key: Uint8Array, label: string, length: number): Bytes {
  return backend.hkdfSha256(key, noSalt, utf8(label), length)
}

export function deriveSecret(key: Secret, label: string, length = 32): Secret {
  return new Secret(deriveBytes(key.reveal(), label, length))
}

/** HKDF with explicit salt and info, for keys that are bound to a place (records). */
export function deriveBoundKey(key: Secret, salt: Uint8Array, info: Uint8Array): Bytes {
  return backend.hkdfSha256(key.reveal(), salt, info, 32)
}

/** HMAC-SHA256, 32 bytes. */
export function mac(key: Uint8Array, data: Uint8Array): Bytes {
  return backend.hmacSha256(key, data)
}

/** RFC 9106 §4, second recommended option with one lane: 64 MiB, three passes. */
export const passcodeKdf = { memoryKiB: 65_536, passes: 3, parallelism: 1 } as const
/** OWASP's least: parameters below this are refused wherever they come from (SPEC KEY-6). */
export const passcodeKdfFloor = { memoryKiB: 19_456, passes: 2, parallelism: 1 } as const
export const passcodeKdfCeiling = { memoryKiB: 1_048_576, passes: 16, parallelism: 16 } as const

export interface PasscodeKdfParams {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

/**
 * Stretches a passcode (NFKC-normalised UTF-8) with a 16-byte salt into `length` bytes.
 * Throws `store-damaged` for parameters outside floor and ceiling: they can only come from a changed file.
 */
export async function stretchPasscode(
  passcode: string,
  salt: Uint8Array,
  params: PasscodeKdfParams = passcodeKdf,
  length = 64,
): Promise<Secret> {
  for (const name of ['memoryKiB', 'passes', 'parallelism'] as const) {
    const value = params[name]
    if (!Number.isSafeInteger(value) || value < passcodeKdfFloor[name] || value > passcodeKdfCeiling[name])
      throw new NokkelError('store-damaged', { part: 'kdf' })
  }
  if (salt.length !== 16) throw new NokkelError('store-damaged', { part: 'kdf' })
  return new Secret(await backend.argon2id(utf8(passcode.normalize('NFKC')), salt, params, length))
}
