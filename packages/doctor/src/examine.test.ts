import { NokkelError } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { defineCause, found, type Cause } from './cause.ts'
import { causeCodes } from './causes/codes.ts'
import { causes } from './causes/index.ts'
import { examine, type ExamineOptions } from './examine.ts'
import { observationNames, type Observations, type Seen } from './observations.ts'

/** A healthy device of one person, offline questions answered by nobody. */
const healthy: Seen = {
  store: { condition: 'ok', freeBytes: null },
  device: { state: 'trusted', nowMs: 0, keychain: null, restored: null },
  keychain: null,
  network: null,
  info: null,
  session: null,
  live: null,
  ownRequest: null,
  requests: null,
  account: null,
  verification: null,
  codes: null,
  region: null,
  witnesses: [],
  status: null,
  browser: null,
}
const never = new Promise<never>(() => {})

function seeing(changes: { readonly [Name in keyof Seen]?: Seen[Name] | (() => Promise<Seen[Name]>) } = {}): Observations {
  const all: Readonly<Record<string, unknown>> = { ...healthy, ...changes }
  return Object.fromEntries(
    observationNames.map((name) => {
      const value = all[name]
      return [name, typeof value === 'function' ? value : () => Promise.resolve(value)]
    }),
  ) as unknown as Observations
}

const options = (observations: Observations, more: Partial<ExamineOptions> = {}): ExamineOptions => ({
  surface: 'cli',
  version: '0.1.0',
  symptom: null,
  observe: () => observations,
  nowMs: () => 0,
  // time passes at once here, for whoever waits for it, after everything that is ready
  pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
  ...more,
})

const alwaysFound = (code: Cause['code'], more: Partial<Cause> = {}): Cause => ({
  code,
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  steps: [],
  find: () => found(),
  ...more,
})
const codes = async (given: ExamineOptions): Promise<string[]> => (await examine(given)).findings.map(({ code }) => code)

describe('DOC-1 DOC-2 DOC-3: an examination', () => {
  it('finds nothing on a healthy device', async () => {
    const { findings, unobserved } = await examine(options(seeing()))
    expect({ findings, unobserved }).toEqual({ findings: [], unobserved: [] })
  })

  it('names causes in the order of rank, whatever is known first', async () => {
    const slow = () => new Promise<Seen['store']>((resolve) => setTimeout(() => resolve({ condition: 'damaged', freeBytes: null }), 5))
    const seen = seeing({ store: slow, device: { ...healthy.device, state: 'locked' } })
    for (let again = 0; again < 5; again++) expect(await codes(options(seen))).toEqual(['database-damaged', 'locked'])
  })

  it('a bad check stops no other, and its cause is unobserved', async () => {
    const bad = defineCause({
      ...alwaysFound('locked'),
      observes: ['store'],
      find: () => {
        throw new TypeError('a defect')
      },
    })
    const { findings, checks } = await examine(options(seeing(), { causes: [bad, alwaysFound('duplicates')] }))
    expect(findings.map(({ code }) => code)).toEqual(['duplicates'])
    expect(checks).toContainEqual({ code: 'locked', outcome: 'unobserved' })
  })

  it('never guesses: what rests on an observation that failed is not said, and why is', async () => {
    const seen = seeing({
      account: () => Promise.reject(new NokkelError('offline')),
      requests: () => {
        throw new TypeError('at once')
      },
    })
    const { findings, unobserved, checks } = await examine(options(seen))
    expect(findings).toEqual([])
    expect(unobserved).toEqual([
      { observation: 'requests', reason: 'internal' },
      { observation: 'account', reason: 'offline' },
    ])
    expect(checks.filter(({ outcome }) => outcome === 'unobserved').map(({ code }) => code)).toEqual([
      'ghost-request',
      'request-waiting',
      'quota-full',
      'account-erasure-due',
    ])
  })

  it('an observation that does not come back ends at the deadline', async () => {
    const { unobserved } = await examine(options(seeing({ live: () => never })))
    expect(unobserved).toEqual([{ observation: 'live', reason: 'timeout' }])
  })

  it('makes each observation once, and only those that are needed', async () => {
    const made: string[] = []
    const counted = Object.fromEntries(
      Object.entries(seeing()).map(([name, observe]) => [
        name,
        () => {
          made.push(name)
          return (observe as () => Promise<unknown>)()
        },
      ]),
    ) as unknown as Observations
    await examine(options(counted, { symptom: 'cards-not-filled' }))
    expect(made).toHaveLength(new Set(made).size)
    expect(made).not.toContain('witnesses')
  })

  it('a consequence is not said beside what explains it, and a cause found twice is said once, by the surer', async () => {
    const consequence = alwaysFound('upload-waiting', { explainedBy: ['quota-full'] })
    expect(await codes(options(seeing(), { causes: [consequence] }))).toEqual(['upload-waiting'])
    expect(await codes(options(seeing(), { causes: [alwaysFound('quota-full'), consequence] }))).toEqual(['quota-full'])
    const twice = [alwaysFound('device-removed', { find: () => found([], 'likely') }), alwaysFound('device-removed')]
    const { findings } = await examine(options(seeing(), { causes: twice }))
    expect(findings.map(({ confidence }) => confidence)).toEqual(['certain'])
  })

  it('what answers a question is looked at only when it is asked', async () => {
    const answer = alwaysFound('two-factor-on', { symptoms: ['code-forgotten'], onlyAsked: true })
    expect(await codes(options(seeing(), { causes: [answer] }))).toEqual([])
    expect(await codes(options(seeing(), { causes: [answer], symptom: 'code-forgotten' }))).toEqual(['two-factor-on'])
    expect(await codes(options(seeing(), { causes: [answer], symptom: 'new-device' }))).toEqual([])
  })

  it('tells who watches of every check, counted to the end', async () => {
    const seen: number[] = []
    const { checks } = await examine(options(seeing(), { onCheck: (_, known, total) => seen.push(known / total) }))
    expect(seen.at(-1)).toBe(1)
    expect(seen.length).toBeGreaterThanOrEqual(checks.length)
  })
})

describe('the table of causes', () => {
  it('has a cause for every code, in the order of rank', () => {
    const listed = causes.map(({ code }) => code)
    expect([...new Set(listed)]).toEqual(causeCodes)
  })

  it('names in explainedBy only what stands higher or is no consequence itself', () => {
    for (const { code, explainedBy = [] } of causes)
      for (const other of explainedBy)
        expect(causes.find((each) => each.code === other)?.explainedBy ?? [], `${other} explains ${code}`).not.toContain(code)
  })
})
