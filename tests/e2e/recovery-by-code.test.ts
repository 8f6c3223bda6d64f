/**
 * All devices lost, with realms at three operators (F2, F7, A5(b)): three realm processes with keys of their own, a list that they signed, a
 * sign-in server that has none of it, an SMS, and the passcode of a device that is gone. Everything as operators and a person do it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World, passcode, until, type Device, type Json, type Ran, type Server } from './harness.ts'
import { startRealms, type RunningRealm } from './realms.ts'

const email = 'tre@example.org'
const phone = '+4798765432'

describe('recovery through two of three realms', () => {
  const world = new World()
  let realms: readonly RunningRealm[] = []
  let server: Server
  let pc: Device
  let mobile: Device

  beforeAll(async () => {
    // the realms must know the sign-in server's key, which its first start makes
    const data = join(world.folder, 'sign-in')
    await (await world.server({ data })).stop()
    const started = await startRealms(world, data, { count: 3, threshold: 2, needed: 2 })
    realms = started.realms
    const { list } = started
    server = await world.server({ data, env: { NOKKEL_REALMS: list } })
    pc = world.device('PC')
    mobile = world.device('Mobil')
    await pc.ok(['account', 'create', '--server', server.url, '--email', email, '--device-name', 'PC', '--phone', phone])
    await mobile.joinBy(pc, server, email)
    await pc.addPassword('Bank', 'hemmelig 1')
    // an agent that took over the key has no passcode to lay down: unlocking by it does
    for (const device of [pc, mobile]) await device.ok(['sync'])
  })
  afterAll(() => world.end())

  async function fresh(name: string): Promise<Device> {
    const device = world.device(name)
    await device.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', name])
    return device
  }

  let seen = 0
  async function sms(): Promise<string> {
    const codes = (): string[] =>
      readFileSync(join(server.data, 'outbox', 'messages.jsonl'), 'utf8')
        .split('\n')
        .flatMap((line) => /"channel":"sms".*#([0-9]{6})/.exec(line)?.[1] ?? [])
    await until(async () => codes().length > seen, 'an SMS')
    seen = codes().length
    return codes().at(-1) as string
  }

  /** The code that came by SMS is typed while the command waits for it. */
  async function recover(
    device: Device,
    of: string,
    code: string,
    second: () => Promise<string> | null,
    more: readonly string[] = [],
  ): Promise<Ran> {
    const running = device.start(['recover', '--with', 'passcode', '--device', of, ...more], {
      env: { NOKKEL_DEVICE_PASSCODE: code },
      holdInput: true,
    })
    const typed = second()
    running.child.stdin?.end(typed === null ? '' : `${await typed}\n`)
    return running.done
  }
  const errorOf = (ran: Ran): Json['error'] => {
    expect(ran.code).not.toBe(0)
    return ran.json.error
  }

  it('F2 each device has laid its passcode down, and says so', async () => {
    for (const device of [pc, mobile])
      expect(await device.ok(['status'])).toMatchObject({ escrow: { passcode: 'current', passcodes: 2, securityCode: false } })
  })

  it('F2 ESC-4 a new device sees what could bring it back, before the second factor without the names of devices, and nothing else', async () => {
    const device = await fresh('Ser')
    expect(await device.ok(['recover'])).toMatchObject({
      verificationNeeded: true,
      ways: [
        { kind: 'passcode', name: '' },
        { kind: 'passcode', name: '' },
      ],
    })
    expect(await device.ok(['status'])).toMatchObject({ state: 'signed-in', items: 0 })
  })

  it('F7 A5 with one realm dead: SMS, a wrong passcode that costs one attempt, the right one, and everything is back', async () => {
    await realms[2]?.stop()
    const device = await fresh('Ny')
    const wrong = errorOf(await recover(device, 'Mobil', '000111', sms))
    // six at each of the two that answer (A26), one of them gone
    expect(wrong).toMatchObject({ code: 'recovery-code-wrong', params: { attemptsLeft: 5 } })
    // the second factor holds for half an hour: the next try asks for the passcode alone
    const right = await recover(device, 'Mobil', passcode, () => null)
    expect(right.json).toMatchObject({ recovered: true, items: 1 })
    expect(await device.ok(['status'])).toMatchObject({ state: 'trusted', pendingChanges: 0 })
    await pc.ok(['sync'])
    const notices = (await pc.ok(['status'])).notices as { kind: string }[]
    expect(notices.find(({ kind }) => kind === 'device-recovered')).toMatchObject({ params: { name: 'Ny' } })
  })

  it('F7 with two realms dead nothing is tried and nothing spent; enrolment waits too, and says why', async () => {
    await realms[1]?.stop()
    const device = await fresh('Senere')
    const shown = String((await pc.ok(['two-factor', 'code'])).code)
    const error = errorOf(await recover(device, 'PC', passcode, () => Promise.resolve(shown), ['--shown']))
    expect(error).toMatchObject({ code: 'realms-unavailable' })
    expect(await mobile.ok(['status'])).toMatchObject({ escrow: { passcode: 'missing' } })
  })
})
