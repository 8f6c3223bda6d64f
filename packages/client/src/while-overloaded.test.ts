import { expect, test } from 'vitest'
import { NokkelError, type ErrorCode, type ErrorParams } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { whileOverloaded } from './while-overloaded.ts'

function world() {
  const pauses: number[] = []
  return { pauses, platform: { random: new SeededRandom(3), pause: async (ms: number) => void pauses.push(ms) } }
}

function failing(times: number, code: ErrorCode, params: ErrorParams = {}) {
  const state = { asked: 0 }
  const step = async (): Promise<string> => {
    if (state.asked++ < times) throw new NokkelError(code, params)
    return 'done'
  }
  return { state, step }
}

test('a server that cannot just now is asked again, a little later each time', async () => {
  const { pauses, platform } = world()
  const { step } = failing(3, 'server-unavailable')
  expect(await whileOverloaded(platform, step)).toBe('done')
  expect(pauses.map((ms, at) => ms >= 500 * 2 ** at && ms < 1_000 * 2 ** at)).toEqual([true, true, true])
})

test('and not for ever: then what it said is told', async () => {
  const { platform } = world()
  const { state, step } = failing(9, 'busy')
  await expect(whileOverloaded(platform, step)).rejects.toMatchObject({ code: 'busy' })
  expect(state.asked).toBe(4)
})

test.each<[ErrorCode, ErrorParams]>([
  ['server-unavailable', { what: 'moved' }],
  ['offline', {}],
  ['sign-in-failed', {}],
  ['rate-limited', { retryAfterSeconds: 1 }],
])('%s %o is an answer, and told at once', async (code, params) => {
  const { pauses, platform } = world()
  const { state, step } = failing(1, code, params)
  await expect(whileOverloaded(platform, step)).rejects.toMatchObject({ code })
  expect([state.asked, pauses.length]).toEqual([1, 0])
})
