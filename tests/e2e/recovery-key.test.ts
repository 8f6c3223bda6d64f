/** All devices lost, one sheet of paper left (F6, F10, A5), with real processes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World, type Device, type Json, type Server } from './harness.ts'

const email = 'papir@example.org'
const titles = async (device: Device): Promise<string[]> =>
  ((await device.ok(['list'])).items as unknown as { title: string }[]).map(({ title }) => title).sort()
const errorOf = async (device: Device, args: readonly string[], key?: string): Promise<Json['error']> => {
  const { code, json } = await device.run(args, { env: key === undefined ? {} : { NOKKEL_RECOVERY_KEY: key } })
  expect(code).not.toBe(0)
  return json.error
}

describe('recovery key', () => {
  const world = new World()
  let server: Server
  let pc: Device
  let phone: Device
  let key = ''
  const newDevice = async (name: string): Promise<Device> => {
    const device = world.device(name)
    await device.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', name])
    return device
  }
  const recover = (device: Device, text: string) => device.ok(['recover', '--with', 'recovery-key'], { env: { NOKKEL_RECOVERY_KEY: text } })

  beforeAll(async () => {
    server = await world.server()
    pc = world.device('PC')
    phone = world.device('Mobil')
    await pc.create(server, email)
    await phone.joinBy(pc, server, email)
    await pc.addPassword('Bank', 'hemmelig 1')
  })
  afterAll(() => world.end())

  it('F10 is made once, has 28 signs in seven groups, and a page to print with a QR code', async () => {
    const page = join(world.folder, 'key.html')
    key = String((await pc.ok(['recovery-key', 'create', '--page', page])).recoveryKey)
    expect(key).toMatch(/^([A-Z0-9]{4}-){6}[A-Z0-9]{4}$/)
    const html = readFileSync(page, 'utf8')
    expect(html).toContain(key)
    expect(html).toContain('<svg')
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)|<script/)
    expect((await errorOf(pc, ['recovery-key', 'create']))?.code).toBe('recovery-key-exists')
    expect(await pc.ok(['status'])).toMatchObject({ recoveryKey: true })
    await phone.ok(['sync'])
    expect(await phone.ok(['status'])).toMatchObject({ recoveryKey: true })
  })

  it('F10 a slip is found without a network', async () => {
    await server.stop()
    const wrong = key.startsWith('A') ? `B${key.slice(1)}` : `A${key.slice(1)}`
    expect(await errorOf(pc, ['recovery-key', 'check'], wrong)).toMatchObject({
      code: 'recovery-key-invalid',
      params: { reason: 'checksum' },
    })
    expect(await errorOf(pc, ['recovery-key', 'check'], key.slice(2))).toMatchObject({ params: { reason: 'length', length: 26 } })
    const check = await pc.ok(['recovery-key', 'check'], { env: { NOKKEL_RECOVERY_KEY: key.toLowerCase().replaceAll('-', ' ') } })
    expect(check).toMatchObject({ fits: true })
    await server.start()
  })

  it('F6 A5 a new device with the password and the paper gets everything back; the others are told and stay', async () => {
    const fresh = await newDevice('Ny')
    expect(await recover(fresh, key)).toMatchObject({ recovered: true, items: 1, otherDevices: [{}, {}] })
    expect(await titles(fresh)).toEqual(['Bank'])
    expect(await fresh.ok(['status'])).toMatchObject({ state: 'trusted', pendingChanges: 0 })
    await fresh.addPassword('Avis', 'hemmelig 2')
    await pc.ok(['sync'])
    expect(await titles(pc)).toEqual(['Avis', 'Bank'])
    const notices = (await pc.ok(['status'])).notices as Json[]
    expect(notices.filter(({ kind }) => kind !== 'new-sign-in')).toMatchObject([{ kind: 'device-recovered', params: { name: 'Ny' } }])
  })

  it('F10 the paper alone opens nothing, and neither does the password', async () => {
    const other = world.device('Annen')
    await other.create(server, 'annen@example.org')
    const thief = await newDevice('Tyv')
    const strange = String((await other.ok(['recovery-key', 'create'])).recoveryKey)
    expect((await errorOf(thief, ['recover', '--with', 'recovery-key'], strange))?.code).toBe('recovery-key-unknown')
    expect(await thief.ok(['status'])).toMatchObject({ state: 'signed-in', items: 0 })
  })

  it('B3 after a removal and its new keys the same paper still works, and the removed device stays out', async () => {
    const { devices } = (await pc.ok(['devices', 'list'])) as unknown as { devices: { id: string; name: string }[] }
    await pc.ok(['devices', 'remove', devices.find(({ name }) => name === 'Mobil')?.id ?? '', '--yes'])
    expect((await pc.ok(['status'])).keyGeneration).toBe(2)
    await pc.addPassword('Etterpå', 'hemmelig 3')
    const fresh = await newDevice('Enda en')
    expect(await recover(fresh, key)).toMatchObject({ items: 3 })
    await phone.run(['sync'])
    expect(await phone.ok(['status'])).toMatchObject({ state: 'removed' })
  })

  it('F10 a new paper voids the old one; revoked, there is none', async () => {
    const next = String((await pc.ok(['recovery-key', 'replace'])).recoveryKey)
    const fresh = await newDevice('Tredje')
    expect((await errorOf(fresh, ['recover', '--with', 'recovery-key'], key))?.code).toBe('recovery-key-unknown')
    await pc.ok(['recovery-key', 'revoke'])
    expect((await errorOf(fresh, ['recover', '--with', 'recovery-key'], next))?.code).toBe('recovery-key-unknown')
    expect(await pc.ok(['recovery-key', 'revoke'])).toEqual({ revoked: false })
  })
})
