/**
 * Door `@nokkel/messages/doctor`: the doctor's words. Apart from the main catalogues, because they are many and wanted seldom: neither the
 * start of the command line nor the first page of the web app loads them. Takes findings as plain data and knows nothing of `packages/doctor`.
 */
import { isErrorCode } from '@nokkel/base'
import type { Entry, ParamsOf } from './catalogue.ts'
import type { MessagesOf } from './messages-of.ts'
import { doctorEn } from './en/doctor.ts'
import { doctorNb } from './nb/doctor.ts'

export const doctorCatalogues = { en: doctorEn, nb: doctorNb } as const

type Words = typeof doctorEn
export type DoctorKey = keyof Words
type Args<K extends DoctorKey> = keyof ParamsOf<Words[K]> extends never ? readonly [] : readonly [params: ParamsOf<Words[K]>]

/** A finding as far as words are concerned. */
export interface SaidFinding {
  readonly code: string
  readonly evidence: readonly { readonly name: string; readonly type: string; readonly value: string | number }[]
  readonly steps: readonly string[]
  readonly action: string | null
}

export interface Missed {
  readonly observation: string
  /** an error code, or `timeout` */
  readonly reason: string
}

/** A report as far as words are concerned; its evidence is `null` where it was left out. */
export interface SaidReport {
  readonly madeMs: number
  readonly tookMs: number
  readonly app: string
  readonly symptom: string | null
  readonly findings: readonly {
    readonly code: string
    readonly confidence: string
    readonly evidence: Readonly<Record<string, string | number | null>>
  }[]
  readonly unobserved: readonly Missed[]
  readonly checked: readonly string[]
}

export interface DoctorWords {
  t<K extends DoctorKey>(key: K, ...params: Args<K>): string
  symptom(code: string): string
  title(finding: Pick<SaidFinding, 'code'>): string
  because(finding: Pick<SaidFinding, 'code' | 'evidence'>): string
  step(id: string, surface: string): string
  action(id: string): string
  /** What could not be looked at, a line for each reason. */
  unobserved(list: readonly Missed[]): readonly string[]
  /** Lines of plain text: what the person reads before it is saved, and what is saved. */
  report(report: SaidReport): readonly string[]
}

export function createDoctorWords(messages: Omit<MessagesOf<object>, 't'>): DoctorWords {
  const words: Readonly<Record<string, Entry>> = doctorCatalogues[messages.language]
  const plurals = new Intl.PluralRules(messages.language === 'nb' ? 'nb-NO' : 'en-GB')

  const find = (key: string): Entry | undefined => (Object.hasOwn(words, key) ? words[key] : undefined)
  const say = (key: string, params: Readonly<Record<string, string | number>> = {}): string | undefined => {
    const entry = find(key)
    if (entry === undefined) return undefined
    const text = typeof entry === 'string' ? entry : plurals.select(Number(params['count'] ?? 0)) === 'one' ? entry.one : entry.other
    // what a finding does not know is left out, with the space before it
    return text.replace(/ ?\{(\w+)\}/g, (all, name: string) => {
      const value = Object.hasOwn(params, name) ? params[name] : undefined
      if (value === undefined) return ''
      return `${all.startsWith(' ') ? ' ' : ''}${typeof value === 'number' ? messages.number(value) : value}`
    })
  }
  const shown = ({ type, value }: SaidFinding['evidence'][number]): string | number => {
    if (type === 'time') return messages.dateTime(Number(value))
    if (type === 'duration') return messages.duration(Number(value) / 1_000)
    if (type === 'bytes') return messages.size(Number(value))
    if (type === 'region') return regionName(String(value), messages.language)
    if (type === 'word') return say(`value.${value}`) ?? String(value)
    if (type === 'sms-reason') return messages.label('sms-reason', String(value))
    if (type === 'error') return isErrorCode(value) ? messages.errorText(value).message : String(value)
    if (type === 'device-name' && value === '') return say('doctor.unknown-device') ?? ''
    return value
  }
  const paramsOf = ({ evidence }: Pick<SaidFinding, 'evidence'>): Record<string, string | number> =>
    Object.fromEntries(evidence.map((each) => [each.name, shown(each)]))
  const reasonOf = (reason: string): string => {
    if (reason === 'offline') return say('doctor.offline-observation') ?? reason
    if (reason === 'timeout') return say('doctor.timeout') ?? reason
    if (reason === 'not-found') return say('doctor.elsewhere') ?? reason
    if (reason === 'locked') return say('finding.locked') ?? reason
    if (reason === 'io-failed') return say('finding.database-unreadable') ?? reason
    return isErrorCode(reason) ? messages.errorText(reason).message.replace(/\.$/, '') : reason
  }
  const unobserved: DoctorWords['unobserved'] = (list) =>
    [...new Set(list.map(({ reason }) => reason))].map((reason) => {
      const what = list.flatMap((each) => (each.reason === reason ? [say(`observation.${each.observation}`) ?? each.observation] : []))
      return `${reasonOf(reason)}: ${what.join(', ')}`
    })

  return {
    t: (key, ...params) => say(key, (params[0] ?? {}) as Readonly<Record<string, string | number>>) ?? key,
    symptom: (code) => say(`symptom.${code}`) ?? code,
    title: ({ code }) => say(`finding.${code}`) ?? code,
    because: (finding) => (say(`because.${finding.code}`, paramsOf(finding)) ?? '').trim(),
    step: (id, surface) => say(`step.${id}.${surface === 'cli' ? 'cli' : 'app'}`) ?? say(`step.${id}`) ?? id,
    action: (id) => say(`action.${id}`) ?? id,
    unobserved,
    report({ madeMs, tookMs, app, symptom, findings, unobserved: missing, checked }) {
      const lines = [say('doctor.report-made', { time: messages.dateTime(madeMs), app }) ?? '']
      if (symptom !== null) lines.push(say(`symptom.${symptom}`) ?? symptom)
      lines.push('')
      if (findings.length === 0) lines.push(say('doctor.report-nothing') ?? '')
      for (const { code, confidence, evidence } of findings) {
        lines.push(`${say(`finding.${code}`) ?? code} [${code}, ${confidence}]`)
        for (const [name, value] of Object.entries(evidence)) lines.push(`  ${name}: ${value ?? say('doctor.left-out') ?? ''}`)
      }
      if (missing.length > 0) lines.push('', say('doctor.unobserved') ?? '')
      for (const line of unobserved(missing)) lines.push(`  ${line}`)
      lines.push('', say('doctor.took', { ms: tookMs }) ?? '')
      for (const check of checked) lines.push(`  ${check}`)
      return lines
    },
  }
}

function regionName(region: string, language: string): string {
  try {
    return new Intl.DisplayNames(language === 'nb' ? 'nb-NO' : 'en-GB', { type: 'region' }).of(region) ?? region
  } catch {
    return region // not a code that this platform knows
  }
}
