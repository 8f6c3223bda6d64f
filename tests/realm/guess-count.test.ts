/** F7, A22, A23: ten guesses in all, whatever runs at once and whatever dies. Real processes, real files. */
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { decodeAccount } from '@nokkel/escrow/testing'
import { Deployment, type RealmPlace } from './deployment.ts'
import { realmProgramInOneFile } from './one-file.ts'

let deployment: Deployment
let program: string
beforeAll(async () => {
  program = await realmProgramInOneFile()
})
afterEach(() => deployment.dispose())

const wrong = (n: number): string => (100_000 + n * 7).toString()
const killRounds = Number(process.env['NOKKEL_KILL_ROUNDS'] ?? 200)

/** What lies in the database: guesses left, or null once the record is gone. */
function guessesLeft(place: RealmPlace, { account }: Deployment): number | null {
  const database = new DatabaseSync(place.paths.database, { readOnly: true })
  const row = database.prepare('select document from realm_accounts where account_id = ?').get(account)
  database.close()
  return decodeAccount(row?.['document'] as Uint8Array).registrations[0]?.left ?? null
}

test('F7, A22: a thousand wrong codes at once, over three processes on one database and a restart: at most ten are evaluated, then the record is gone', async () => {
  deployment = new Deployment(1, 1, program)
  const [place] = deployment.places as [RealmPlace]
  for (let n = 0; n < 3; n++) await place.start()
  const prepared = await deployment.enrol('730918')
  const surveys = await Promise.all(Array.from({ length: 1_000 }, () => deployment.survey(prepared)))
  expect(surveys.every(({ verdict }) => verdict === 'ready')).toBe(true)
  const guess = (n: number) => deployment.attempt(prepared, surveys[n] as (typeof surveys)[number], wrong(n))
  const first = await Promise.all(Array.from({ length: 4 }, (_, n) => guess(n)))
  await place.kill()
  for (let n = 0; n < 3; n++) await place.start()
  const rest = await Promise.all(Array.from({ length: 996 }, (_, n) => guess(n + 4)))
  const evaluated = [...first, ...rest].filter(({ kind }) => kind === 'wrong-code')
  expect(evaluated).toHaveLength(10)
  // the last guess was made, and only its proof could still come
  expect((await deployment.survey(prepared)).verdict).not.toBe('ready')
  await place.kill()
  place.aheadMs = deployment.aheadMs = 3_600_000
  await place.start()
  expect((await deployment.survey(prepared)).verdict).toBe('burned')
})

test('A23, A24: killed with -9 around the count, again and again: as many guesses are gone as were evaluated, or more', async () => {
  let evaluated = 0
  let rounds = 0
  while (rounds < killRounds) {
    deployment = new Deployment(1, 1, program)
    deployment.asking = { ...deployment.asking, tries: 1, timeoutMs: 10_000 }
    const [place] = deployment.places as [RealmPlace]
    await place.start()
    const prepared = await deployment.enrol('730918')
    let seen = 0
    for (let n = 0; n < 9 && rounds < killRounds; n++, rounds++) {
      const survey = await deployment.survey(prepared)
      if (survey.verdict !== 'ready') break
      const guess = deployment.attempt(prepared, survey, wrong(rounds))
      // from at once to some ms later: before the count, between count and answer, after the answer
      await new Promise((resolve) => setTimeout(resolve, rounds % 7))
      await place.kill()
      if ((await guess).kind === 'wrong-code') seen++
      const left = guessesLeft(place, deployment)
      expect(10 - (left ?? 0)).toBeGreaterThanOrEqual(seen)
      await place.start()
    }
    evaluated += seen
    if (rounds < killRounds) await deployment.dispose()
  }
  expect(evaluated).toBeLessThanOrEqual(killRounds)
})
