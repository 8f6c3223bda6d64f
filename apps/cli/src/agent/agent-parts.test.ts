import { describe, expect, it } from 'vitest'
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from './frames.ts'
import { createLockWatch, type Instant } from './lock-watch.ts'

const minute = 60_000

function clocks() {
  const now = { wallMs: 1_760_000_000_000, steadyMs: 5_000 }
  return {
    now: (): Instant => ({ ...now }),
    pass: (ms: number) => {
      now.wallMs += ms
      now.steadyMs += ms
    },
    sleep: (ms: number) => void (now.wallMs += ms),
    set: (ms: number) => void (now.wallMs += ms),
  }
}

describe('when the agent locks', () => {
  it('locks when it has not been used for the set time', () => {
    const { now, pass } = clocks()
    const watch = createLockWatch(5 * minute, 1_000, now())
    for (let second = 1; second < 5 * 60; second++) {
      pass(1_000)
      expect(watch.check(now())).toBeUndefined()
    }
    pass(1_000)
    expect(watch.check(now())).toBe('idle')
  })

  it('counts from the last use', () => {
    const { now, pass } = clocks()
    const watch = createLockWatch(5 * minute, minute, now())
    for (let use = 0; use < 20; use++) {
      pass(minute)
      expect(watch.check(now())).toBeUndefined()
      watch.touch(now())
    }
    expect(watch.secondsLeft(now())).toBe(300)
  })

  it('locks after the machine slept, however the platform’s steady clock counts that', () => {
    for (const away of ['sleep', 'pass'] as const) {
      const clock = clocks()
      const watch = createLockWatch(60 * minute, 1_000, clock.now())
      clock.pass(1_000)
      expect(watch.check(clock.now())).toBeUndefined()
      clock[away](40_000)
      expect(watch.check(clock.now())).toBe('slept')
    }
  })

  it('is not upset by a busy machine or a small correction of the clock', () => {
    const clock = clocks()
    const watch = createLockWatch(60 * minute, 1_000, clock.now())
    clock.pass(9_000)
    clock.set(-5_000)
    expect(watch.check(clock.now())).toBeUndefined()
  })

  it('does not stay open longer because the clock was set back', () => {
    const clock = clocks()
    const watch = createLockWatch(minute, 1_000, clock.now())
    clock.pass(59_000)
    clock.set(-20_000)
    clock.pass(2_000)
    expect(watch.secondsLeft(clock.now())).toBe(0)
  })
})

describe('frames of the agent', () => {
  const token = new Uint8Array(32).fill(7)

  it('carry a request and an answer', () => {
    expect(decodeRequest(encodeRequest('lock', token))).toEqual({ operation: 'lock', token: Buffer.from(token) })
    const key = new Uint8Array(32).fill(9)
    expect(decodeAnswer(new Uint8Array(encodeAnswer(299.7, key)))).toEqual({ secondsLeft: 299, key })
    expect(decodeAnswer(new Uint8Array(encodeAnswer(12)))).toEqual({ secondsLeft: 12, key: undefined })
  })

  it('are nothing when they are not exactly right', () => {
    const good = encodeRequest('key', token)
    expect(decodeRequest(good.subarray(0, 33))).toBeUndefined()
    expect(decodeRequest(Buffer.concat([good, Buffer.from([0])]))).toBeUndefined()
    expect(decodeRequest(Buffer.concat([Buffer.from([2, 0]), token]))).toBeUndefined()
    expect(decodeRequest(Buffer.concat([Buffer.from([1, 9]), token]))).toBeUndefined()
    for (const length of [0, 4, 6, 36, 38]) expect(decodeAnswer(new Uint8Array(length).fill(1))).toBeUndefined()
  })
})
