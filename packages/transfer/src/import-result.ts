/** What goes into an import and what comes out. Types and ceilings only. */
import type { ItemDraft } from '@nokkel/keychain'
import type { CodeParams, ImportNote, ImportNoteCode, ImportReasonCode } from './codes.ts'

export const importFormats = ['apple-csv', 'chrome-csv', 'firefox-csv', 'bitwarden-csv', 'bitwarden-json', '1password-csv'] as const
export type ImportFormat = (typeof importFormats)[number]

export interface ImportFile {
  /** for messages only: the format is decided by the content, since people rename files */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface ImportedItem {
  /** For CSV the row as a spreadsheet numbers it (the header is row 1 when it comes first); for JSON the place in `items`, from 1. */
  readonly row: number
  readonly draft: ItemDraft
  readonly notes: readonly ImportNote[]
}

export interface RejectedRow {
  readonly row: number
  readonly reason: ImportReasonCode
  readonly params: CodeParams
  /** what the row calls itself, when that could be read */
  readonly title?: string
}

/**
 * Every row is either in `items` (a login with passkeys gives several items of one row) or in `rejected`, never in both and never in
 * neither: `rows` = distinct rows of `items` + length of `rejected`.
 */
export interface ImportResult {
  readonly format: ImportFormat
  readonly rows: number
  readonly items: readonly ImportedItem[]
  readonly rejected: readonly RejectedRow[]
  readonly fileNotes: readonly ImportNote[]
  /** how often each code stands in `items` and `fileNotes`; absent means none */
  readonly noteCounts: Readonly<Partial<Record<ImportNoteCode, number>>>
}

/** House rule 7. */
export const importLimits = {
  fileBytes: 64 * 1024 * 1024,
  rows: 200_000,
  /** names and values of one item, UTF-8; the keychain takes 190,000 with the stamps of up to 300 fields */
  itemBytes: 175_000,
  /** UTF-16 units of a custom field's value, as the keychain has it */
  customValue: 100_000,
} as const
