/**
 * LIF-2 with the real program: `nokkel …` is killed with SIGKILL at moments spread over its run, at its requests, at the answers to them and at
 * its writes, and then typed again. The server is the real one, the store is the file that it is; what the devices hold afterwards is read through
 * the client. A few moments for each command by default; NOKKEL_KILL_MOMENTS names how many, up to all.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Ran } from '../e2e/harness.ts'
import { approveAs, killer, Play, setScenes, strikeScenes, world } from './real-play.ts'
import { backupFile, typed, type Typed } from './typed-commands.ts'

vi.mock('tinypool', async (importActual) => (await import('nokkel-server/threads/testing')).withLastingThreads(importActual))

const momentsMost = Number(process.env['NOKKEL_KILL_MOMENTS'] ?? 2)
const turnsMost = 12
beforeAll(setScenes)
afterAll(strikeScenes)

async function type(play: Play, { actor, args, approver }: Typed, aimed: boolean): Promise<Ran> {
  const device = world.device(actor, { NOKKEL_HOME: play.home(actor) })
  const running = device.start(args(play))
  if (aimed) killer.aim(running.child)
  if (approver === undefined) return running.done
  const ended = new AbortController()
  const approving = running
    .line()
    .then((line) => {
      const ticket = JSON.parse(line) as { requestId?: string; code?: string }
      return ticket.requestId === undefined ? undefined : approveAs(play, approver, ticket.requestId, ticket.code ?? '', ended.signal)
    })
    // it may be dead before it shows anything, and whom the approver waits for may be dead
    .catch(() => undefined)
  const ran = await running.done
  ended.abort()
  await approving
  return ran
}

/** The device's own file, and what a command writes for its user. */
const arm = (play: Play, { actor }: Typed, place: number | null): void =>
  killer.arm([play.home(actor), play.folder], /^keychain\.sqlite(?!-shm)|^\.?device\.json/, place)

async function setUp(each: Typed): Promise<Play> {
  const play = await Play.of(each.scene)
  if (each.title === 'D1 backup restore')
    await world.device('pc', { NOKKEL_HOME: play.home('pc') }).ok(['backup', 'save', backupFile(play)])
  return play
}

/** `most` of them, as far apart as can be. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, at) => at)
  return Array.from({ length: most }, (_, at) => Math.floor(((at + 1) * count) / (most + 1)))
}

describe.each(typed.map((each) => [each.title, each] as const))('LIF-2 %s', (_, each) => {
  it('killed at a request, an answer or a write, and typed again', async () => {
    const whole = await setUp(each)
    arm(whole, each, null)
    const ran = await type(whole, each, false)
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    const { length } = killer.moments
    killer.disarm()
    await each.isAfter(whole)
    await whole.end()
    expect(length).toBeGreaterThan(0)
    const broken: string[] = []
    let kills = 0
    const places = spread(length, momentsMost)
    // a command without requests may have ended before a write of its was seen: until one is killed in time
    for (let turn = 0; turn < places.length || (kills === 0 && turn < turnsMost); turn++) {
      const place = places[turn] ?? turn % length
      const play = await setUp(each)
      arm(play, each, place)
      const first = await type(play, each, true)
      if (first.code === null) kills++
      const moment = killer.moments[place] ?? 'its end'
      killer.disarm()
      await play.release()
      try {
        const again = await type(play, each, false)
        if (again.code !== 0) expect(each.done, again.stdout + again.stderr).toContain(again.json.error?.code)
        await play.release()
        await each.isAfter(play)
      } catch (error) {
        broken.push(`killed at moment ${place} of ${length}, ${moment}: ${error instanceof Error ? error.message : String(error)}`)
      }
      await play.end()
    }
    expect(broken).toEqual([])
    expect(kills).toBeGreaterThan(0)
  }, 600_000)
})
