import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until, World, type Device, type Server } from './harness.ts'

/** The story of the README: one person, three devices, real processes. */
describe('one keychain on three devices', () => {
  const world = new World()
  const email = 'kari@example.org'
  let server: Server
  let pc: Device
  let phone: Device
  let laptop: Device

  beforeAll(async () => {
    server = await world.server()
    pc = world.device('PC')
    phone = world.device('Mobil')
    laptop = world.device('Bærbar')
  })
  afterAll(() => world.end())

  it('A4 the first device makes the account and the keychain', async () => {
    await pc.create(server, email)
    const status = await pc.ok(['status'])
    expect(status).toMatchObject({ state: 'trusted', email, pendingChanges: 0, circle: { activeDevices: 1 }, keyGeneration: 1 })
    expect(await pc.addPassword('Bank', 'hemmelig 1', ['--site', 'https://bank.example', '--username', 'kari'])).toMatch(/^[0-9a-f]{32}$/)
  })

  it('A5 a second device is signed in, not trusted, and sees nothing before it is approved', async () => {
    await phone.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Mobil'])
    expect(await phone.ok(['status'])).toMatchObject({ state: 'signed-in', items: 0, circle: null })
    expect((await phone.run(['list'])).code).toBe(4)
    expect((await phone.run(['add', 'note', '--title', 'x'])).code).toBe(4)
    const joining = phone.start(['join', '--wait'])
    const ticket = JSON.parse(await joining.line()) as { requestId: string; code: string }
    expect(ticket.code).toMatch(/^[0-9]{6}$/)
    const { requests } = await pc.ok(['devices'])
    expect(requests).toMatchObject([{ requestId: ticket.requestId, name: 'Mobil', class: 'cli', state: 'pending' }])
    await pc.ok(['devices', 'approve', ticket.requestId, '--code', ticket.code])
    expect((await joining.done).code).toBe(0)
    // A7: everything is here when it says so
    expect(await phone.contents()).toEqual(await pc.contents())
    const { items } = await phone.ok(['list', 'bank'])
    expect((await phone.run(['show', String(items[0]?.id), '--field', 'password'], { json: false })).stdout.trim()).toBe('hemmelig 1')
  })

  it('A5 a third device joins without anybody waiting at its keyboard', async () => {
    await laptop.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Bærbar'])
    const ticket = await laptop.ok(['join'])
    await phone.ok(['devices', 'approve', String(ticket.requestId), '--code', String(ticket.code)])
    await until(async () => (await laptop.ok(['status'])).state === 'trusted', 'the laptop is let in')
    await laptop.ok(['sync'])
    expect(await laptop.contents()).toEqual(await pc.contents())
    const { devices } = await pc.ok(['devices', 'list'])
    expect((devices as { name: string }[]).map(({ name }) => name).sort()).toEqual(['Bærbar', 'Mobil', 'PC'])
  })

  it('B1 a change appears on the other devices by itself', async () => {
    const watching = phone.start(['sync', '--watch'])
    // the channel stands once the first line is out
    await watching.line()
    const id = await pc.addPassword('Avisen', 'nytt passord')
    const line = JSON.parse(await watching.line((text) => text.includes(id))) as { tookMs: number; by: string }
    expect(line.by).toBe('PC')
    expect(line.tookMs).toBeGreaterThanOrEqual(0)
    await pc.ok(['edit', id, '--field', 'username=ola'])
    await until(async () => watching.lines.filter((text) => text.includes(id)).length >= 2, 'the edit arrives')
    watching.child.kill('SIGINT')
    await watching.done
    expect((await phone.ok(['list', 'ola'])).items).toHaveLength(1)
  })

  it('imports what people have; the same file twice adds nothing', async () => {
    const file = join(world.folder, 'passwords.csv')
    writeFileSync(
      file,
      `Title,URL,Username,Password,Notes,OTPAuth\n${Array.from({ length: 300 }, (_, i) => `Side ${i},https://s${i}.example/,bruker${i},"p,""${i}",,`).join('\n')}\n,,,,,\n`,
    )
    const dry = await pc.ok(['import', file, '--dry-run'])
    expect(dry).toMatchObject({ format: 'apple-csv', added: 300 })
    const report = await pc.ok(['import', file])
    expect(report).toMatchObject({ added: 300, alreadyThere: 0, rejected: [{ reason: 'empty-row' }] })
    expect(await pc.ok(['import', file])).toMatchObject({ added: 0, alreadyThere: 300 })
    await phone.ok(['sync'])
    expect(await phone.contents()).toEqual(await pc.contents())
    expect((await phone.run(['show', 'Side 77', '--field', 'password'], { json: false })).stdout).toBe('p,"77\n')
  })

  it('A6, B2 edits made offline on several devices merge, and the loser of a conflict is kept', async () => {
    const { items } = await pc.ok(['list', 'bank'])
    const id = String(items[0]?.id)
    await laptop.ok(['sync'])
    await phone.ok(['sync'])
    await server.kill()
    await pc.ok(['edit', id, '--field', 'username=kari.nordmann'])
    await phone.ok(['edit', id, '--field', 'password=-'], { input: 'fra mobilen' })
    await laptop.ok(['edit', id, '--field', 'password=-'], { input: 'fra bærbaren' })
    await laptop.addPassword('Laget uten nett', 'x')
    const offline = await phone.ok(['status'])
    expect(offline).toMatchObject({ state: 'trusted', pendingChanges: 1 })
    expect((await phone.run(['sync'])).code).toBe(5)
    await server.start()
    for (const device of [pc, phone, laptop, pc, phone]) await device.ok(['sync'])
    expect(await phone.contents()).toEqual(await pc.contents())
    expect(await laptop.contents()).toEqual(await pc.contents())
    const shown = await pc.ok(['show', id, '--reveal'])
    const fields = new Map((shown.item.fields as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]))
    expect(fields.get('username')).toBe('kari.nordmann')
    expect(fields.get('password')).toBe('fra bærbaren')
    const { history } = await pc.ok(['history', id, '--reveal'])
    expect(history).toContainEqual(expect.objectContaining({ field: 'password', value: 'fra mobilen', reason: 'conflict' }))
    expect(await pc.ok(['list', 'Laget uten nett'])).toMatchObject({ items: [{ title: 'Laget uten nett' }] })
  })

  it('B5 deleted items can be restored on another device, and purged ones cannot', async () => {
    const id = await pc.addPassword('Gammel', 'x')
    await pc.ok(['delete', id])
    await phone.ok(['sync'])
    expect((await phone.ok(['list', 'Gammel'])).items).toHaveLength(0)
    expect((await phone.ok(['list', '--deleted'])).items).toHaveLength(1)
    await phone.ok(['restore', id])
    await pc.ok(['sync'])
    expect((await pc.ok(['list', 'Gammel'])).items).toHaveLength(1)
    await pc.ok(['delete', id])
    await pc.ok(['purge', id])
    await phone.ok(['sync'])
    expect((await phone.ok(['list', '--deleted'])).items).toHaveLength(0)
    expect((await phone.run(['show', id])).code).not.toBe(0)
  })

  it('B3 a removed device is told by whom, keeps its copy as chosen, and gets nothing more', async () => {
    const { devices } = await pc.ok(['devices', 'list'])
    const target = (devices as { id: string; name: string }[]).find(({ name }) => name === 'Mobil')
    await phone.ok(['sync'])
    const before = Number((await phone.ok(['status'])).items)
    await pc.ok(['devices', 'remove', String(target?.id)])
    expect(await pc.ok(['status'])).toMatchObject({ keyGeneration: 2, circle: { activeDevices: 2 } })
    const after = await pc.addPassword('Etter fjerningen', 'kan ikke leses')
    expect((await phone.run(['sync'])).code).toBe(4)
    const status = await phone.ok(['status'])
    expect(status).toMatchObject({ state: 'removed', removal: { byName: 'PC', disposition: 'keep' }, items: before })
    expect((await phone.run(['show', after])).code).not.toBe(0)
    expect((await phone.run(['add', 'note', '--title', 'x'])).code).toBe(4)
    await laptop.ok(['sync'])
    expect((await laptop.run(['show', after, '--field', 'password'], { json: false })).stdout.trim()).toBe('kan ikke leses')
    // F9: the others are told too
    const notices = (await laptop.ok(['status'])).notices as { kind: string; params: { name: string } }[]
    expect(notices).toContainEqual(expect.objectContaining({ kind: 'device-removed' }))
  })

  it('D2 turned off here with a kept copy, and on again without duplicates', async () => {
    await laptop.ok(['off', '--keep'])
    expect(await laptop.ok(['status'])).toMatchObject({ state: 'off' })
    expect(await laptop.contents()).toEqual(await pc.contents())
    // CIR-10: the device that stays makes new keys before it writes again
    await pc.addPassword('Mens den var av', 'y')
    expect((await pc.ok(['status'])).keyGeneration).toBe(3)
    const joining = laptop.start(['on', '--wait'])
    const ticket = JSON.parse(await joining.line()) as { requestId: string; code: string }
    await pc.ok(['devices', 'approve', ticket.requestId, '--code', ticket.code])
    expect((await joining.done).code).toBe(0)
    await pc.ok(['sync'])
    expect(await laptop.contents()).toEqual(await pc.contents())
  })

  it('B3 a device removed with deletion keeps nothing', async () => {
    const { devices } = await pc.ok(['devices', 'list'])
    const target = (devices as { id: string; name: string; status: string }[]).find(
      ({ name, status }) => name === 'Bærbar' && status === 'active',
    )
    await pc.ok(['devices', 'remove', String(target?.id), '--delete-copy'])
    expect((await laptop.run(['sync'])).code).toBe(4)
    expect(await laptop.ok(['status'])).toMatchObject({ state: 'removed', removal: { disposition: 'delete' }, items: 0 })
  })

  it('H2 the account has an activity log, and SIGTERM ends the server cleanly', async () => {
    const { events } = await pc.ok(['activity'])
    const kinds = new Set((events as { kind: string }[]).map(({ kind }) => kind))
    for (const kind of ['circle-genesis', 'circle-add', 'circle-remove', 'circle-leave', 'circle-rotate']) expect(kinds).toContain(kind)
    expect(await server.stop()).toBe(0)
  })
})
