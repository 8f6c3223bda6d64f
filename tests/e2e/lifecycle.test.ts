/** Off everywhere, on again, reset and its consequences (D2, D3, D4), with real processes. */
import { readFileSync, writeFileSync } from 'node:fs'
import http, { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World, type Device, type Json, type Server } from './harness.ts'

const titles = async (device: Device): Promise<string[]> =>
  ((await device.ok(['list'])).items as unknown as { title: string }[]).map(({ title }) => title).sort()
const errorOf = async (device: Device, args: readonly string[]): Promise<string | undefined> => {
  const { code, json } = await device.run(args)
  expect(code).not.toBe(0)
  return json.error?.code
}
const noticesOf = async (device: Device): Promise<Json[]> => (await device.ok(['status'])).notices as Json[]

async function approve(joining: Device, approver: Device, args: readonly string[]): Promise<void> {
  const running = joining.start([...args, '--wait'])
  const ticket = JSON.parse(await running.line()) as { requestId: string; code: string }
  await approver.ok(['devices', 'approve', ticket.requestId, '--code', ticket.code])
  const ran = await running.done
  if (ran.code !== 0) throw new Error(`${joining.name}: ${ran.stdout}${ran.stderr}`)
}

/** Between device and server: the first answer to `path` never arrives, though the server has done what was asked. */
async function relayThatLoses(target: string, path: string): Promise<{ readonly url: string; lost(): number; close(): void }> {
  let lost = 0
  const relay = createServer((request, response) => {
    const forward = http.request(new URL(request.url ?? '/', target), { method: request.method, headers: request.headers }, (answer) => {
      if (request.url === path && lost === 0) {
        lost++
        answer.resume()
        answer.once('end', () => response.destroy())
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const { port } = relay.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, lost: () => lost, close: () => relay.close() }
}

describe('off everywhere and on again', () => {
  const world = new World()
  const email = 'off@example.org'
  let server: Server
  let pc: Device
  let phone: Device
  beforeAll(async () => {
    server = await world.server()
    pc = world.device('PC')
    phone = world.device('Mobil')
    await pc.create(server, email)
    await phone.joinBy(pc, server, email)
    await pc.addPassword('Bank', 'hemmelig 1')
    await phone.ok(['sync'])
  })
  afterAll(() => world.end())

  it('D3 the last device is not turned off by mistake', async () => {
    await phone.ok(['off', '--keep'])
    expect(await errorOf(pc, ['off', '--keep'])).toBe('last-device')
    expect(await errorOf(pc, ['off', '--everywhere', '--delete'])).toBe('usage')
    expect(await errorOf(pc, ['off', '--everywhere', '--delete', '--confirm', 'somebody@example.org'])).toBe('cancelled')
    expect(await pc.ok(['status'])).toMatchObject({ state: 'trusted', items: 1 })
  })

  it('D3 off everywhere: the cloud copy is gone, the kept copies are frozen', async () => {
    await pc.ok(['off', '--everywhere', '--keep', '--confirm', email])
    expect(await pc.ok(['status'])).toMatchObject({ state: 'off', items: 1, keyGeneration: expect.anything() })
    expect(await titles(pc)).toEqual(['Bank'])
    expect(await errorOf(pc, ['add', 'note', '--title', 'x'])).toBe('keychain-off')
  })

  it('D2 D3 turned on again: there is nobody to approve, so the keychain starts anew with what this device kept', async () => {
    expect(await pc.ok(['on'])).toMatchObject({ on: true, anew: true, items: 1 })
    expect(await pc.ok(['status'])).toMatchObject({ state: 'trusted', items: 1, pendingChanges: 0, circle: { seq: 1, activeDevices: 1 } })
    const [item] = (await pc.ok(['list'])).items
    expect((await pc.run(['show', String(item?.id), '--field', 'password'], { json: false })).stdout.trim()).toBe('hemmelig 1')
  })

  it('D2 the other kept copy is merged into it, without duplicates, once the person says so', async () => {
    expect(await errorOf(phone, ['on'])).toBe('other-account-copy')
    expect(await titles(phone)).toEqual(['Bank'])
    await approve(phone, pc, ['on', '--merge'])
    await pc.ok(['sync'])
    expect(await titles(phone)).toEqual(['Bank'])
    expect(await titles(pc)).toEqual(['Bank'])
    await phone.addPassword('Avis', 'hemmelig 2')
    await pc.ok(['sync'])
    expect(await titles(pc)).toEqual(['Avis', 'Bank'])
  })

  it('D3 off everywhere while others are on removes them, and their copies with it when so chosen', async () => {
    await pc.ok(['off', '--everywhere', '--delete', '--confirm', email])
    await phone.run(['sync'])
    expect(await phone.ok(['status'])).toMatchObject({ state: 'removed', items: 0, removal: { byName: 'PC', disposition: 'delete' } })
    expect(await pc.ok(['status'])).toMatchObject({ state: 'off', items: 0 })
  })
})

describe('reset', () => {
  const world = new World()
  const email = 'reset@example.org'
  let server: Server
  let pc: Device
  let phone: Device
  let laptop: Device
  beforeAll(async () => {
    server = await world.server()
    pc = world.device('PC')
    phone = world.device('Mobil')
    laptop = world.device('Bærbar')
    await pc.create(server, email)
    await phone.joinBy(pc, server, email)
    await laptop.joinBy(pc, server, email)
    await pc.addPassword('Bank', 'hemmelig 1')
    await phone.ok(['sync'])
    await laptop.ok(['sync'])
  })
  afterAll(() => world.end())

  it('D4 a local reset is refused while the keychain is on', async () => {
    expect(await errorOf(pc, ['reset', '--local', '--confirm', email])).toBe('turn-off-first')
    expect(await titles(pc)).toEqual(['Bank'])
  })

  it('D4 a reset with a wrong password changes nothing', async () => {
    const { json } = await pc.run(['reset', '--from-device', '--confirm', email], { env: { NOKKEL_PASSWORD: 'feil hest batteri stift' } })
    expect(json.error?.code).toBe('sign-in-failed')
    expect(await pc.ok(['sync'])).toMatchObject({ pending: 0 })
    expect(await pc.ok(['status'])).toMatchObject({ state: 'trusted', circle: { activeDevices: 3 } })
  })

  it('D4 a reset from a device: the new keychain has its items; the others are told who did it, and keep their copies apart', async () => {
    expect(await pc.ok(['reset', '--from-device', '--confirm', email])).toMatchObject({ reset: true, items: 1 })
    expect(await pc.ok(['status'])).toMatchObject({ state: 'trusted', items: 1, pendingChanges: 0, circle: { seq: 1, activeDevices: 1 } })
    expect(await errorOf(phone, ['sync'])).toBe('keychain-ended')
    expect(await phone.ok(['status'])).toMatchObject({ state: 'reset', items: 1, removal: { byName: 'PC' } })
    expect((await noticesOf(phone)).filter(({ kind }) => kind !== 'new-sign-in')).toMatchObject([
      { kind: 'device-added' },
      { kind: 'keychain-reset', params: { by: 'PC', known: true } },
    ])
    expect(await errorOf(phone, ['add', 'note', '--title', 'x'])).toBe('keychain-ended')
    expect(await titles(phone)).toEqual(['Bank'])
  })

  it('D4 each joins anew and decides about its copy', async () => {
    expect(await errorOf(phone, ['on'])).toBe('usage')
    await approve(phone, pc, ['on', '--discard'])
    expect(await titles(phone)).toEqual(['Bank'])
    await laptop.run(['sync'])
    await approve(laptop, pc, ['on', '--merge'])
    expect(await titles(laptop)).toEqual(['Bank'])
    expect((await pc.ok(['devices', 'list'])).devices).toHaveLength(3)
  })

  it('D4 F6 reset to nothing, from a device that is only signed in: the others are told, and nobody is named', async () => {
    const fresh = world.device('Ny')
    await fresh.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Ny'])
    await fresh.ok(['reset', '--empty', '--confirm', email])
    expect(await fresh.ok(['status'])).toMatchObject({ state: 'trusted', items: 0 })
    expect(await errorOf(phone, ['sync'])).toBe('keychain-ended')
    expect(await phone.ok(['status'])).toMatchObject({ state: 'reset', items: 1, removal: { byName: '' } })
    await phone.ok(['reset', '--local', '--confirm', email])
    expect(await phone.ok(['status'])).toMatchObject({ state: 'empty', items: 0 })
  })

  it('H2 asks for the account to be erased, and takes it back; says all that the server holds', async () => {
    const owner = world.device('Eier')
    const mail = 'owner@example.org'
    await owner.create(server, mail)
    expect(await errorOf(owner, ['account', 'delete'])).toBe('usage')
    const { dueMs } = await owner.ok(['account', 'delete', '--confirm', mail])
    expect(await owner.ok(['account', 'export'])).toMatchObject({
      account: { email: mail, deletionDueMs: dueMs },
      devices: [{ class: 'cli', status: 'active' }],
      activity: [{ kind: 'deletion-asked' }, { kind: 'account-created' }],
      joinRequests: [],
    })
    await owner.ok(['account', 'keep'])
    expect(await owner.ok(['account', 'export'])).toMatchObject({ account: { deletionDueMs: null } })
  })

  it('LIF-3 another account on a device that kept a copy: refused until it is said where the copy goes', async () => {
    const moving = world.device('Flytter')
    const at = ['--server', server.url, '--device-name', 'Flytter', '--email']
    await moving.create(server, 'old@example.org')
    await moving.addPassword('Fra før', 'hemmelig 4')
    await moving.ok(['off', '--everywhere', '--keep', '--confirm', 'old@example.org'])
    const home = world.device('Hjemme')
    await home.create(server, 'new@example.org')
    expect(await errorOf(moving, ['sign-in', ...at, 'new@example.org'])).toBe('other-account-copy')
    expect(await errorOf(moving, ['sign-in', ...at, 'new@example.org', '--merge', '--discard'])).toBe('usage')
    expect(await titles(moving)).toEqual(['Fra før'])
    await moving.ok(['sign-in', ...at, 'new@example.org', '--merge'])
    await approve(moving, home, ['join'])
    await home.ok(['sync'])
    expect(await titles(home)).toEqual(['Fra før'])
    expect(await titles(moving)).toEqual(['Fra før'])
  })

  it('D1 the backup of a device has its settings and no item; the items come back with the keychain', async () => {
    const old = world.device('Gammel')
    const mail = 'backup@example.org'
    await old.create(server, mail)
    await old.addPassword('Bank', 'kanarifugl-hemmelig')
    await old.ok(['settings', '--auto-lock', '17'])
    const file = join(world.folder, 'device.json')
    expect(await old.ok(['backup', 'save', file])).toMatchObject({ items: 0 })
    expect(readFileSync(file, 'utf8')).not.toMatch(/kanarifugl|Bank|482915/)
    expect(await errorOf(old, ['backup', 'save', file])).toBe('io-failed')
    const fresh = world.device('Fersk')
    await fresh.ok(['backup', 'restore', file])
    expect(await fresh.ok(['status'])).toMatchObject({ state: 'empty', items: 0 })
    await fresh.joinBy(old, server, mail)
    expect(await titles(fresh)).toEqual(['Bank'])
    expect(await fresh.ok(['settings'])).toMatchObject({ autoLockMinutes: 17 })
    writeFileSync(file, '{"kind":"nokkel-device-backup","version":2}')
    expect(await errorOf(fresh, ['backup', 'restore', file])).toBe('update-needed')
    writeFileSync(file, 'noe annet')
    expect(await errorOf(fresh, ['backup', 'restore', file])).toBe('format-unknown')
  })

  it('D4 a reset whose answer was lost goes through when it is repeated, once', async () => {
    const lost = world.device('Tapt')
    const mail = 'lost@example.org'
    const relay = await relayThatLoses(server.url, '/v1/keychain/replace')
    await lost.ok(['account', 'create', '--server', relay.url, '--email', mail, '--device-name', 'Tapt'])
    await lost.addPassword('Bank', 'hemmelig 3')
    const before = (await lost.ok(['status'])).accountId
    expect(await errorOf(lost, ['reset', '--from-device', '--confirm', mail])).toBe('offline')
    expect(relay.lost()).toBe(1)
    expect(await lost.ok(['status'])).toMatchObject({ state: 'trusted', accountId: before, items: 1 })
    // it has no session any more, and signing in is all that it takes
    await lost.ok(['sign-in', '--server', relay.url, '--email', mail])
    expect(await lost.ok(['status'])).toMatchObject({ state: 'trusted', items: 1, circle: { seq: 1, activeDevices: 1 } })
    relay.close()
    expect((await lost.ok(['status'])).accountId).not.toBe(before)
    expect(await titles(lost)).toEqual(['Bank'])
  })
})
