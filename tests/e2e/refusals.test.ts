import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { World, type Device, type Server } from './harness.ts'

/** Wrong input and wrong moments: each with its code and exit status, and nothing lost. */
describe('refusals', () => {
  const world = new World()
  const email = 'ola@example.org'
  let server: Server
  let pc: Device

  beforeAll(async () => {
    server = await world.server()
    pc = world.device('PC')
    await pc.create(server, email)
    await pc.addPassword('Bank', 'hemmelig')
  })
  afterAll(() => world.end())

  const refused = async (
    device: Device,
    args: readonly string[],
    code: string,
    status: number,
    options: Parameters<Device['start']>[1] = {},
  ) => {
    const ran = await device.run(args, options)
    expect({ args, code: ran.json.error?.code, status: ran.code }).toEqual({ args, code, status })
    expect(ran.json.error?.message).toBeTruthy()
    expect(ran.json.error?.hint).toBeTruthy()
    return ran
  }

  it('A wrong account password and an unknown account look the same', async () => {
    const other = world.device('Annen')
    const signIn = (address: string) => ['sign-in', '--server', server.url, '--email', address, '--device-name', 'Annen']
    const wrong = await refused(other, signIn(email), 'sign-in-failed', 1, { env: { NOKKEL_PASSWORD: 'ikke dette passordet' } })
    const unknown = await refused(other, signIn('ingen@example.org'), 'sign-in-failed', 1)
    expect(unknown.json).toEqual(wrong.json)
  })

  it('C1 wrong passcodes are refused, counted and slowed down, and the right one still opens', async () => {
    const device = world.device('Kode')
    await device.create(server, 'kode@example.org')
    for (let i = 0; i < 5; i++) await refused(device, ['list'], 'passcode-wrong', 3, { env: { NOKKEL_PASSCODE: '111222' } })
    const throttled = await refused(device, ['list'], 'passcode-throttled', 3)
    expect(throttled.json.error?.params['retryAfterSeconds']).toBeGreaterThan(0)
  })

  it('C1 weak passcodes and passwords are refused with the reason', async () => {
    const device = world.device('Svak')
    const create = ['account', 'create', '--server', server.url, '--email', 'svak@example.org', '--device-name', 'Svak']
    expect((await refused(device, create, 'weak-passcode', 2, { env: { NOKKEL_PASSCODE: '123456' } })).json.error?.params['reason']).toBe(
      'run',
    )
    expect((await refused(device, create, 'weak-password', 2, { env: { NOKKEL_PASSWORD: 'kort' } })).json.error?.params['reason']).toBe(
      'too-short',
    )
    // nothing was left behind that would be in the way
    await device.create(server, 'svak@example.org')
  })

  it('A5 a wrong code, a code of another request, and one wrong code too many', async () => {
    const phone = world.device('Mobil')
    await phone.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Mobil'])
    const joining = phone.start(['join', '--wait'])
    const ticket = JSON.parse(await joining.line()) as { requestId: string; code: string }
    const wrong = ticket.code === '000000' ? '000001' : '000000'
    expect(
      (await refused(pc, ['devices', 'approve', ticket.requestId, '--code', wrong], 'code-wrong', 1)).json.error?.params['attemptsLeft'],
    ).toBe(4)
    await refused(pc, ['devices', 'approve', 'ffffffffffffffffffffffffffffffff', '--code', ticket.code], 'request-not-found', 1)
    await refused(pc, ['devices', 'approve', ticket.requestId, '--code', wrong], 'code-wrong', 1)
    await refused(pc, ['devices', 'approve', ticket.requestId, '--code', wrong], 'code-wrong', 1)
    // three runs with a wrong code, and the new device itself gives the code up (JOIN-6)
    const late = await pc.run(['devices', 'approve', ticket.requestId, '--code', ticket.code])
    expect(late.code).not.toBe(0)
    expect((await joining.done).stderr).toContain('code-attempts-used')
    expect((await phone.ok(['status'])).state).toBe('signed-in')
    // asked again with a new code, the account's own limit of five a day still counts
    const again = phone.start(['join', '--wait'])
    const second = JSON.parse(await again.line()) as { requestId: string; code: string }
    expect(second.requestId).not.toBe(ticket.requestId)
    await pc.ok(['devices', 'approve', second.requestId, '--code', second.code])
    expect((await again.done).code).toBe(0)
  })

  it('A5 a declined request ends for the new device, and can be asked again', async () => {
    const tablet = world.device('Nettbrett')
    await tablet.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Nettbrett'])
    const joining = tablet.start(['join', '--wait'])
    const ticket = JSON.parse(await joining.line()) as { requestId: string; code: string }
    await pc.ok(['devices', 'decline', ticket.requestId])
    const ran = await joining.done
    expect(ran.code).not.toBe(0)
    await refused(pc, ['devices', 'approve', ticket.requestId, '--code', ticket.code], 'request-declined', 1)
    const again = tablet.start(['join', '--wait'])
    const second = JSON.parse(await again.line()) as { requestId: string; code: string }
    await pc.ok(['devices', 'approve', second.requestId, '--code', second.code])
    expect((await again.done).code).toBe(0)
  })

  it('secrets on the command line are refused and not repeated', async () => {
    const ran = await refused(pc, ['add', 'password', '--title', 'x', '--field', 'password=lekket123'], 'secret-in-argument', 2)
    expect(ran.stdout + ran.stderr).not.toContain('lekket123')
  })

  it('usage, unknown things and ambiguous names', async () => {
    expect((await pc.run(['finnes-ikke'])).code).toBe(2)
    await refused(pc, ['show', 'Finnes ikke'], 'not-found', 2)
    await pc.addPassword('Tvilling', 'a')
    await pc.addPassword('Tvilling', 'b')
    await refused(pc, ['show', 'Tvilling'], 'ambiguous', 2)
    const file = join(world.folder, 'x.bin')
    writeFileSync(file, Buffer.from([1, 2, 3, 4]))
    await refused(pc, ['import', file], 'format-unknown', 2)
    await refused(pc, ['import', join(world.folder, 'nowhere.csv')], 'io-failed', 1)
    await refused(world.device('Tom'), ['list'], 'not-signed-in', 4)
    await refused(world.device('Tom2'), ['sign-in', '--server', 'http://keys.example.org', '--email', email], 'server-url-invalid', 2)
    const alone = world.device('Alene')
    await alone.create(server, 'alene@example.org')
    await refused(alone, ['off', '--keep'], 'last-device', 6)
  })

  it('an account exists once', async () => {
    const second = world.device('To')
    await refused(
      second,
      ['account', 'create', '--server', server.url, '--email', email.toUpperCase(), '--device-name', 'To'],
      'account-exists',
      6,
    )
  })

  it('A3 a client that is too old is told to update, keeps its data and works offline', async () => {
    const { data } = server
    await server.stop()
    const strict = await world.server({ data, port: Number(new URL(server.url).port), env: { NOKKEL_MIN_CLI: '99.0.0' } })
    await refused(pc, ['sync'], 'client-too-old', 6)
    expect((await pc.ok(['list', 'bank'])).items).toHaveLength(1)
    await pc.addPassword('Lagt til mens den var for gammel', 'x')
    expect((await pc.ok(['status'])).pendingChanges).toBe(1)
    await strict.stop()
    await server.start()
    await pc.ok(['sync'])
    expect((await pc.ok(['status'])).pendingChanges).toBe(0)
  })

  it('A2 outside the region a keychain cannot be turned on, and the error names the region', async () => {
    const regional = await world.server({ data: join(world.folder, 'regional'), env: { NOKKEL_REGIONS: 'NO,SE' } })
    const device = world.device('Dansk')
    const ran = await refused(
      device,
      ['account', 'create', '--server', regional.url, '--email', 'd@example.org', '--device-name', 'D', '--region', 'DK'],
      'region-unavailable',
      6,
    )
    expect(String(ran.json.error?.message) + JSON.stringify(ran.json.error?.params)).toContain('DK')
    await device.ok(['account', 'create', '--server', regional.url, '--email', 'd@example.org', '--device-name', 'D', '--region', 'NO'])
    await regional.stop()
  })

  it('A6 offline, everything local keeps working', async () => {
    await server.kill()
    await refused(pc, ['sync'], 'offline', 5)
    await pc.addPassword('Uten nett', 'x')
    expect((await pc.ok(['list', 'uten nett'])).items).toHaveLength(1)
    expect(await pc.ok(['status'])).toMatchObject({ online: false, pendingChanges: 1 })
    await server.start()
  })
})
