import { expect, it } from 'vitest'
import { coalesced } from './coalesced.ts'

it('runs once for all that asked before it began, once more for those that came while it ran, and never twice at a time', async () => {
  let [value, running] = [0, 0]
  const seen: number[] = []
  const say = coalesced(async () => {
    expect(++running).toBe(1)
    seen.push(value)
    await new Promise((done) => setTimeout(done))
    running--
  })
  const asked = Array.from({ length: 1_000 }, () => {
    value++
    return say()
  })
  await Promise.resolve()
  await Promise.resolve()
  value = 2_000
  await Promise.all([...asked, say(), say()])
  expect(seen).toEqual([1_000, 2_000])
})

it('tells a failure to those that asked for that run, and goes on', async () => {
  let fails = true
  const say = coalesced(async () => {
    if (fails) throw new Error('no')
  })
  await Promise.all([expect(say()).rejects.toThrow('no'), expect(say()).rejects.toThrow('no')])
  fails = false
  expect(await say()).toBeUndefined()
})
