/**
 * Two faults at once on one device: both are found, and nothing else. Pairs that cannot be (a device is not both removed and turned off) and
 * pairs of which one hides the other by its nature (nothing of a locked keychain can be seen) are not drawn; `mayMeet` says which.
 * The draw is that of the printed seed; NOKKEL_DOCTOR_SEED draws others.
 */
import { SeededRandom } from '@nokkel/base/testing'
import { randomBelow } from '@nokkel/base'
import { causes } from '@nokkel/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from './faults/fault.ts'
import { faults } from './faults/index.ts'
import { codesOf, Lab, lookAt } from './lab.ts'

const drawn = 60
const seed = Number(process.env['NOKKEL_DOCTOR_SEED'] ?? 20_261_126)

/** Is there a way to find `fault` that does not rest on what `other` closes, and is it not said to be the other's consequence? */
function isVisibleBeside(fault: Fault, other: Fault): boolean {
  return causes.some(
    ({ code, observes, explainedBy = [] }) =>
      code === fault.code && !observes.some((name) => other.closes.includes(name)) && !explainedBy.includes(other.code),
  )
}

/** Of a device that has left, these are over. */
const ofMembers: readonly Fault['kind'][] = ['sync', 'session', 'requests', 'live', 'quota']

function mayMeet(a: Fault, b: Fault): boolean {
  if (a.kind === b.kind || a.code === b.code) return false
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!isVisibleBeside(one, other)) return false
    const leaves = one.kind === 'standing' && one.code !== 'locked'
    // leaving needs a server that takes entries
    if (leaves && (ofMembers.includes(other.kind) || (other.kind === 'service' && other.code !== 'server-too-old'))) return false
    // what needs the server to come about cannot come about once it refuses
    if (one.kind === 'quota' && (other.code === 'region-closed' || other.code === 'client-too-old')) return false
  }
  return true
}

const candidates = faults.filter(({ turn }) => turn !== undefined)
const pairs = candidates.flatMap((a, at) => candidates.slice(at + 1).flatMap((b) => (mayMeet(a, b) ? [[a, b] as const] : [])))
const random = new SeededRandom(seed)
const sample = [...pairs]
  .map((pair) => ({ pair, key: randomBelow(random, 1 << 30) }))
  .sort((x, y) => x.key - y.key)
  .slice(0, drawn)
  .map(({ pair: [a, b] }) => [`${a.name} + ${b.name}`, (a.turn ?? 0) <= (b.turn ?? 0) ? [a, b] : [b, a]] as const)

let lab: Lab
beforeAll(async () => {
  lab = await Lab.open()
})
afterAll(() => lab.close())

describe(`G: two causes at once, ${drawn} of ${pairs.length} pairs, seed ${seed}`, () => {
  it('there are enough pairs to draw from', () => expect(sample).toHaveLength(drawn))

  it.each(sample)('%s', async (_, [first, second]) => {
    const ward = await lab.ward()
    try {
      await (first as Fault).make(ward)
      const patient = await (second as Fault).make(ward)
      expect(codesOf(await lookAt(patient)).sort()).toEqual([(first as Fault).code, (second as Fault).code].sort())
    } finally {
      await ward.end()
    }
  })
})
