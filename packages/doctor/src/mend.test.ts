import { describe, expect, it } from 'vitest'
import type { Examination } from './examine.ts'
import type { Finding } from './finding.ts'
import { carryOut, planMending } from './mend.ts'
import { supportReport } from './support-report.ts'

const finding = (code: Finding['code'], action: Finding['action'], evidence: Finding['evidence'] = []): Finding => ({
  code,
  severity: 'problem',
  confidence: 'certain',
  evidence,
  steps: [],
  action,
})
const examination = (findings: readonly Finding[]): Examination => ({
  surface: 'cli',
  version: '0.1.0',
  symptom: null,
  madeMs: 1,
  tookMs: 2,
  findings,
  unobserved: [{ observation: 'live', reason: 'offline' }],
  checks: [{ code: 'locked', outcome: 'clear' }],
  guidance: [],
})

describe('DOC-4: mending', () => {
  const findings = [
    finding('locked', 'unlock'),
    finding('key-missing', 'sync'),
    finding('upload-waiting', 'sync'),
    finding('ghost-request', 'decline-ghosts'),
  ]

  it('plans what needs nothing but a yes and what this app can do, each once', () => {
    const nothing = () => Promise.resolve()
    expect(planMending({ findings }, { sync: nothing, unlock: nothing })).toEqual([{ action: 'sync', for: 'key-missing' }])
    expect(planMending({ findings }, {})).toEqual([])
  })

  it('carries the plan out in order and looks again, also after a failure', async () => {
    const said: string[] = []
    const actions = {
      sync: () => Promise.reject(new Error('no')),
      'decline-ghosts': async () => void said.push('declined'),
    }
    const mended = await carryOut(planMending({ findings }, actions), actions, async () => {
      said.push('looked')
      return examination([])
    })
    expect(said).toEqual(['declined', 'looked'])
    expect(mended.done.map(({ action, failed }) => [action, failed === null])).toEqual([
      ['sync', false],
      ['decline-ghosts', true],
    ])
  })
})

describe('DOC-5: the report for support', () => {
  it('says what was found and looked at, and leaves out what is personal', () => {
    const evidence = [
      { name: 'by', type: 'device-name', value: 'Kari sin telefon' },
      { name: 'host', type: 'host', value: 'nokkel.example.org' },
      { name: 'count', type: 'count', value: 3 },
    ] as const
    const report = supportReport(examination([finding('device-removed', null, evidence)]))
    expect(report.findings[0]?.evidence).toEqual({ by: null, host: null, count: 3 })
    expect(JSON.stringify(report)).not.toMatch(/Kari|example/)
    expect(report).toMatchObject({ app: 'cli/0.1.0', unobserved: [{ observation: 'live' }], checked: ['locked: clear'] })
  })
})
