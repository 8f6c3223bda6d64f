/**
 * Collects the values of one row into an `ItemDraft`. Every rule that holds for all formats is here: limits (a value too long refuses
 * the row, nothing is cut off), well-formed text, security codes, verification codes, names of custom fields.
 */
import { NokkelError, utf8, type CborValue } from '@nokkel/base'
import { findFieldRule, itemLimits, type ItemDraft, type ItemKind } from '@nokkel/keychain'
import type { CodeParams, ImportNote, ImportNoteCode, ImportReasonCode } from './codes.ts'
import { importLimits } from './import-result.ts'
import { isSecurityCode, maskSecurityCodes } from './security-code.ts'
import { derivedTitles } from './derived-title.ts'
import { normaliseTotp } from './totp.ts'

export interface Refusal {
  readonly reason: ImportReasonCode
  readonly params: CodeParams
}

export type Built = { readonly draft: ItemDraft; readonly notes: readonly ImportNote[] } | Refusal

/** U+0000 cannot be typed, shown or pasted; it comes from broken exporters. */
const nul = /\0/g
/** 9999-12-31, the last date that every date library can show */
const latestMs = 253_402_300_799_999

export class DraftBuilder {
  readonly kind: ItemKind
  readonly #fields = new Map<string, CborValue>()
  readonly #notes: ImportNote[] = []
  readonly #noted = new Set<string>()
  readonly #history: { field: string; value: CborValue; ms: number }[] = []
  /** the file had undecodable bytes: U+FFFD in a value stands for one of them */
  readonly #lossy: boolean
  #refusal: Refusal | undefined
  #createdMs: number | undefined
  #modifiedMs: number | undefined
  #totp: { text: string; source: string } | undefined

  constructor(kind: ItemKind, lossy = false) {
    this.kind = kind
    this.#lossy = lossy
  }

  note(code: ImportNoteCode, params: CodeParams = {}): void {
    // a value looked at twice says the same thing twice
    const field = params['field']
    if (field !== undefined) {
      const said = `${code} ${field}`
      if (this.#noted.has(said)) return
      this.#noted.add(said)
    }
    this.#notes.push({ code, params })
  }

  refuse(reason: ImportReasonCode, params: CodeParams = {}): void {
    this.#refusal ??= { reason, params }
  }

  /** A text field of this kind by its own name. An empty value sets nothing. */
  text(name: string, value: string): void {
    const rule = findFieldRule(this.kind, name)
    if (rule === undefined) throw new NokkelError('internal', { what: `${this.kind}.${name}` })
    let clean = this.#clean(value, name)
    if (this.kind === 'card' && rule.type !== 'secret') {
      const masked = maskSecurityCodes(clean)
      if (masked !== clean) this.note('security-code-dropped', { field: name })
      clean = masked
    }
    if (clean === '') return
    if (clean.length > rule.max) this.refuse('too-long', { field: name, max: rule.max })
    this.#fields.set(name, clean)
  }

  /** Puts `text` under what the notes already say. */
  appendNotes(text: string): void {
    const before = this.#fields.get('notes')
    this.text('notes', typeof before === 'string' ? `${before}\n${text}` : text)
  }

  uint(name: string, value: number): void {
    this.#fields.set(name, value)
  }

  /** False, and nothing set, when the field cannot hold so many bytes. */
  bytes(name: string, value: Uint8Array): boolean {
    if (value.length > (findFieldRule(this.kind, name)?.max ?? 0)) return false
    this.#fields.set(name, value)
    return true
  }

  favorite(): void {
    this.#fields.set('favorite', true)
  }

  site(address: string): void {
    const clean = this.#clean(address, 'site').trim()
    if (clean === '') return
    if (clean.length > itemLimits.siteLength) this.refuse('too-long', { field: 'site', max: itemLimits.siteLength })
    this.#fields.set(`site:${clean}`, true)
  }

  tag(text: string): void {
    const clean = this.#clean(text, 'tag').trim()
    if (clean === '') return
    const max = itemLimits.siteLength
    if (clean.length > max) this.refuse('too-long', { field: 'tag', max })
    this.#fields.set(`tag:${clean}`, true)
  }

  /** A card's security code under any name is dropped here. A label that is taken gets a number. */
  custom(label: string, value: string, secret: boolean): void {
    // before looking for a free name among a million of them
    if (this.#fields.size > itemLimits.fields) return this.refuse('too-many-fields', { max: itemLimits.fields })
    const wanted = this.#clean(label, 'label').trim() || '#'
    if (isSecurityCode(wanted, value, this.kind === 'card')) {
      if (value.trim() !== '') this.note('security-code-dropped', { field: wanted })
      return
    }
    // room for a number behind it
    const max = itemLimits.siteLength - 8
    if (wanted.length > max) return this.refuse('too-long', { field: 'label', max })
    let clean = this.#clean(value, wanted)
    if (this.kind === 'card') {
      const masked = maskSecurityCodes(clean)
      if (masked !== clean) this.note('security-code-dropped', { field: wanted })
      clean = masked
    }
    if (clean.length > importLimits.customValue) this.refuse('too-long', { field: wanted, max: importLimits.customValue })
    let free = wanted
    for (let n = 2; this.#fields.has(`custom:${free}`); n++) free = `${wanted} (${n})`
    if (free !== wanted) this.note('custom-renamed', { field: wanted, label: free })
    this.#fields.set(`custom:${free}`, [clean, secret])
  }

  /** A value for which this kind has no field. Secret unless the format knows better, since nobody knows what it is. */
  keepAsCustom(label: string, value: string, secret = true): void {
    if (value === '') return
    const before = this.#fields.size
    this.custom(label, value, secret)
    if (this.#fields.size > before) this.note('kept-as-custom', { field: label })
  }

  /** Read at the end, when the account's name is known. */
  totp(text: string, source: string): void {
    if (text.trim() !== '') this.#totp = { text: this.#clean(text, source), source }
  }

  times(createdMs: number | undefined, modifiedMs: number | undefined): void {
    this.#createdMs = plausibleMs(createdMs)
    this.#modifiedMs = plausibleMs(modifiedMs)
  }

  /** Earlier values, in any order. */
  history(field: string, entries: readonly { value: string; ms: number }[]): void {
    const max = findFieldRule(this.kind, field)?.max ?? 0
    for (const { value, ms } of entries) {
      const clean = this.#clean(value, field)
      if (clean.length > max) this.refuse('too-long', { field: 'history', max })
      this.#history.push({ field, value: clean, ms: plausibleMs(ms) ?? 0 })
    }
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  finish(): Built {
    if (this.#totp !== undefined) this.#finishTotp(this.#totp)
    if (![...this.#fields.keys()].some((name) => name !== 'favorite' && !name.startsWith('tag:'))) this.refuse('empty-row')
    const title = this.#fields.get('title')
    if (typeof title !== 'string' || title.trim() === '') {
      const [derived] = derivedTitles(this.#fields)
      if (derived !== undefined) this.text('title', derived)
    }
    if (this.#fields.size > itemLimits.fields) this.refuse('too-many-fields', { max: itemLimits.fields })
    this.#history.sort((a, b) => b.ms - a.ms)
    if (this.#history.length > itemLimits.historyEntries) {
      this.note('history-shortened', { kept: itemLimits.historyEntries, total: this.#history.length })
      this.#history.length = itemLimits.historyEntries
    }
    const limit = importLimits.itemBytes
    if (this.#size(mostBytes) > limit && this.#size(valueBytes) > limit) this.refuse('item-too-large', { limitBytes: limit })
    if (this.#refusal !== undefined) return this.#refusal
    const draft: ItemDraft = {
      kind: this.kind,
      fields: this.#fields,
      ...(this.#createdMs === undefined ? {} : { createdMs: this.#createdMs }),
      ...(this.#modifiedMs === undefined ? {} : { modifiedMs: this.#modifiedMs }),
      ...(this.#history.length === 0 ? {} : { history: this.#history }),
    }
    return { draft, notes: this.#notes }
  }

  #finishTotp({ text, source }: { text: string; source: string }): void {
    const username = this.#fields.get('username')
    const title = this.#fields.get('title')
    const label = typeof username === 'string' ? username : typeof title === 'string' ? title : (derivedTitles(this.#fields)[0] ?? '')
    const uri = findFieldRule(this.kind, 'totp') === undefined ? undefined : normaliseTotp(text, label)
    if (uri !== undefined) return this.text('totp', uri)
    this.appendNotes(`TOTP: ${text}`)
    this.note('totp-invalid', { field: source })
  }

  #clean(value: string, field: string): string {
    if (!value.includes('\0') && value.isWellFormed() && !(this.#lossy && value.includes('\uFFFD'))) return value
    this.note('characters-replaced', { field })
    return value.replace(nul, '').toWellFormed()
  }

  #size(measure: (value: CborValue) => number): number {
    let size = 0
    for (const [name, value] of this.#fields) size += measure(name) + measure(value)
    for (const { value } of this.#history) size += measure(value)
    return size
  }
}

function plausibleMs(ms: number | undefined): number | undefined {
  return ms !== undefined && Number.isSafeInteger(ms) && ms > 0 && ms <= latestMs ? ms : undefined
}

function valueBytes(value: CborValue): number {
  if (typeof value === 'string') return utf8(value).length
  if (value instanceof Uint8Array) return value.length
  if (Array.isArray(value)) return valueBytes((value as readonly CborValue[])[0] ?? null)
  return 9
}

/** Three bytes a UTF-16 unit is the most that UTF-8 takes: most items need no counting. */
function mostBytes(value: CborValue): number {
  if (typeof value === 'string') return value.length * 3
  return Array.isArray(value) ? mostBytes((value as readonly CborValue[])[0] ?? null) : valueBytes(value)
}
