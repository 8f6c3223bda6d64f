/** 1 of 1, 2 of 3, 3 of 5 as processes: stopped, slow, lying, restored from an old backup (protocol 4.9; A21, A25, A26). */
import { existsSync, readFileSync, writeFileSync, chmodSync, rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { hangingRealm, interceptRealm } from '@nokkel/escrow/testing'
import { Deployment, type RealmPlace } from './deployment.ts'

let deployment: Deployment
afterEach(() => deployment.dispose())

async function deploy(threshold: number, realms: number): Promise<Deployment> {
  deployment = new Deployment(threshold, realms)
  await Promise.all(deployment.places.map((place) => place.start()))
  return deployment
}
const at = (n: number): RealmPlace => deployment.places[n] as RealmPlace

test.each([
  [1, 1],
  [2, 3],
  [3, 5],
])(
  'F7: %i of %i: the right code recovers, also with all that may be away away, and one more away keeps it from being tried',
  async (t, n) => {
    await deploy(t, n)
    const prepared = await deployment.enrol('730918')
    expect((await deployment.try(prepared, '111112')).kind).toBe('wrong-code')
    expect((await deployment.try(prepared, '730918')).kind).toBe('recovered')
    for (let away = 0; away < n - t; away++) await at(away).kill()
    expect((await deployment.try(prepared, '730918')).kind).toBe('recovered')
    deployment.asking = { ...deployment.asking, tries: 1 }
    await at(n - 1).kill()
    expect((await deployment.survey(prepared)).verdict).not.toBe('ready')
  },
)

test('A25: 2 of 3: a realm that hangs and one that lies do not keep the person out where two others are honest', async () => {
  await deploy(2, 3)
  const prepared = await deployment.enrol('730918')
  deployment.asking = { ...deployment.asking, tries: 1, timeoutMs: 1_500, graceMs: 200 }
  const [a, b, c] = deployment.endpoints
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  deployment.endpoints = [{ ...a, realm: hangingRealm(a.realm, ['evaluate']) }, b, c]
  expect((await deployment.try(prepared, '730918')).kind).toBe('recovered')
  const garbled = interceptRealm(b.realm, async (_operation, _request, call) =>
    (await call()).map((byte, i) => (i === 60 ? byte ^ 1 : byte)),
  )
  deployment.endpoints = [a, { ...b, realm: garbled }, c]
  expect((await deployment.try(prepared, '730918')).kind).toBe('recovered')
})

test('A26: 2 of 3: wrong codes over whichever realms answer: never more than ten full guesses', async () => {
  await deploy(2, 3)
  const prepared = await deployment.enrol('730918')
  const outcomes: string[] = []
  for (let n = 0; n < 15; n++) {
    const survey = await deployment.survey(prepared)
    if (survey.verdict !== 'ready') break
    outcomes.push((await deployment.attempt(prepared, survey, (200_000 + n * 7).toString())).kind)
  }
  expect(outcomes.filter((kind) => kind === 'wrong-code').length).toBeLessThanOrEqual(10)
  expect((await deployment.survey(prepared)).verdict).not.toBe('ready')
})

test('F7: a realm restored from an older backup has all its records locked, at its start; the other two of three still answer', async () => {
  await deploy(2, 3)
  const prepared = await deployment.enrol('730918')
  await at(0).kill()
  const restore = at(0).backup()
  await at(0).start()
  for (let n = 0; n < 3; n++) await deployment.try(prepared, (300_000 + n * 7).toString())
  await at(0).kill()
  restore()
  await at(0).start()
  const survey = await deployment.survey(prepared)
  const standing = survey.views.find(({ endpoint }) => endpoint.realm.id === at(0).id)?.standing
  expect(standing).toMatchObject({ state: 'locked', reason: 'restored' })
  expect((await deployment.attempt(prepared, survey, '730918')).kind).toBe('recovered')
})

test('ESC-H2: a key file that others may read, a missing one and a counter that cannot be read keep the realm from starting; a lost counter locks', async () => {
  await deploy(1, 1)
  const prepared = await deployment.enrol('730918')
  await deployment.try(prepared, '111112')
  await at(0).kill()
  const { key, counter } = at(0).paths
  chmodSync(key, 0o644)
  await expect(at(0).start()).rejects.toThrow(/ended with 1/)
  chmodSync(key, 0o600)
  const text = readFileSync(key, 'utf8')
  rmSync(key)
  await expect(at(0).start()).rejects.toThrow(/ended with 1/)
  expect(existsSync(key)).toBe(false)
  writeFileSync(key, text, { mode: 0o600 })
  for (const end of ['-wal', '-shm']) rmSync(`${counter}${end}`, { force: true })
  writeFileSync(counter, 'nothing that is a counter '.repeat(100))
  await expect(at(0).start()).rejects.toThrow(/ended with 1/)
  rmSync(counter)
  await at(0).start()
  expect((await deployment.survey(prepared)).verdict).not.toBe('ready')
})
