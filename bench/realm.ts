/**
 * Figures `recovery-2-of-3` (beyond the stretching of the code, realms as processes on loopback, no latency of a network) and `realm-evaluations`
 * (guesses counted durably and evaluated by one process, asked for at once by many).
 */
import type { PreparedRegistration, Survey } from '@nokkel/escrow'
import { Deployment } from '../tests/realm/deployment.ts'
import { figureOf, note, noteLoad, runs } from './parts/figures.ts'

const atOnce = 30

noteLoad()
const times: number[] = []
{
  const deployment = new Deployment(2, 3)
  try {
    await Promise.all(deployment.places.map((place) => place.start()))
    const prepared = await deployment.enrol('730918')
    for (let run = 0; run <= runs(); run++) {
      const from = performance.now()
      const outcome = await deployment.try(prepared, '730918')
      if (outcome.kind !== 'recovered') throw new Error(outcome.kind)
      await outcome.settled
      if (run > 0) times.push(performance.now() - from)
    }
  } finally {
    await deployment.dispose()
  }
}
figureOf('recovery-2-of-3', 'ms', times)

const rates: number[] = []
{
  const accounts = await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const deployment = new Deployment(1, 1)
      return deployment
    }),
  )
  const [first] = accounts
  if (first === undefined) throw new Error('none')
  try {
    await first.places[0]?.start()
    const prepared: PreparedRegistration[] = []
    for (const account of accounts) {
      // all ask the one realm of the first, with its tokens
      account.adopt(first)
      prepared.push(await account.enrol('730918'))
    }
    for (let run = 0; run < 5; run++) {
      const surveys = await Promise.all(accounts.map((account, at) => account.survey(prepared[at] as PreparedRegistration)))
      const from = performance.now()
      const outcomes = await Promise.all(
        accounts.map((account, at) => account.attempt(prepared[at] as PreparedRegistration, surveys[at] as Survey, '111112')),
      )
      const evaluated = outcomes.filter(({ kind }) => kind === 'wrong-code').length
      if (evaluated !== atOnce) throw new Error(`${evaluated} evaluated`)
      rates.push((evaluated * 1_000) / (performance.now() - from))
    }
  } finally {
    await Promise.all(accounts.map((account) => account.dispose()))
  }
}
figureOf('realm-evaluations', '/s', rates)
note('the asking client, with its own blinding and checking of proofs, shares the processors')
noteLoad()
