/** Shared by this package's tests: files from text, and drafts as plain objects. Never for products. */
import { utf8 } from '@nokkel/base'
import type { ItemDraft } from '@nokkel/keychain'
import type { ImportFile, ImportFormat, ImportResult } from './import-result.ts'
import { parseImport } from './parse-import.ts'

export function textFile(text: string, name = 'export'): ImportFile {
  return { name, bytes: utf8(text) }
}

export function importText(text: string, format?: ImportFormat): ImportResult {
  return parseImport(textFile(text), format)
}

export function importJson(value: unknown): ImportResult {
  return importText(JSON.stringify(value))
}

export function plain(draft: ItemDraft | undefined): Record<string, unknown> {
  return draft === undefined ? {} : { kind: draft.kind, ...Object.fromEntries(draft.fields) }
}

export function codes(notes: readonly { readonly code: string }[] | undefined): string[] {
  return (notes ?? []).map(({ code }) => code)
}

export function utf16(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const source = mark ? `\uFEFF${text}` : text
  const bytes = new Uint8Array(source.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < source.length; i++) view.setUint16(i * 2, source.charCodeAt(i), littleEndian)
  return bytes
}

/** Latin-1 code points only, which Windows-1252 shares. */
export function windows1252(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
