/** Bitwarden's item kinds other than logins: cards, notes, and what becomes a note with custom fields (identities, SSH keys, …). */
import type { DraftBuilder } from '../draft-builder.ts'
import type { JsonSource } from '../json-source.ts'

/** `type` of an item to the property that holds its own values. Types after these are read by `readUnknownKind`. */
export const bitwardenKinds = new Map([
  ['1', 'login'],
  ['2', 'secureNote'],
  ['3', 'card'],
  ['4', 'identity'],
  ['5', 'sshKey'],
  ['6', 'bankAccount'],
  ['7', 'driversLicense'],
  ['8', 'passport'],
])

export function readCard(source: JsonSource, builder: DraftBuilder): void {
  builder.text('cardholder', source.text('cardholderName'))
  builder.text('number', source.text('number').trim())
  // E5: read so that it can be said, and not looked at any further
  if (source.text('code').trim() !== '') builder.note('security-code-dropped', { field: 'code' })
  const month = source.text('expMonth').trim()
  const year = source.text('expYear').trim()
  if (/^(?:0?[1-9]|1[0-2])$/.test(month)) builder.uint('expiryMonth', Number(month))
  else builder.keepAsCustom('expMonth', month)
  if (/^(?:\d{2}|[1-9]\d{3})$/.test(year)) builder.uint('expiryYear', year.length === 2 ? 2_000 + Number(year) : Number(year))
  else builder.keepAsCustom('expYear', year)
  builder.keepAsCustom('brand', source.text('brand'), false)
}

/** Names of values that are shown without being asked for; everything else of a kind we do not have is kept hidden. */
const open =
  /^(?:title|firstName|middleName|lastName|address[123]|city|state|postalCode|country|company|email|phone|username|publicKey|keyFingerprint|bankName|nameOnAccount|accountType|bankContactPhone|issuingCountry|issuingState|issuingAuthority|licenseClass|nationality|issueDate|expirationDate|birthPlace|sex)$/

/** Every value of the object as a custom field. */
export function readAsCustoms(source: JsonSource, builder: DraftBuilder): void {
  for (const name of source.names()) {
    const value = source.text(name)
    if (value !== '') builder.custom(name, value, !open.test(name))
  }
}

/** A type from after our time: every object of the item that is not among the `known` properties. */
export function readUnknownKind(item: JsonSource, known: readonly string[], builder: DraftBuilder): void {
  for (const name of item.names()) {
    if (known.includes(name)) continue
    const own = item.object(name)
    if (own === undefined) continue
    readAsCustoms(own, builder)
    for (const field of own.unread()) builder.note('left-out', { field })
  }
}
