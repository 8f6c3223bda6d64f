/**
 * What a page asks for, read once into values of our own (house rule 8). The page is hostile: every part has a floor and a ceiling, and what
 * we cannot or should not answer gets a reason and is left to the browser (PK-3). The form is that of the standard's own JSON (WebAuthn
 * §5.1.8: PublicKeyCredentialCreationOptionsJSON), byte strings as base64url.
 */
import { fromBase64url, isNokkelError, type Bytes } from '@nokkel/base'

export type Verification = 'required' | 'preferred' | 'discouraged'

export interface CreationRequest {
  readonly challenge: Bytes
  readonly rpId: string
  readonly userHandle: Bytes
  readonly username: string
  readonly displayName: string
  /** an authenticator that holds one of these must not make another (§5.4.3) */
  readonly exclude: readonly Bytes[]
  readonly verification: Verification
  readonly timeoutMs: number
  /** the extension that asks whether the passkey is discoverable; all of ours are */
  readonly credProps: boolean
}

export interface AssertionRequest {
  readonly challenge: Bytes
  readonly rpId: string
  /** empty: any passkey of the site */
  readonly allow: readonly Bytes[]
  readonly verification: Verification
  readonly timeoutMs: number
}

export type RequestFault =
  'malformed' | 'algorithm-unsupported' | 'attestation-wanted' | 'extension-unsupported' | 'security-key-wanted' | 'mediation-unsupported'

export type Reading<T> = { readonly ok: true; readonly request: T } | { readonly ok: false; readonly fault: RequestFault }

/** `challenge` from 16 bytes on (§13.4.3). `timeoutMs`: within these bounds whatever is asked for; a person has to read. */
export const passkeyCeilings = {
  challenge: { least: 16, most: 1_024 },
  userHandle: 64,
  credentialId: 1_023,
  credentials: 256,
  algorithms: 64,
  name: 1_000,
  timeoutMs: { least: 30_000, usual: 300_000, most: 600_000 },
} as const

const es256 = -7

class Fault extends Error {
  readonly fault: RequestFault
  constructor(fault: RequestFault) {
    super(fault)
    this.fault = fault
  }
}
const refuse = (fault: RequestFault = 'malformed'): never => {
  throw new Fault(fault)
}

type Row = Readonly<Record<string, unknown>>
function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : refuse()
}
/** Own properties only; undefined where there is none. */
const own = (row: Row, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined)

function text(value: unknown, most: number): string {
  return typeof value === 'string' && value.length <= most ? value : refuse()
}

/** A name for people: cut where it is too long to be one, as §6.4.1 lets an authenticator do. */
function nameOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, passkeyCeilings.name).toWellFormed() : refuse()
}

function bytes(value: unknown, least: number, most: number): Bytes {
  const encoded = text(value, Math.ceil((most * 4) / 3))
  const decoded = fromBase64url(encoded)
  return decoded.length >= least && decoded.length <= most ? decoded : refuse()
}

function list(value: unknown, most: number): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) && value.length <= most ? (value as readonly unknown[]) : refuse()
}

/** Ids of type `public-key`; other types are nobody's (§5.8.3). */
function ids(value: unknown): readonly Bytes[] {
  return list(value, passkeyCeilings.credentials)
    .map(rowOf)
    .filter((row) => own(row, 'type') === 'public-key')
    .map((row) => bytes(own(row, 'id'), 1, passkeyCeilings.credentialId))
}

/** An unknown value counts as the default (§5.8.6). */
function verificationOf(value: unknown): Verification {
  return value === 'required' || value === 'discouraged' ? value : 'preferred'
}

function timeoutOf(value: unknown): number {
  const { least, usual, most } = passkeyCeilings.timeoutMs
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, Math.floor(value))) : usual
}

function challengeOf(options: Row): Bytes {
  return bytes(own(options, 'challenge'), passkeyCeilings.challenge.least, passkeyCeilings.challenge.most)
}

function extensionsOf(options: Row): Row {
  const value = own(options, 'extensions')
  return value === undefined || value === null ? {} : rowOf(value)
}

/** Whoever asks for a key to be carried, first of all, is not asking us. */
function wantsSecurityKey(options: Row): boolean {
  return list(own(options, 'hints'), passkeyCeilings.algorithms)[0] === 'security-key'
}

function takesEs256(options: Row): boolean {
  const params = list(own(options, 'pubKeyCredParams'), passkeyCeilings.algorithms).map(rowOf)
  // an empty list stands for ES256 and RS256 (§5.1.3 step 10)
  return params.length === 0 || params.some((row) => own(row, 'type') === 'public-key' && own(row, 'alg') === es256)
}

function reading<T>(work: () => T): Reading<T> {
  try {
    return { ok: true, request: work() }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.fault }
    if (isNokkelError(error)) return { ok: false, fault: 'malformed' }
    throw error
  }
}

/** `originHost`: the effective domain, which is meant where no id is named (§5.1.3 step 8). */
export function readCreationRequest(value: unknown, originHost: string): Reading<CreationRequest> {
  return reading(() => {
    const options = rowOf(value)
    const rp = rowOf(own(options, 'rp'))
    const user = rowOf(own(options, 'user'))
    const selection = own(options, 'authenticatorSelection')
    const wanted = selection === undefined || selection === null ? {} : rowOf(selection)
    const extensions = extensionsOf(options)
    const attestation = own(options, 'attestation')
    const request: CreationRequest = {
      challenge: challengeOf(options),
      rpId: text(own(rp, 'id') ?? originHost, 253),
      userHandle: bytes(own(user, 'id'), 1, passkeyCeilings.userHandle),
      username: nameOf(own(user, 'name')),
      displayName: nameOf(own(user, 'displayName')),
      exclude: ids(own(options, 'excludeCredentials')),
      verification: verificationOf(own(wanted, 'userVerification')),
      timeoutMs: timeoutOf(own(options, 'timeout')),
      credProps: own(extensions, 'credProps') === true,
    }
    nameOf(own(rp, 'name'))
    if (!takesEs256(options)) refuse('algorithm-unsupported')
    // ours say nothing of their make; whoever insists gets the browser's (§5.4.7)
    if (attestation === 'direct' || attestation === 'enterprise') refuse('attestation-wanted')
    if (own(wanted, 'authenticatorAttachment') === 'cross-platform' || wantsSecurityKey(options)) refuse('security-key-wanted')
    // a secret or a store beside the key, which a site that asks for it means to need later
    if (own(extensions, 'prf') !== undefined || own(extensions, 'hmacCreateSecret') === true) refuse('extension-unsupported')
    if (own(extensions, 'largeBlob') !== undefined) refuse('extension-unsupported')
    return request
  })
}

export function readAssertionRequest(value: unknown, originHost: string): Reading<AssertionRequest> {
  return reading(() => {
    const options = rowOf(value)
    return {
      challenge: challengeOf(options),
      rpId: text(own(options, 'rpId') ?? originHost, 253),
      allow: ids(own(options, 'allowCredentials')),
      verification: verificationOf(own(options, 'userVerification')),
      timeoutMs: timeoutOf(own(options, 'timeout')),
    }
  })
}
