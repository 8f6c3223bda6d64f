import { describe, expect, test } from 'vitest'
import { SeededRandom } from '@nokkel/base/testing'
import { Reconnects } from './reconnect.ts'

describe('SYN-12: when a server that is away is tried again', () => {
  test('first within half a second, then within two for as long as an outage is short', () => {
    const reconnects = new Reconnects(new SeededRandom(1))
    const waits = Array.from({ length: 20 }, () => reconnects.nextMs())
    expect(waits[0]).toBeLessThanOrEqual(500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(2_000)
    // spread out, not one moment for all
    expect(new Set(waits).size).toBeGreaterThan(15)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100)
  })

  test('never later than a tenth of the outage, and never later than five minutes', () => {
    const reconnects = new Reconnects(new SeededRandom(1))
    let waitedMs = 0
    for (let n = 0; n < 1_000; n++) {
      expect(reconnects.ceilingMs).toBeLessThanOrEqual(Math.min(300_000, Math.max(2_000, waitedMs / 10)))
      waitedMs += reconnects.nextMs()
    }
    expect(reconnects.ceilingMs).toBe(300_000)
  })

  test('an hour costs no more than a few hundred tries', () => {
    const reconnects = new Reconnects(new SeededRandom(1))
    let tries = 0
    for (let waitedMs = 0; waitedMs < 3_600_000; tries++) waitedMs += reconnects.nextMs()
    expect(tries).toBeLessThan(250)
  })

  test('what was reached is tried at once again after its next loss', () => {
    const reconnects = new Reconnects(new SeededRandom(1))
    for (let n = 0; n < 200; n++) reconnects.nextMs()
    reconnects.reached()
    expect(reconnects.nextMs()).toBeLessThanOrEqual(500)
  })
})
