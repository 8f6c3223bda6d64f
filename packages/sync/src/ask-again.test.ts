import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Clock } from '@nokkel/base'
import { AskAgain } from './ask-again.ts'
import type { FetchResponse } from './http-server-api.ts'

const answer = (name: string): FetchResponse => ({ status: 200, name }) as unknown as FetchResponse

/** Connections, each of which answers, fails, or says nothing until it is ended. */
function line(...connections: readonly ('dead' | 'fails' | 'answers')[]) {
  const asked: AbortSignal[] = []
  const ask = (signal: AbortSignal): Promise<FetchResponse> => {
    const kind = connections[asked.push(signal) - 1] ?? 'dead'
    if (kind === 'answers') return Promise.resolve(answer(String(asked.length)))
    if (kind === 'fails') return Promise.reject(new Error('refused'))
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
  }
  return { ask, asked }
}
const never = new AbortController().signal
const clock: Clock = { nowMs: () => Date.now() }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(20_000))

test('an answer that begins is taken, a failure at once is one, and neither is asked again', async () => {
  const good = line('answers')
  expect(await new AskAgain(clock).first(good.ask, never)).toEqual(answer('1'))
  const bad = line('fails', 'answers')
  await expect(new AskAgain(clock).first(bad.ask, never)).rejects.toThrow('refused')
  expect([good.asked.length, bad.asked.length]).toEqual([1, 1])
})

test('where nothing comes another connection is tried, and a third; the answer ends what was asked beside it', async () => {
  const { ask, asked } = line('dead', 'dead', 'answers')
  const asking = new AskAgain(clock).first(ask, never)
  await pass()
  expect(await asking).toEqual(answer('3'))
  expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, false])
})

test('one that fails beside one that is waited for decides nothing; the caller’s end is the end of all', async () => {
  const end = new AbortController()
  const { ask, asked } = line('dead', 'fails')
  const asking = new AskAgain(clock).first(ask, end.signal)
  asking.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(2_500)
  expect(asked).toHaveLength(2)
  end.abort()
  await expect(asking).rejects.toThrow('ended')
  await expect(new AskAgain(clock).first(line('dead').ask, AbortSignal.abort())).rejects.toThrow('ended')
})

test('a server that never answers is asked again ten times in a row, and again after an answer', async () => {
  const again = new AskAgain(clock)
  const silent = line()
  const attempt = async (): Promise<void> => {
    const end = new AbortController()
    const asking = again.first(silent.ask, end.signal)
    asking.catch(() => undefined)
    await pass()
    end.abort()
    await expect(asking).rejects.toThrow('ended')
  }
  for (let n = 0; n < 4; n++) await attempt()
  expect(silent.asked).toHaveLength(6 + 6 + 1 + 1)
  await again.first(line('answers').ask, never)
  await attempt()
  expect(silent.asked).toHaveLength(14 + 6)
})

test('where answers came slowly lately, silence is suspected later; and the line is said to stall when it is', async () => {
  const again = new AskAgain(clock)
  const slow = again.first(() => new Promise((resolve) => setTimeout(() => resolve(answer('slow')), 1_500)), never)
  await pass()
  await slow
  const { ask, asked } = line('dead', 'answers')
  let stalls = 0
  const asking = again.first(ask, never, () => stalls++)
  await vi.advanceTimersByTimeAsync(4_000)
  expect([asked.length, stalls]).toEqual([1, 0])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([asked.length, stalls]).toEqual([2, 1])
  await asking
})

test('once the other side was reached, what waits on connections from before is asked anew, and nothing that has just been asked', async () => {
  const again = new AskAgain(clock)
  const { ask, asked } = line('dead', 'dead', 'dead', 'dead', 'dead', 'dead', 'answers', 'dead')
  const asking = again.first(ask, never)
  await pass()
  expect(asked).toHaveLength(6)
  const young = line('dead')
  const end = new AbortController()
  const waiting = again.first(young.ask, end.signal)
  again.renew()
  expect(await asking).toEqual(answer('7'))
  expect(asked.slice(0, 6).every(({ aborted }) => aborted)).toBe(true)
  expect(young.asked).toHaveLength(1)
  end.abort()
  await expect(waiting).rejects.toThrow('ended')
})

test('where a kept connection was dead, the next request does not wait as long to find that the next one is', async () => {
  const again = new AskAgain(clock)
  const first = again.first(line('dead', 'answers').ask, never)
  await pass()
  await first
  const { ask, asked } = line('dead', 'answers')
  const second = again.first(ask, never)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toHaveLength(2)
  await second
  await again.first(line('answers').ask, never)
  const third = line('dead', 'answers')
  const asking = again.first(third.ask, never)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(third.asked).toHaveLength(1)
  await pass()
  await asking
})
