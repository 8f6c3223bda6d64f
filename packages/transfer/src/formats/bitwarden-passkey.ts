/**
 * A passkey of a Bitwarden login (`login.fido2Credentials[]`). Identifiers: a UUID, or base64url after `b64.`; the key is PKCS #8 in
 * base64url, P-256 so far. Damaged keys give undefined: half a passkey opens nothing.
 */
import { fromBase64url, fromHex, isNokkelError, type Bytes } from '@nokkel/base'
import { DraftBuilder, type Built } from '../draft-builder.ts'
import { isoMs, type JsonSource } from '../json-source.ts'

/** `common` gives the passkey what its login has: title, folder, favourite, addresses. */
export function buildPasskey(source: JsonSource, common: (builder: DraftBuilder) => void): Built | undefined {
  const credentialId = readCredentialId(source.text('credentialId'))
  const privateKey = readBytes(source.text('keyValue'))
  const rpId = source.text('rpId').trim()
  const handle = source.text('userHandle')
  const userHandle = handle === '' ? undefined : readBytes(handle)
  if (credentialId === undefined || credentialId.length === 0 || privateKey === undefined || !looksLikePkcs8(privateKey)) return undefined
  if (rpId === '' || (handle !== '' && userHandle === undefined)) return undefined

  const builder = new DraftBuilder('passkey')
  common(builder)
  builder.text('rpId', rpId)
  builder.text('username', source.text('userName'))
  builder.text('displayName', source.text('userDisplayName'))
  const fits = builder.bytes('credentialId', credentialId) && builder.bytes('privateKey', privateKey)
  if (!fits || (userHandle !== undefined && !builder.bytes('userHandle', userHandle))) return undefined
  const created = isoMs(source.text('creationDate'))
  if (created !== undefined) builder.times(created, created)
  const siteName = source.text('rpName')
  if (siteName !== '' && siteName !== rpId) builder.keepAsCustom('rpName', siteName, false)
  // our passkeys always answer 0 (WebAuthn §6.1.1 allows it); a site that saw another number may take that for a copy
  if (!/^0*$/.test(source.text('counter'))) builder.note('left-out', { field: 'counter' })
  source.ignore('keyType', 'keyAlgorithm', 'keyCurve', 'discoverable')
  for (const field of source.unread()) builder.note('left-out', { field })
  return builder.finish()
}

function readCredentialId(text: string): Bytes | undefined {
  if (text.startsWith('b64.')) return readBytes(text.slice('b64.'.length))
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? fromHex(text.replaceAll('-', '').toLowerCase()) : undefined
}

/** Either base64 alphabet, with or without padding. The longest value that any field takes has 4,096 bytes. */
function readBytes(text: string): Bytes | undefined {
  if (text.length > 8_192) return undefined
  try {
    return fromBase64url(text.trim().replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
  } catch (error) {
    if (isNokkelError(error)) return undefined
    throw error
  }
}

/** The outermost DER: one SEQUENCE over all bytes that begins with INTEGER 0 or 1 and a SEQUENCE (RFC 5958 §2). The key is not checked. */
function looksLikePkcs8(der: Uint8Array): boolean {
  let at = 2
  let length = der[1] ?? 0
  if (length === 0x81) [length, at] = [der[2] ?? 0, 3]
  else if (length === 0x82) [length, at] = [((der[2] ?? 0) << 8) | (der[3] ?? 0), 4]
  else if (length >= 0x80) return false
  if (der[0] !== 0x30 || at + length !== der.length) return false
  return der[at] === 0x02 && der[at + 1] === 1 && (der[at + 2] ?? 2) <= 1 && der[at + 3] === 0x30
}
