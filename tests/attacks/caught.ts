/** The verdict REJECT+alarm: a lie is named to the caller, left as a notice for the person, and nothing of it stays on the device. */
import { expect } from 'vitest'
import type { ErrorCode } from '@nokkel/base'
import type { EvilProxy } from './evil-proxy.ts'
import { codeOf, holdings, type TestDevice } from './world.ts'

export interface CaughtOptions {
  /** what the honest part of an answer says may be learnt: the circle, and the keys that belong to it, may have moved on */
  readonly circleMoves?: boolean
  /** false when the next lie follows at once */
  readonly goesOn?: boolean
  /** a refusal that is no alarm leaves none */
  readonly silent?: boolean
}

/** `arrange` sets the lie up; one synchronisation of `device` must refuse it with `code`, and with the truth it must go on. */
export async function expectCaught(
  device: TestDevice,
  code: ErrorCode,
  arrange: (proxy: EvilProxy) => unknown,
  options: CaughtOptions = {},
): Promise<void> {
  const kept = async (): Promise<Record<string, unknown>> => {
    const all = await holdings(device)
    return options.circleMoves === true ? { ...all, circle: null, head: null, keys: null } : all
  }
  const before = await kept()
  arrange(device.proxy.honest())
  expect(await codeOf(() => device.client.sync())).toBe(code)
  expect(await kept()).toEqual(before)
  if (options.silent !== true) {
    const { notices } = await device.client.status()
    const alarms = notices.filter(({ kind }) => kind === 'alarm')
    expect(alarms.map(({ params }) => params.code)).toContain(code)
    // the next lie must raise its own
    await device.client.acknowledge(alarms.map(({ id }) => id))
  }
  device.proxy.honest()
  if (options.goesOn !== false) expect(await codeOf(() => device.client.sync())).toBe('accepted')
}
