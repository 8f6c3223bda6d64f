/**
 * What may be given to somebody who helps: the findings and what was looked at, without anything personal. Names of devices, hosts and
 * telephone digits are left out; contents and secrets were never in. The person sees it before it is saved.
 */
import type { Examination } from './examine.ts'
import { evidenceTypes, type Evidence } from './finding.ts'

export interface SupportReport {
  readonly kind: 'nokkel-doctor-report'
  readonly version: 1
  readonly madeMs: number
  readonly tookMs: number
  readonly app: string
  readonly symptom: string | null
  readonly findings: readonly {
    readonly code: string
    readonly severity: string
    readonly confidence: string
    /** `null`: left out because it is personal */
    readonly evidence: Readonly<Record<string, string | number | null>>
  }[]
  readonly unobserved: readonly { readonly observation: string; readonly reason: string }[]
  readonly checked: readonly string[]
}

export function supportReport(examination: Examination): SupportReport {
  const { madeMs, tookMs, surface, version, symptom, findings, unobserved, checks } = examination
  return {
    kind: 'nokkel-doctor-report',
    version: 1,
    madeMs,
    tookMs,
    app: `${surface}/${version}`,
    symptom,
    findings: findings.map(({ code, severity, confidence, evidence }) => ({
      code,
      severity,
      confidence,
      evidence: Object.fromEntries(evidence.map((each) => [each.name, shown(each)])),
    })),
    unobserved: unobserved.map(({ observation, reason }) => ({ observation, reason })),
    checked: [...new Set(checks.map(({ code, outcome }) => `${code}: ${outcome}`))],
  }
}

function shown({ type, value }: Evidence): string | number | null {
  return evidenceTypes[type].personal ? null : value
}
