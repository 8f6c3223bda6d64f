import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const pass = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(20_000))

test('an answer that begins is taken, a failure at once is one, and neither is asked again', async () => {
  const good = line('answers')
  expect(await new AskAgain().first(good.ask, never)).toEqual(answer('1'))
  const bad = line('fails', 'answers')
  await expect(new AskAgain().first(bad.ask, never)).rejects.toThrow('refused')
  expect([good.asked.length, bad.asked.length]).toEqual([1, 1])
})

test('where nothing comes another connection is tried, and a third; the answer ends what was asked beside it', async () => {
  const { ask, asked } = line('dead', 'dead', 'answers')
  const asking = new AskAgain().first(ask, never)
  await pass()
  expect(await asking).toEqual(answer('3'))
  expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, false])
})

test('one that fails beside one that is waited for decides nothing; the caller’s end is the end of all', async () => {
  const end = new AbortController()
  const { ask, asked } = line('dead', 'fails')
  const asking = new AskAgain().first(ask, end.signal)
  asking.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(4_500)
  expect(asked).toHaveLength(2)
  end.abort()
  await expect(asking).rejects.toThrow('ended')
  await expect(new AskAgain().first(line('dead').ask, AbortSignal.abort())).rejects.toThrow('ended')
})

test('a server that never answers is asked again ten times in a row, and again after an answer', async () => {
  const again = new AskAgain()
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
