/**
 * Two devices do opposite things at once (LIF-2, LIF-4, LIF-6, CIR-13): the second does all of its own between two requests of the first, at each
 * place there is. Whatever the outcome, both end in a state that the machine has, nobody raises an alarm, whoever is trusted agrees with
 * every other, and somebody who comes anew finds a keychain or is told that there is none.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isNokkelError } from '@nokkel/base'
import { joinBy } from './stage.ts'
import { races, type Cast, type Race } from './races.ts'
import { buildStages, codeOf, type Stages } from './stages.ts'

vi.mock(import('@serenity-kit/opaque'), async (importActual) =>
  (await import('./light-stretching.ts')).withLightStretching(await importActual()),
)
vi.mock(import('@nokkel/crypto'), async (importActual) => (await import('./light-stretching.ts')).withLightPasscodes(await importActual()))
vi.mock('tinypool', async (importActual) => (await import('nokkel-server/threads/testing')).withLastingThreads(importActual))

let stages: Stages
beforeAll(async () => {
  stages = await buildStages()
})
afterAll(() => {
  for (const stage of Object.values(stages)) stage.strike()
})

/** Ours, and none that names a lie: with an honest server nobody may be accused. */
async function outcomeOf(deed: Promise<unknown>): Promise<string> {
  try {
    await deed
    return 'done'
  } catch (error) {
    if (!isNokkelError(error) || error.group === 'alarm' || error.code === 'internal') throw error
    return error.code
  }
}

async function settle({ devices: { pc, phone } }: Cast): Promise<string> {
  for (let i = 0; i < 2; i++)
    for (const device of [pc, phone]) if ((await device.state()) === 'trusted') await codeOf(() => device.client.sync())
  return `${await pc.state()} ${await phone.state()}`
}

async function race({ stage = 'two', actor, first, second, ends }: Race, place: number): Promise<void> {
  const play = await stages[stage].play()
  const { pc, phone, fresh } = play.devices
  try {
    const line = play.devices[actor].faults
    let other = 'not yet'
    const until = async (): Promise<void> => {
      other = await outcomeOf(second(play))
    }
    line.arm({ kind: 'waits', request: place, until })
    const one = await outcomeOf(first(play))
    if (other === 'not yet') await until()
    line.revive()
    const story = `first ${one}, second ${other}`
    const end = await settle(play)
    expect(ends, story).toContain(end)
    for (const device of [pc, phone]) {
      const { notices, quarantined } = await device.client.status()
      expect(
        notices.filter(({ kind }) => kind === 'alarm'),
        story,
      ).toEqual([])
      expect(quarantined).toBe(0)
      // every copy that is kept has what it had
      const { state, items } = await device.client.status()
      if (state === 'signed-in') expect(items, story).toBeGreaterThan(0)
      else expect(await device.titles(), story).toContain('Bank')
    }
    const survivor = [pc, phone].find(({ name }) => end.split(' ')[name === 'pc' ? 0 : 1] === 'trusted')
    if ((await fresh.state()) !== 'trusted') await codeOf(() => fresh.client.signIn(fresh.details))
    if (survivor === undefined) expect(await codeOf(() => fresh.client.isOffEverywhere()), story).toBe('done')
    else {
      if ((await fresh.state()) === 'trusted') await fresh.client.sync()
      else await joinBy(fresh, survivor)
      await survivor.client.sync()
      expect(await fresh.titles(), story).toEqual(await survivor.titles())
    }
  } finally {
    await play.end()
  }
}

describe.each(races.map((each) => [each.title, each] as const))('LIF-2 %s', (_, each) => {
  it('whichever comes between', async () => {
    const alone = await stages[each.stage ?? 'two'].play()
    const { faults } = alone.devices[each.actor]
    faults.arm(null)
    await each.first(alone)
    // before all, and before each request that changes something: there it is decided who was first
    const places = [...new Set([0, ...faults.requests.flatMap(({ changes }, i) => (changes ? [i] : []))])]
    await alone.end()
    expect(places.length).toBeGreaterThan(1)
    const broken: string[] = []
    for (const place of places)
      await race(each, place).catch((error: unknown) =>
        broken.push(`before request ${place}: ${error instanceof Error ? error.message : String(error)}`),
      )
    expect(broken).toEqual([])
  }, 600_000)
})
