import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveLine } from './live-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A line whose other end answers while `alive`. */
function lineOf(given: { readonly openedInMs?: number; readonly answers?: boolean; readonly beatMs?: number | null } = {}) {
  const state = { alive: true, asked: 0, dead: 0 }
  const line: LiveLine = new LiveLine({
    beatMs: 30_000,
    answers: true,
    openedInMs: 50,
    ...given,
    ask: () => {
      state.asked++
      if (state.alive) queueMicrotask(() => line.heard())
    },
    onDead: () => {
      state.dead++
      line.end()
    },
  })
  return { line, state }
}
const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms))

describe('API-9: a live channel that died without a word', () => {
  test('an idle one asks nothing, and is given up when two beats and a half stay away', async () => {
    const { line, state } = lineOf()
    await pass(70_000)
    line.heard()
    await pass(74_000)
    expect(state).toMatchObject({ asked: 0, dead: 0 })
    await pass(2_000)
    expect(state).toMatchObject({ asked: 0, dead: 1 })
  })

  test('one that is in use asks, four times and ever less often, and then rests', async () => {
    const { line, state } = lineOf({ beatMs: null })
    line.attend()
    await pass(600_000)
    expect(state).toMatchObject({ asked: 4, dead: 0 })
    line.attend()
    line.attend()
    await pass(1_100)
    expect(state.asked).toBe(5)
  })

  test('in use, it is noticed within three seconds', async () => {
    const { line, state } = lineOf()
    state.alive = false
    line.attend()
    await pass(2_900)
    expect(state.dead).toBe(0)
    await pass(200)
    expect(state.dead).toBe(1)
    await pass(600_000)
    expect(state).toMatchObject({ asked: 1, dead: 1 })
  })

  test('on suspicion it is asked at once, one question at a time', async () => {
    const { line, state } = lineOf()
    state.alive = false
    line.suspect()
    line.suspect()
    line.attend()
    expect(state.asked).toBe(1)
    await pass(2_000)
    expect(state.dead).toBe(1)
  })

  test('anything that comes is an answer, and a line that was slow to open is given more time', async () => {
    const { line, state } = lineOf({ openedInMs: 3_000 })
    state.alive = false
    line.suspect()
    await pass(5_900)
    expect(state.dead).toBe(0)
    line.heard()
    await pass(900)
    expect(state.dead).toBe(0)
    await pass(6_200)
    expect(state.dead).toBe(1)
  })

  test('a server that does not know questions is asked none', async () => {
    const { line, state } = lineOf({ answers: false })
    line.suspect()
    line.attend()
    await pass(60_000)
    expect(state.asked).toBe(0)
  })
})
