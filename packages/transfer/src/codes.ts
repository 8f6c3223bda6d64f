/**
 * The closed unions of what an import can say about a row. Public interface: a code never changes its meaning. The words for people
 * are in `packages/messages` (transfer.ts), keyed by these codes. Params carry names of columns and labels, never values: a value may
 * be a secret (house rule 10).
 */

/** Something about an imported item, or about the file, that the person should know. */
export const importNoteCodes = [
  /** `field`: a card's security code was thrown away; it is never stored (E5) */
  'security-code-dropped',
  /** `field`: not a time-based code we can make; its text was appended to the notes */
  'totp-invalid',
  /** `field`: NUL characters removed, or undecodable characters replaced by U+FFFD */
  'characters-replaced',
  /** `field`: no field of its own here, kept as a custom field */
  'kept-as-custom',
  /** `field`, `label`: the item already had a custom field of that name */
  'custom-renamed',
  /** `field`: not imported with this item */
  'left-out',
  /** `name`: the file attached to the item is not part of the export or cannot be kept */
  'attachment-left-out',
  /** the passkey of this login became an item of its own */
  'passkey-separated',
  /** `site`: the passkey's key or identifiers are damaged or of an unknown kind */
  'passkey-unreadable',
  /** `kind`: an item kind that this keychain does not have, kept as a secure note */
  'kind-as-note',
  /** `kept`, `total`: only the newest earlier passwords were kept */
  'history-shortened',
  /** it was archived where it came from and is an ordinary item here */
  'was-archived',
  /** `cells`, `columns`: the row has no values for the last columns, not even empty ones */
  'row-ends-early',
  /** file: `encoding`: the text encoding was guessed */
  'encoding-guessed',
  /** file: `field`: a column that only meant something to the program that wrote it */
  'column-not-kept',
] as const

export type ImportNoteCode = (typeof importNoteCodes)[number]

/** Why a row did not become an item. */
export const importReasonCodes = [
  /** nothing in it but empty values */
  'empty-row',
  /** quotation marks that do not close, more values than columns (`cells`, `columns`), or not an object */
  'malformed-row',
  /** `field`, `max`: a value longer than the field can hold; nothing is ever cut off */
  'too-long',
  /** `max` */
  'too-many-fields',
  /** `limitBytes`: all fields together */
  'item-too-large',
  /** `firstRow`: every value equals those of an earlier row */
  'duplicate-in-file',
  /** it was in the source's bin */
  'deleted-in-source',
] as const

export type ImportReasonCode = (typeof importReasonCodes)[number]

export type CodeParams = Readonly<Record<string, string | number>>

export interface ImportNote {
  readonly code: ImportNoteCode
  readonly params: CodeParams
}
