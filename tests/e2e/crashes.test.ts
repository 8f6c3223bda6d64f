import { afterAll, describe, expect, it } from 'vitest'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until, World } from './harness.ts'

/** kill -9 at any moment, of the client and of the server: what was acknowledged is there (P1, P2). Ten thousand on demand. */
const kills = Number(process.env.NOKKEL_KILLS ?? 40)

describe('crashes', () => {
  const world = new World()
  afterAll(() => world.end())

  it(`P1 an item that the command line acknowledged survives kill -9 of it (${kills} kills)`, async () => {
    const server = await world.server()
    const pc = world.device('PC')
    await pc.create(server, 'a@example.org')
    const acknowledged: string[] = []
    let killed = 0
    for (let i = 0; i < kills; i++) {
      const adding = pc.start(['add', 'note', '--title', `Notat ${i}`, '--notes', `tekst ${i}`])
      // spread over the whole run of a command: start, key stretching, commit, push
      const timer = setTimeout(() => adding.child.kill('SIGKILL'), 40 + ((i * 37) % 420))
      const ran = await adding.done
      clearTimeout(timer)
      if (ran.code === null) killed++
      if (ran.stdout.includes('"id"')) acknowledged.push(String(JSON.parse(ran.stdout).id))
    }
    expect(killed).toBeGreaterThan(kills / 8)
    await pc.ok(['sync'])
    const ids = new Set((await pc.ok(['list'])).items.map(({ id }) => id))
    for (const id of acknowledged) expect(ids).toContain(id)
    const second = world.device('Mobil')
    await second.joinBy(pc, server, 'a@example.org')
    expect(await second.contents()).toEqual(await pc.contents())
    await server.stop()
  }, 600_000)

  const rounds = Math.ceil(kills / 2)
  it(`P2 what was shown as sent survives kill -9 of the server, and clients go on by themselves (${rounds} kills under two devices)`, async () => {
    const server = await world.server({ data: join(world.folder, 'server2') })
    const pc = world.device('PC2')
    await pc.create(server, 'b@example.org')
    const phone = world.device('Mobil2')
    await phone.joinBy(pc, server, 'b@example.org')
    const devices = [pc, phone]
    // it is the server that dies here: the devices are unlocked once, and do not stretch their passcodes for every command
    for (const device of devices) await device.ok(['unlock'])
    const sent: string[] = []
    for (let i = 0; i < rounds; i++) {
      const adding = devices.map((device) => device.start(['add', 'note', '--title', `Notat ${i}`]))
      const timer = setTimeout(() => void server.kill(), 150 + ((i * 53) % 300))
      const rans = await Promise.all(adding.map(({ done }) => done))
      clearTimeout(timer)
      for (const [at, ran] of rans.entries()) {
        expect(ran.code).toBe(0)
        if ((await devices[at]?.ok(['status']))?.pendingChanges === 0) sent.push(String(ran.json.id))
      }
      await server.kill()
      await server.start()
    }
    // a device that was not there: it can only know what the server kept
    const fresh = world.device('Ny')
    await fresh.joinBy(pc, server, 'b@example.org')
    const ids = new Set((await fresh.ok(['list'])).items.map(({ id }) => id))
    for (const id of sent) expect(ids).toContain(id)
    for (const device of [pc, phone, fresh, pc]) await device.ok(['sync'])
    expect(await fresh.contents()).toEqual(await pc.contents())
    expect(await phone.contents()).toEqual(await pc.contents())
    await server.stop()
  }, 900_000)

  it('a damaged database is moved aside and rebuilt, with changes that were not sent yet', async () => {
    const server = await world.server({ data: join(world.folder, 'server3') })
    const pc = world.device('PC3')
    await pc.create(server, 'c@example.org')
    const file = join(world.folder, 'many.csv')
    writeFileSync(
      file,
      `name,url,username,password\n${Array.from({ length: 400 }, (_, i) => `Side ${i},https://s${i}.example,u${i},p${i}`).join('\n')}\n`,
    )
    await pc.ok(['import', file])
    await server.kill()
    await pc.addPassword('Ikke sendt', 'bare her')
    await server.start()
    const database = join(pc.home, 'keychain.sqlite')
    const bytes = readFileSync(database)
    bytes.fill(0xa5, bytes.length - 60_000, bytes.length - 52_000)
    writeFileSync(database, bytes)
    let mended = false
    for (let i = 0; i < 3 && !mended; i++) mended = (await pc.run(['sync'])).code === 0
    expect(mended).toBe(true)
    expect(readdirSync(pc.home).some((name) => name.includes('.damaged-'))).toBe(true)
    expect((await pc.ok(['list'])).items).toHaveLength(401)
    expect((await pc.run(['show', 'Ikke sendt', '--field', 'password'], { json: false })).stdout.trim()).toBe('bare her')
    await server.stop()
  }, 300_000)

  it("a server restored from yesterday's backup gets everything back from the devices", async () => {
    const data = join(world.folder, 'server4')
    const server = await world.server({ data })
    const pc = world.device('PC4')
    await pc.create(server, 'd@example.org')
    await pc.addPassword('Før kopien', 'x')
    const phone = world.device('Mobil4')
    await phone.joinBy(pc, server, 'd@example.org')
    const backup = join(world.folder, 'backup.sqlite')
    await until(async () => {
      const ran = world.spawn(
        join(import.meta.dirname, '../../apps/server/bin/nokkel-server.js'),
        ['backup', '--data', data, '--to', backup],
        {},
      )
      return new Promise((resolve) => ran.once('close', (code) => resolve(code === 0)))
    }, 'backup')
    await pc.addPassword('Etter kopien', 'y')
    await phone.ok(['sync'])
    await phone.ok(['edit', 'Før kopien', '--field', 'username=endret etterpå'])
    await pc.ok(['sync'])
    await server.stop()
    const restored = join(world.folder, 'server4b')
    await until(async () => {
      const ran = world.spawn(
        join(import.meta.dirname, '../../apps/server/bin/nokkel-server.js'),
        ['restore', '--from', backup, '--data', restored],
        {},
      )
      return new Promise((resolve) => ran.once('close', (code) => resolve(code === 0)))
    }, 'restore')
    const again = await world.server({ data: restored, port: Number(new URL(server.url).port) })
    await pc.ok(['sync'])
    await phone.ok(['sync'])
    await pc.ok(['sync'])
    expect(await phone.contents()).toEqual(await pc.contents())
    expect((await phone.ok(['list'])).items.map(({ title }) => title).sort()).toEqual(['Etter kopien', 'Før kopien'])
    expect((await pc.ok(['list', 'endret etterpå'])).items).toHaveLength(1)
    expect((await pc.ok(['status'])).notices).toContainEqual(expect.objectContaining({ kind: 'server-restored' }))
    await again.stop()
  }, 300_000)
})
