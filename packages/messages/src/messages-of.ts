/**
 * From a catalogue to its words. Everything that apps print for people goes through here; numbers and dates take the form of the
 * language. Pure: no clock, no locale of the machine but its time zone. Names no catalogue, so that an app loads only the one that it shows.
 */
import type { ErrorCode, ErrorParams } from '@nokkel/base'
import type { Entry, ErrorWords, ParamsOf } from './catalogue.ts'

export type Language = 'nb' | 'en'
type Args<E> = keyof ParamsOf<E> extends never ? readonly [] : readonly [params: ParamsOf<E>]
type AnyParams = Readonly<Record<string, string | number | boolean>>

export interface Catalogue<Words extends Readonly<Record<string, Entry>>> {
  readonly words: Words
  readonly errors: Readonly<Record<ErrorCode, ErrorWords>>
  /** of an import, by its codes */
  readonly transfer: Readonly<Record<string, string>>
}

export interface ErrorText {
  readonly message: string
  /** what to do */
  readonly hint: string
}

export interface MessagesOf<Words> {
  readonly language: Language
  t<K extends keyof Words & string>(key: K, ...params: Args<Words[K]>): string
  /** The words for `group.name`, or `name` itself where this version has none (names come from other devices and servers too). */
  label(group: string, name: string): string
  /** A label whose text takes parameters; missing ones become `…`. */
  labelWith(group: string, name: string, params: AnyParams): string
  errorText(code: ErrorCode, params?: ErrorParams): ErrorText
  /** Words for the codes of an import; the code itself where there are none. */
  importText(code: string, params?: Readonly<Record<string, string | number>>): string
  number(value: number): string
  dateTime(ms: number): string
  /** A length of time in its largest fitting unit: 90 -> "2 minutes". */
  duration(seconds: number): string
  /** A size in bytes, kB, MB … */
  size(bytes: number): string
}

const placeholder = /\{(\w+)\}/g

export function createMessagesOf<Words extends Readonly<Record<string, Entry>>>(
  language: Language,
  { words, errors, transfer }: Catalogue<Words>,
): MessagesOf<Words> {
  // British English for the date's order and the 24-hour clock; both languages are used in Europe first
  const locale = language === 'nb' ? 'nb-NO' : 'en-GB'
  let numbers: Intl.NumberFormat | undefined
  let dates: Intl.DateTimeFormat | undefined
  let plurals: Intl.PluralRules | undefined

  const number = (value: number): string => {
    if (Number.isSafeInteger(value) && value >= 0 && value < 1_000) return String(value) // spares a short-lived process ICU
    numbers ??= new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
    return numbers.format(value)
  }
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: name.includes('byte') ? 'short' : 'long',
      maximumFractionDigits: 1,
    }).format(value)
  const duration = (seconds: number): string => {
    if (seconds < 90) return unit(Math.ceil(seconds), 'second')
    if (seconds < 90 * 60) return unit(Math.ceil(seconds / 60), 'minute')
    return seconds < 36 * 3_600 ? unit(Math.ceil(seconds / 3_600), 'hour') : unit(Math.ceil(seconds / 86_400), 'day')
  }
  const size = (bytes: number): string => {
    if (bytes < 1_000) return unit(bytes, 'byte')
    return bytes < 1_000_000 ? unit(bytes / 1_000, 'kilobyte') : unit(bytes / 1_000_000, 'megabyte')
  }
  const fill = (text: string, params: AnyParams): string =>
    text.replace(placeholder, (_, name: string) => {
      const value = Object.hasOwn(params, name) ? params[name] : undefined
      return typeof value === 'number' ? number(value) : value === undefined ? '…' : String(value)
    })
  const find = (key: string): Entry | undefined => (Object.hasOwn(words, key) ? (words as Readonly<Record<string, Entry>>)[key] : undefined)
  const say = (entry: Entry, params: AnyParams): string => {
    if (typeof entry === 'string') return fill(entry, params)
    plurals ??= new Intl.PluralRules(locale)
    return fill(plurals.select(Number(params['count'] ?? 0)) === 'one' ? entry.one : entry.other, params)
  }
  const labelWith = (group: string, name: string, params: AnyParams): string => {
    const entry = find(`${group}.${name}`)
    return entry === undefined ? name : say(entry, params)
  }

  const regionName = (region: string): string => {
    try {
      return new Intl.DisplayNames(locale, { type: 'region' }).of(region) ?? region
    } catch {
      return region // not a code that this platform knows
    }
  }
  const derived = (params: ErrorParams): AnyParams => {
    const { retryAfterSeconds, limitBytes, field, region, skewMs } = params
    return {
      ...params,
      ...(typeof retryAfterSeconds === 'number' && { wait: duration(retryAfterSeconds) }),
      ...(typeof limitBytes === 'number' && { size: size(limitBytes) }),
      ...(typeof field === 'string' && { fieldName: labelWith('field', field, {}) }),
      ...(typeof region === 'string' && { regionName: regionName(region) }),
      ...(typeof skewMs === 'number' && { skew: duration(Math.abs(skewMs) / 1_000) }),
    }
  }

  return {
    language,
    t: (key, ...params) => say(words[key] as Entry, (params[0] ?? {}) as AnyParams),
    label: (group, name) => labelWith(group, name, {}),
    labelWith,
    errorText(code, params = {}) {
      const entry: ErrorWords = errors[code]
      const known = derived(params)
      const choose = (texts: string | readonly string[]): string => {
        const list = typeof texts === 'string' ? [texts] : texts
        const text = list.find((candidate) =>
          [...candidate.matchAll(placeholder)].every(([, name]) => Object.hasOwn(known, name as string)),
        )
        return fill(text ?? list.at(-1) ?? code, known)
      }
      const reason = String(params['reason'] ?? params['what'] ?? '')
      const special = (texts: ErrorWords['reasons'], otherwise: string | readonly string[]): string =>
        choose((texts !== undefined && Object.hasOwn(texts, reason) ? texts[reason] : undefined) ?? otherwise)
      return { message: special(entry.reasons, entry.message), hint: special(entry.hints, entry.hint) }
    },
    importText: (code, params = {}) => fill(Object.hasOwn(transfer, code) ? (transfer[code] as string) : code, params),
    number,
    dateTime(ms) {
      dates ??= new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
      return dates.format(ms)
    },
    duration,
    size,
  }
}
