import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('eight of one session at once, its others in their order; another session does not wait; nothing is left over', async () => {
  const turns = new Turns()
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = Array.from({ length: 20 }, async (_, n) => {
    const end = await turns.take('noisy')
    begun.push(n)
    ends.push(end)
  })
  await settled()
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  const quiet = await turns.take('quiet')
  quiet()
  // ended twice is ended once
  ends[3]?.()
  ends[3]?.()
  await settled()
  expect(begun.at(-1)).toBe(8)
  for (let at = 0; at < 20; at++) {
    ends[at]?.()
    await settled()
  }
  await Promise.all(all)
  expect(begun).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect(turns.size).toBe(0)
})

test('a queue has an end', async () => {
  const turns = new Turns()
  const taken = Array.from({ length: 1_008 }, () => turns.take('noisy'))
  await expect(turns.take('noisy')).rejects.toMatchObject({ code: 'rate-limited', params: { retryAfterSeconds: 1 } })
  for (const each of taken) (await each)()
  expect(turns.size).toBe(0)
  await (
    await turns.take('noisy')
  )()
})
