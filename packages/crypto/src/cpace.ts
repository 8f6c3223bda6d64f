/**
 * CPace-ristretto255-SHA512 (draft-irtf-cfrg-cpace, initiator and responder with key confirmation): turns a six-digit code into a
 * strong key between two devices through a relay that may be hostile. Each run lets an active attacker test one code; a passive
 * one learns nothing. The group is noble's; this file is only the protocol around it, checked against the draft's vectors.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { concatBytes, equalBytes, NokkelError, Secret, utf8, type Bytes, type Random } from '@nokkel/base'
import { backend } from '#backend'

const dsi = utf8('CPaceRistretto255')
const dsiIsk = utf8('CPaceRistretto255_ISK')
const dsiMac = utf8('CPaceMac')
/** input block of SHA-512 */
const hashBlockBytes = 128
export const cpaceShareBytes = 32
export const cpaceMacBytes = 64

type Point = InstanceType<typeof ristretto255.Point>

/** LEB128 length, then the data (draft, prepend_len). */
function prependLength(data: Uint8Array): Bytes {
  const prefix: number[] = []
  let length = data.length
  do {
    prefix.push((length & 127) | (length > 127 ? 128 : 0))
    length >>= 7
  } while (length > 0)
  return concatBytes(new Uint8Array(prefix), data)
}

export function lvCat(...parts: readonly Uint8Array[]): Bytes {
  return concatBytes(...parts.map(prependLength))
}

export function generatorString(prs: Uint8Array, ci: Uint8Array, sid: Uint8Array): Bytes {
  const padding = Math.max(0, hashBlockBytes - 1 - prependLength(prs).length - prependLength(dsi).length)
  return lvCat(dsi, prs, new Uint8Array(padding), ci, sid)
}

function generator(prs: Uint8Array, ci: Uint8Array, sid: Uint8Array): Point {
  const derive = ristretto255_hasher.deriveToCurve
  if (derive === undefined) throw new NokkelError('internal', { what: 'ristretto255' })
  return derive(backend.sha512(generatorString(prs, ci, sid))) as Point
}

/** RFC 9496 decoding; the identity is refused as the draft's scalar_mult_vfy demands. */
function decodeShare(share: Uint8Array): Point {
  let point: Point
  try {
    point = ristretto255.Point.fromBytes(share)
  } catch {
    throw new NokkelError('code-wrong')
  }
  if (point.equals(ristretto255.Point.ZERO)) throw new NokkelError('code-wrong')
  return point
}

function bytesToScalar(bytes: Uint8Array): bigint {
  let scalar = 0n
  for (let i = bytes.length - 1; i >= 0; i--) scalar = (scalar << 8n) | BigInt(bytes[i] as number)
  return scalar
}

/** A uniform non-zero scalar: 64 random bytes reduced (bias below 2^-250). */
function randomScalar(random: Random): bigint {
  const order = ristretto255.Point.Fn.ORDER
  for (;;) {
    const scalar = bytesToScalar(random.bytes(64)) % order
    if (scalar !== 0n) return scalar
  }
}

export interface CpaceContext {
  /** the code, as typed */
  readonly code: string
  /** channel identifier: what both sides must agree on beforehand (label, account, request) */
  readonly channel: Uint8Array
  /** session identifier, fresh for each run */
  readonly session: Uint8Array
}

export interface CpaceKeys {
  /** session key for the messages that follow */
  readonly key: Secret
  /** to be sent to the peer */
  readonly confirmation: Bytes
  /** what the peer must send; compare with `checkConfirmation` */
  readonly expectedConfirmation: Bytes
}

export interface CpaceStarted {
  readonly scalar: bigint
  /** Ya or Yb, 32 bytes */
  readonly share: Bytes
}

/** `scalar` is given only by the vector tests. */
export function startCpace(random: Random, context: CpaceContext, scalar = randomScalar(random)): CpaceStarted {
  return { scalar, share: generator(utf8(context.code), context.channel, context.session).multiply(scalar).toBytes() as Bytes }
}

export interface CpaceTranscript {
  readonly initiatorShare: Uint8Array
  readonly initiatorData: Uint8Array
  readonly responderShare: Uint8Array
  readonly responderData: Uint8Array
}

/**
 * Both sides call this with the same transcript; they get equal keys exactly when the codes are equal. Throws `code-wrong`
 * for a share that is no group element.
 */
export function finishCpace(
  role: 'initiator' | 'responder',
  started: CpaceStarted,
  context: CpaceContext,
  transcript: CpaceTranscript,
): CpaceKeys {
  // a relay that sends a device its own messages back would otherwise be confirmed by an echo (draft, loopback attacks)
  if (equalBytes(transcript.initiatorShare, transcript.responderShare)) throw new NokkelError('code-wrong')
  const peer = decodeShare(role === 'initiator' ? transcript.responderShare : transcript.initiatorShare)
  const shared = peer.multiply(started.scalar).toBytes()
  const isk = sessionKey(context.session, shared, transcript)
  const macKey = backend.sha512(lvCat(dsiMac, context.session, isk))
  const initiatorMac = backend.hmacSha512(macKey, lvCat(transcript.initiatorShare, transcript.initiatorData))
  const responderMac = backend.hmacSha512(macKey, lvCat(transcript.responderShare, transcript.responderData))
  return {
    key: new Secret(isk),
    confirmation: role === 'initiator' ? initiatorMac : responderMac,
    expectedConfirmation: role === 'initiator' ? responderMac : initiatorMac,
  }
}

export function sessionKey(session: Uint8Array, shared: Uint8Array, transcript: CpaceTranscript): Bytes {
  return backend.sha512(
    concatBytes(
      lvCat(dsiIsk, session, shared),
      lvCat(transcript.initiatorShare, transcript.initiatorData),
      lvCat(transcript.responderShare, transcript.responderData),
    ),
  )
}

/** Throws `code-wrong` unless the peer proved the same code. */
export function checkConfirmation(keys: CpaceKeys, received: Uint8Array): void {
  if (!equalBytes(keys.expectedConfirmation, received)) throw new NokkelError('code-wrong')
}
