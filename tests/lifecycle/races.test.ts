/**
 * Two devices do opposite things at once (LIF-2, LIF-4, LIF-6, CIR-13): the second does all of its own between two requests of the first, at each
 * place there is. Whatever the outcome, both end in a state that the machine has, nobody raises an alarm, whoever is trusted agrees with
 * every other, and somebody who comes anew finds a keychain or is told that there is none.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isNokkelError } from '@nokkel/base'
import { joinBy, password, type Play } from './stage.ts'
import { buildStages, codeOf, type Name, type Stages } from './transitions.ts'

type Cast = Play<Name>
type Deed = (play: Cast) => Promise<unknown>

const removing =
  (by: 'pc' | 'phone', whom: 'pc' | 'phone', deleteCopy = false): Deed =>
  async ({ devices }) => {
    const other = (await devices[by].client.devices()).find(({ name }) => name === whom)
    if (other !== undefined) await devices[by].client.removeDevice(other.id, { deleteCopy })
  }
const off =
  (name: 'pc' | 'phone', everywhere = false): Deed =>
  ({ devices }) =>
    devices[name].client.turnOff({ copy: 'keep', everywhere })
const reset =
  (name: 'pc' | 'phone'): Deed =>
  ({ devices }) =>
    devices[name].client.resetKeychain({ password, from: 'device' })
const adds =
  (name: 'pc' | 'phone'): Deed =>
  async ({ devices }) => {
    await devices[name].client.addItem({ kind: 'note', fields: new Map([['title', 'Samtidig']]) })
    await devices[name].client.sync()
  }
const letsIn: Deed = async ({ devices: { fresh, phone } }) => {
  await fresh.client.signIn(fresh.details)
  await joinBy(fresh, phone)
}

interface Race {
  readonly title: string
  /** whose requests are counted; the second is the other's */
  readonly actor: 'pc' | 'phone'
  readonly first: Deed
  readonly second: Deed
  /** states of pc and phone in the end */
  readonly ends: readonly string[]
}

const races: readonly Race[] = [
  {
    title: 'B3 each removes the other',
    actor: 'pc',
    first: removing('pc', 'phone'),
    second: removing('phone', 'pc'),
    ends: ['trusted removed', 'removed trusted'],
  },
  {
    title: 'D2 D3 both turn off, and one must stay',
    actor: 'pc',
    first: off('pc'),
    second: off('phone'),
    ends: ['off trusted', 'trusted off'],
  },
  {
    title: 'B3 D2 one is removed while it turns off',
    actor: 'phone',
    first: off('phone'),
    second: removing('pc', 'phone'),
    ends: ['trusted removed', 'trusted off'],
  },
  { title: 'D4 both reset', actor: 'pc', first: reset('pc'), second: reset('phone'), ends: ['trusted reset', 'reset trusted'] },
  { title: 'D4 B2 one resets while the other writes', actor: 'pc', first: reset('pc'), second: adds('phone'), ends: ['trusted reset'] },
  { title: 'D3 A5 off everywhere while somebody is let in', actor: 'pc', first: off('pc', true), second: letsIn, ends: ['off removed'] },
  {
    title: 'D3 D4 off everywhere while the other resets',
    actor: 'pc',
    first: off('pc', true),
    second: reset('phone'),
    ends: ['reset trusted', 'off removed'],
  },
  {
    title: 'D3 B3 off everywhere while it is removed',
    actor: 'pc',
    first: off('pc', true),
    second: removing('phone', 'pc'),
    ends: ['removed trusted', 'off removed'],
  },
]

vi.mock(import('@serenity-kit/opaque'), async (importActual) =>
  (await import('./light-stretching.ts')).withLightStretching(await importActual()),
)
vi.mock(import('@nokkel/crypto'), async (importActual) => (await import('./light-stretching.ts')).withLightPasscodes(await importActual()))

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

async function race({ actor, first, second, ends }: Race, place: number): Promise<void> {
  const play = await stages.two.play()
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
      expect(await device.titles(), story).toContain('Bank')
    }
    const survivor = [pc, phone].find(({ name }) => end.split(' ')[name === 'pc' ? 0 : 1] === 'trusted')
    if ((await fresh.state()) !== 'trusted') await codeOf(() => fresh.client.signIn(fresh.details))
    if (survivor === undefined) expect(await codeOf(() => fresh.client.isOffEverywhere()), story).toBe('done')
    else {
      await joinBy(fresh, survivor)
      await survivor.client.sync()
      expect(await fresh.titles(), story).toEqual(await survivor.titles())
    }
  } finally {
    await play.end()
  }
}

describe.each(races.map((each) => [each.title, each] as const))('LIF-2 %s', (_, each) => {
  it('whichever comes between', async () => {
    const alone = await stages.two.play()
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
