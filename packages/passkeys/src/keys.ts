/**
 * The key of a passkey: ECDSA on P-256 by WebCrypto, kept as PKCS #8, which is also how passkeys come from other managers. A key is imported
 * for the one signature and cannot be taken out again.
 */
import { concatBytes, type Bytes } from '@nokkel/base'

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const

export interface FreshKey {
  readonly privateKey: Bytes
  /** uncompressed point */
  readonly publicKey: Bytes
  /** SubjectPublicKeyInfo, for `getPublicKey()` */
  readonly spki: Bytes
}

export async function makeKey(): Promise<FreshKey> {
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])
  const [privateKey, publicKey, spki] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('raw', pair.publicKey),
    crypto.subtle.exportKey('spki', pair.publicKey),
  ])
  return { privateKey: new Uint8Array(privateKey), publicKey: new Uint8Array(publicKey), spki: new Uint8Array(spki) }
}

/** undefined: no private key for P-256. */
export async function signWith(privateKey: Bytes, message: Bytes): Promise<Bytes | undefined> {
  const key = await crypto.subtle.importKey('pkcs8', privateKey, curve, false, ['sign']).catch(() => undefined)
  if (key === undefined) return undefined
  return derSignature(new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, message)))
}

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/** WebCrypto gives r and s side by side, WebAuthn wants a DER sequence of two integers (§6.5.5). */
function derSignature(raw: Bytes): Bytes {
  const body = concatBytes(derInteger(raw.subarray(0, 32)), derInteger(raw.subarray(32)))
  return concatBytes(new Uint8Array([0x30, body.length]), body)
}

/** Shortest form, never negative (X.690 §8.3). */
function derInteger(value: Uint8Array): Bytes {
  let at = 0
  while (at < value.length - 1 && value[at] === 0) at++
  const padded = ((value[at] ?? 0) & 0x80) === 0 ? [] : [0]
  const digits = value.subarray(at)
  return concatBytes(new Uint8Array([0x02, digits.length + padded.length, ...padded]), digits)
}
