/**
 * OPAQUE-3DH (RFC 9807) with ristretto255-SHA512, HKDF-SHA512 and HMAC-SHA512, written only for tests: a second, independent
 * reading of the RFC that the product's library is run against. Plain where it could be fast; not for products.
 * All randomness is an argument, so that the vectors of the RFC's appendix can be replayed.
 */
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, NokkelError, utf8, type Bytes, type Random } from '@nokkel/base'

const { oprf } = ristretto255_oprf
/** §4, §6.2: Nn, Nseed, Noe = Npk = Nok, Nh = Nm = Nx */
const nonceBytes = 32
const keyBytes = 32
const hashBytes = 64
const envelopeBytes = nonceBytes + hashBytes
const credentialResponseBytes = keyBytes + nonceBytes + keyBytes + envelopeBytes
export const recordBytes = keyBytes + hashBytes + envelopeBytes

export interface Settings {
  readonly context: Uint8Array
  /** key stretching function; the RFC's vectors use the identity */
  readonly stretch: (input: Uint8Array) => Promise<Uint8Array>
}

/** Where a side gives none, its public key stands for it (§4). */
export interface Identities {
  readonly client?: Uint8Array
  readonly server?: Uint8Array
}

export interface ServerKeys {
  readonly oprfSeed: Uint8Array
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
}

/** noble's source of random bytes */
export type Rng = (length?: number) => Bytes

/** noble draws a scalar as (48 bytes, little-endian) mod (L - 1) + 1; these bytes make it draw `scalar`. */
export function rngYielding(scalar: Uint8Array): Rng {
  const wanted = ristretto255.Point.Fn.fromBytes(scalar) - 1n
  return (length = 48) => Uint8Array.from({ length }, (_, i) => Number((wanted >> BigInt(8 * i)) & 255n))
}

/** I2OSP(len, 2) || data */
function lengthPrefixed(data: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array([data.length >> 8, data.length & 255]), data)
}

function expandBytes(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return expand(sha512, secret, info, length)
}

/** §2.1 and §6.4.1: seed to ristretto255 key pair */
export function deriveDiffieHellmanKeyPair(seed: Uint8Array): { secretKey: Uint8Array; publicKey: Uint8Array } {
  return oprf.deriveKeyPair(seed, utf8('OPAQUE-DeriveDiffieHellmanKeyPair'))
}

function diffieHellman(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const point = ristretto255.Point.fromBytes(publicKey)
  if (point.equals(ristretto255.Point.ZERO)) throw new NokkelError('sign-in-failed', { step: 'element' })
  return point.multiply(ristretto255.Point.Fn.fromBytes(secretKey)).toBytes()
}

/** §4.1.2 and §4.1.3, the part that both share */
function openEnvelopeKeys(randomizedPassword: Uint8Array, nonce: Uint8Array, serverPublicKey: Uint8Array, identities: Identities) {
  const derive = (label: string, length: number): Uint8Array => expandBytes(randomizedPassword, concatBytes(nonce, utf8(label)), length)
  const client = deriveDiffieHellmanKeyPair(derive('PrivateKey', keyBytes))
  const cleartext = concatBytes(
    serverPublicKey,
    lengthPrefixed(identities.server ?? serverPublicKey),
    lengthPrefixed(identities.client ?? client.publicKey),
  )
  return {
    client,
    exportKey: derive('ExportKey', hashBytes),
    authTag: hmac(sha512, derive('AuthKey', hashBytes), concatBytes(nonce, cleartext)),
  }
}

async function randomizePassword(settings: Settings, password: Uint8Array, blind: Uint8Array, evaluated: Uint8Array): Promise<Uint8Array> {
  const output = oprf.finalize(password, blind, evaluated)
  return extract(sha512, concatBytes(output, await settings.stretch(output)))
}

/** §5.2.2 and §6.3.2.2: the OPRF key of one user */
function evaluateFor(oprfSeed: Uint8Array, credentialIdentifier: Uint8Array, blinded: Uint8Array): Uint8Array {
  const seed = expandBytes(oprfSeed, concatBytes(credentialIdentifier, utf8('OprfKey')), keyBytes)
  return oprf.blindEvaluate(oprf.deriveKeyPair(seed, utf8('OPAQUE-DeriveKeyPair')).secretKey, blinded)
}

/** §5.2.1; the request is `blinded` */
export function startRegistration(password: Uint8Array, rng?: Rng): { blind: Uint8Array; blinded: Uint8Array } {
  return oprf.blind(password, rng)
}

/** §5.2.2 */
export function respondRegistration(keys: ServerKeys, credentialIdentifier: Uint8Array, request: Uint8Array): Uint8Array {
  return concatBytes(evaluateFor(keys.oprfSeed, credentialIdentifier, request), keys.publicKey)
}

export interface FinishRegistration {
  readonly password: Uint8Array
  readonly blind: Uint8Array
  readonly response: Uint8Array
  readonly identities: Identities
  readonly envelopeNonce: Uint8Array
}

/** §5.2.3; the record is client_public_key || masking_key || envelope */
export async function finishRegistration(
  settings: Settings,
  input: FinishRegistration,
): Promise<{ record: Uint8Array; exportKey: Uint8Array }> {
  const serverPublicKey = input.response.subarray(keyBytes)
  const randomizedPassword = await randomizePassword(settings, input.password, input.blind, input.response.subarray(0, keyBytes))
  const maskingKey = expandBytes(randomizedPassword, utf8('MaskingKey'), hashBytes)
  const { client, exportKey, authTag } = openEnvelopeKeys(randomizedPassword, input.envelopeNonce, serverPublicKey, input.identities)
  return { record: concatBytes(client.publicKey, maskingKey, input.envelopeNonce, authTag), exportKey }
}

/** §6.3.2.2: stands in for a user who does not exist; to be made once per user name */
export function fakeRecord(random: Random): Uint8Array {
  const { publicKey } = deriveDiffieHellmanKeyPair(random.bytes(keyBytes))
  return concatBytes(publicKey, random.bytes(hashBytes), new Uint8Array(envelopeBytes))
}

export interface ClientCoins {
  readonly rng?: Rng
  readonly nonce: Uint8Array
  readonly keyshareSeed: Uint8Array
}

export interface ClientLogin {
  readonly password: Uint8Array
  readonly blind: Uint8Array
  readonly keyshareSecret: Uint8Array
  readonly ke1: Uint8Array
}

/** §6.2.1 */
export function startLogin(password: Uint8Array, coins: ClientCoins): ClientLogin {
  const { blind, blinded } = oprf.blind(password, coins.rng)
  const keyshare = deriveDiffieHellmanKeyPair(coins.keyshareSeed)
  return { password, blind, keyshareSecret: keyshare.secretKey, ke1: concatBytes(blinded, coins.nonce, keyshare.publicKey) }
}

/** §6.4.2: TLS 1.3's Expand-Label under another prefix */
function expandLabel(secret: Uint8Array, label: string, context: Uint8Array): Uint8Array {
  const full = utf8(`OPAQUE-${label}`)
  const info = concatBytes(new Uint8Array([0, hashBytes, full.length]), full, new Uint8Array([context.length]), context)
  return expandBytes(secret, info, hashBytes)
}

function keyExchange(secrets: readonly Uint8Array[], preamble: Uint8Array) {
  const prk = extract(sha512, concatBytes(...secrets))
  const transcript = sha512(preamble)
  const handshake = expandLabel(prk, 'HandshakeSecret', transcript)
  const serverMac = hmac(sha512, expandLabel(handshake, 'ServerMAC', new Uint8Array(0)), transcript)
  const clientMac = hmac(sha512, expandLabel(handshake, 'ClientMAC', new Uint8Array(0)), sha512(concatBytes(preamble, serverMac)))
  return { sessionKey: expandLabel(prk, 'SessionKey', transcript), serverMac, clientMac }
}

/** §6.4.2; `answer` is credential_response || server_nonce || server_public_keyshare */
function preambleOf(context: Uint8Array, client: Uint8Array, ke1: Uint8Array, server: Uint8Array, answer: Uint8Array): Uint8Array {
  return concatBytes(utf8('OPAQUEv1-'), lengthPrefixed(context), lengthPrefixed(client), ke1, lengthPrefixed(server), answer)
}

function mask(maskingKey: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  const pad = expandBytes(maskingKey, concatBytes(nonce, utf8('CredentialResponsePad')), keyBytes + envelopeBytes)
  return data.map((byte, i) => byte ^ (pad[i] ?? 0))
}

export interface RespondLogin {
  readonly keys: ServerKeys
  readonly record: Uint8Array
  readonly credentialIdentifier: Uint8Array
  readonly ke1: Uint8Array
  readonly identities: Identities
  readonly maskingNonce: Uint8Array
  readonly nonce: Uint8Array
  readonly keyshareSeed: Uint8Array
}

/** §6.2.2 */
export function respondLogin(
  settings: Settings,
  input: RespondLogin,
): { ke2: Uint8Array; expectedKe3: Uint8Array; sessionKey: Uint8Array } {
  const { keys, record, ke1, identities } = input
  if (record.length !== recordBytes || ke1.length !== 2 * keyBytes + nonceBytes) throw new NokkelError('malformed', { what: 'opaque' })
  const clientPublicKey = record.subarray(0, keyBytes)
  const maskingKey = record.subarray(keyBytes, keyBytes + hashBytes)
  const masked = mask(maskingKey, input.maskingNonce, concatBytes(keys.publicKey, record.subarray(keyBytes + hashBytes)))
  const evaluated = evaluateFor(keys.oprfSeed, input.credentialIdentifier, ke1.subarray(0, keyBytes))
  const keyshare = deriveDiffieHellmanKeyPair(input.keyshareSeed)
  const answer = concatBytes(evaluated, input.maskingNonce, masked, input.nonce, keyshare.publicKey)
  const preamble = preambleOf(settings.context, identities.client ?? clientPublicKey, ke1, identities.server ?? keys.publicKey, answer)
  const clientKeyshare = ke1.subarray(keyBytes + nonceBytes)
  const { sessionKey, serverMac, clientMac } = keyExchange(
    [
      diffieHellman(keyshare.secretKey, clientKeyshare),
      diffieHellman(keys.secretKey, clientKeyshare),
      diffieHellman(keyshare.secretKey, clientPublicKey),
    ],
    preamble,
  )
  return { ke2: concatBytes(answer, serverMac), expectedKe3: clientMac, sessionKey }
}

/** §6.2.3. Throws `sign-in-failed`, with the step that noticed, for a wrong password, a fake record or a changed message. */
export async function finishLogin(settings: Settings, login: ClientLogin, ke2: Uint8Array, identities: Identities) {
  if (ke2.length !== credentialResponseBytes + nonceBytes + keyBytes + hashBytes) throw new NokkelError('malformed', { what: 'opaque' })
  const answer = ke2.subarray(0, ke2.length - hashBytes)
  const serverKeyshare = answer.subarray(answer.length - keyBytes)
  const randomizedPassword = await randomizePassword(settings, login.password, login.blind, ke2.subarray(0, keyBytes))
  const maskingKey = expandBytes(randomizedPassword, utf8('MaskingKey'), hashBytes)
  const maskingNonce = ke2.subarray(keyBytes, keyBytes + nonceBytes)
  const unmasked = mask(maskingKey, maskingNonce, ke2.subarray(keyBytes + nonceBytes, credentialResponseBytes))
  const serverPublicKey = unmasked.subarray(0, keyBytes)
  const nonce = unmasked.subarray(keyBytes, keyBytes + nonceBytes)
  const { client, exportKey, authTag } = openEnvelopeKeys(randomizedPassword, nonce, serverPublicKey, identities)
  if (!equalBytes(authTag, unmasked.subarray(keyBytes + nonceBytes))) throw new NokkelError('sign-in-failed', { step: 'envelope' })
  const preamble = preambleOf(
    settings.context,
    identities.client ?? client.publicKey,
    login.ke1,
    identities.server ?? serverPublicKey,
    answer,
  )
  const { sessionKey, serverMac, clientMac } = keyExchange(
    [
      diffieHellman(login.keyshareSecret, serverKeyshare),
      diffieHellman(login.keyshareSecret, serverPublicKey),
      diffieHellman(client.secretKey, serverKeyshare),
    ],
    preamble,
  )
  if (!equalBytes(serverMac, ke2.subarray(ke2.length - hashBytes))) throw new NokkelError('sign-in-failed', { step: 'server-mac' })
  return { ke3: clientMac, sessionKey, exportKey, serverPublicKey }
}
