/**
 * LIF-2: each transition, cut off at each place where something lasts, leaves the state before or the state after, and doing it again ends in
 * the state after. Every transition is run once without a fault, which counts its requests and its effects; then once for each of them.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isNokkelError } from '@nokkel/base'
import { Killed, type Fault } from './fault-line.ts'
import { buildStages, codeOf, standing, type Stages } from './stages.ts'
import { transitions, type Transition } from './transitions.ts'

vi.mock(import('@serenity-kit/opaque'), async (importActual) =>
  (await import('./light-stretching.ts')).withLightStretching(await importActual()),
)
vi.mock(import('@nokkel/crypto'), async (importActual) => (await import('./light-stretching.ts')).withLightPasscodes(await importActual()))
vi.mock('tinypool', async (importActual) => (await import('nokkel-server/threads/testing')).withLastingThreads(importActual))

const tries = 3
let stages: Stages
beforeAll(async () => {
  stages = await buildStages()
})
afterAll(() => {
  for (const stage of Object.values(stages)) stage.strike()
})

const placeOf = (fault: Fault, requests: readonly { label: string }[], effects: readonly string[]): string =>
  fault.kind === 'kills'
    ? `killed after effect ${fault.effect} (${effects[fault.effect]})`
    : `${fault.kind} request ${fault.request} (${requests[fault.request]?.label})`

async function cutOff(transition: Transition, fault: Fault): Promise<string[]> {
  const play = await stages[transition.stage].play()
  const actor = play.devices[transition.actor]
  const story: string[] = []
  try {
    actor.faults.arm(fault)
    const outcome = await transition.act(play).then(
      () => 'done',
      (error: unknown) => (isNokkelError(error) ? error.code : error instanceof Killed ? 'killed' : String(error)),
    )
    story.push(outcome)
    if (fault.kind === 'kills') expect(actor.faults.dead).toBe(true)
    if (actor.faults.dead) await actor.start()
    else actor.faults.arm(null)
    let after = await transition.isAfter(play).catch(() => false)
    if (!after) expect(await transition.isBefore(play), `neither before nor after: ${await standing(play, transition.actor)}`).toBe(true)
    for (let i = 0; i < tries && !after; i++) {
      story.push(await codeOf(() => transition.act(play)))
      after = await transition.isAfter(play).catch(() => false)
    }
    expect(after, `not in the state after: ${await standing(play, transition.actor)}`).toBe(true)
    // the other devices are asked where something lasts was cut; a lost question leaves nothing to see
    if (fault.kind === 'kills') await transition.finally(play)
    return story
  } finally {
    await play.end()
  }
}

describe.each(transitions.map((transition) => [transition.title, transition] as const))('LIF-2 %s', (_, transition) => {
  it('cut off at each request and after each effect', async () => {
    const play = await stages[transition.stage].play()
    const { faults } = play.devices[transition.actor]
    faults.arm(null)
    await transition.act(play)
    const requests = [...faults.requests]
    const effects = [...faults.effects]
    expect(await transition.isAfter(play), await standing(play, transition.actor)).toBe(true)
    await transition.finally(play)
    await play.end()
    const places: Fault[] = [
      // a question whose answer is lost changes nothing anywhere; asked again and again it only costs time where passwords are stretched
      ...requests.flatMap(({ changes }, request): Fault[] => (changes || !transition.stretches ? [{ kind: 'loses', request }] : [])),
      ...requests.flatMap(({ changes }, request): Fault[] => (changes ? [{ kind: 'refuses', request }] : [])),
      ...effects.map((_effect, effect): Fault => ({ kind: 'kills', effect })),
    ]
    expect(effects.length).toBeGreaterThan(0)
    const broken: string[] = []
    for (const fault of places) {
      try {
        await cutOff(transition, fault)
      } catch (error) {
        broken.push(`${placeOf(fault, requests, effects)}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    expect(broken).toEqual([])
  }, 600_000)
})
