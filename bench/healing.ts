/**
 * Figures `healing-…`: from the moment a fault is mended until every device of every person has everything that was written meanwhile, has sent all of its
 * own and is connected. Three servers, PostgreSQL, NATS, a load balancer, with the faults of `tests/scale`; one line for each fault, median and worst.
 * `none` is what the writing itself takes. The devices share one process, so that what grows with `--people` (2) and `--devices` (2, of each)
 * is its processor time and not the healing. `--rounds` (5), `--only` one fault by its name.
 */
import { parseArgs } from 'node:util'
import { faults, type Fault } from '../tests/scale/faults.ts'
import { Fleet } from '../tests/scale/fleet.ts'
import { People } from '../tests/scale/people.ts'
import { figureAndWorst, note, noteLoad, numberOption } from './parts/figures.ts'

const writeMs = 2_000
const lookEveryMs = 25
const givenUpMs = 120_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function healing(fleet: Fleet, people: People, { name, begin, mend, after }: Fault): Promise<number> {
  await begin(fleet)
  const writing = people.write()
  if (name !== 'none') await Promise.race([writing, pause(writeMs)])
  await mend(fleet)
  const from = performance.now()
  while (!(await people.healed())) {
    if (performance.now() - from > givenUpMs) throw new Error(`${name}: not healed after ${givenUpMs} ms`)
    await pause(lookEveryMs)
  }
  const tookMs = performance.now() - from
  await writing
  await after?.(fleet)
  return tookMs
}

const { values } = parseArgs({ options: { only: { type: 'string' } }, strict: false, allowPositionals: true })
const chosen = faults.filter(({ name }) => values['only'] === undefined || values['only'] === name)
const times = new Map<string, number[]>(chosen.map(({ name }) => [name, []]))
noteLoad()
const fleet = await Fleet.start(3)
try {
  const people = await People.start(fleet, numberOption('people', 2), numberOption('devices', 2))
  try {
    for (let round = 1; round <= numberOption('rounds', 5); round++) {
      for (const fault of chosen) times.get(fault.name)?.push(await healing(fleet, people, fault))
      note(`round ${round}: ${chosen.map(({ name }) => `${name} ${Math.round(times.get(name)?.at(-1) ?? 0)}`).join(', ')}`)
    }
  } finally {
    await people.end()
  }
} finally {
  await fleet.dispose()
}
for (const [name, taken] of times) figureAndWorst(`healing-${name}`, 'ms', taken)
noteLoad()
