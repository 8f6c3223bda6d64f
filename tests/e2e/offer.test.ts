/** A2 A3: regions and minimum versions, changed while real servers and devices run; what a device does then, and that nothing is lost. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until, World, type Device, type Server } from './harness.ts'

const world = new World()
const email = 'kari@example.org'
const file = join(world.folder, 'config.json')
let server: Server
let pc: Device
let phone: Device

/** As an editor does it: another file in its place. */
function write(text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}
const offer = async (): Promise<unknown> => {
  const { regions, minimumClient } = (await (await fetch(`${server.url}/v1/server`)).json()) as {
    regions: unknown
    minimumClient: { cli: string }
  }
  return [regions, minimumClient.cli]
}
const takes = async (config: object, expected: unknown): Promise<void> => {
  write(JSON.stringify(config))
  await until(async () => JSON.stringify(await offer()) === JSON.stringify(expected), JSON.stringify(expected))
}

beforeAll(async () => {
  write('{"regions":["NO"]}')
  server = await world.server({ env: { NOKKEL_CONFIG: file, NOKKEL_LOG_LEVEL: 'info' } })
  pc = world.device('PC')
  phone = world.device('Mobil')
  await pc.ok(['account', 'create', '--server', server.url, '--email', email, '--device-name', 'PC', '--region', 'NO'])
  await phone.joinBy(pc, server, email)
  await pc.addPassword('Bank', 'hemmelig 1')
  await phone.ok(['sync'])
})
afterAll(() => world.end())

describe('A2 a region that is not offered any more', () => {
  it('turning on is refused with one error that names the region', async () => {
    const stranger = world.device('Fremmed')
    const { code, json } = await stranger.run([
      'account',
      'create',
      '--server',
      server.url,
      '--email',
      'x@example.org',
      '--device-name',
      'x',
      '--region',
      'FR',
    ])
    expect(code).not.toBe(0)
    expect(json.error).toMatchObject({ code: 'region-unavailable', params: { region: 'FR' }, message: expect.stringContaining('France') })
  })

  it('what is on the devices can be used and changed, synchronising pauses and says so', async () => {
    await takes({ regions: ['SE'] }, [['SE'], '0.1.0'])
    const synced = await phone.run(['sync'])
    expect(synced.code).not.toBe(0)
    expect(synced.json.error).toMatchObject({ code: 'region-unavailable', params: { region: 'NO' } })
    expect((await phone.run(['show', 'Bank', '--field', 'password'], { json: false })).stdout.trim()).toBe('hemmelig 1')
    await phone.addPassword('Avis', 'hemmelig 2')
    expect(await phone.ok(['status'])).toMatchObject({
      state: 'trusted',
      items: 2,
      pendingChanges: 1,
      paused: { code: 'region-unavailable', params: { region: 'NO' } },
    })
    const said = await phone.run(['add', 'note', '--title', 'Notat'], { json: false, env: { LANG: 'nb_NO.UTF-8' } })
    expect(said.code).toBe(0)
    expect(said.stderr).toContain('Synkroniseringen er satt på pause. Denne serveren tilbyr ikke Nøkkelring i Norge')
  })

  it('a configuration with a mistake is refused as a whole, and the log says why', async () => {
    write('{"regions":["Norway"],"minimumClient":{"cli":"9.0.0"}}')
    await until(() => Promise.resolve(server.log.includes('two-letter codes such as NO')), 'a line in the log')
    write('{"regions":')
    await until(() => Promise.resolve(server.log.includes('the path of a readable JSON file')), 'another line in the log')
    expect(await offer()).toEqual([['SE'], '0.1.0'])
  })

  it('offered again, everything arrives', async () => {
    await takes({ regions: ['SE', 'NO'] }, [['SE', 'NO'], '0.1.0'])
    await phone.ok(['sync'])
    expect(await phone.ok(['status'])).toMatchObject({ pendingChanges: 0, paused: null })
    await pc.ok(['sync'])
    expect(await pc.contents()).toEqual(await phone.contents())
    expect((await pc.ok(['list'])).items).toHaveLength(3)
  })
})

describe('A3 a client that is too old', () => {
  it('is told to update, works offline, keeps what it does, and loses nothing', async () => {
    await takes({ minimumClient: { cli: '9.0.0' } }, [null, '9.0.0'])
    const synced = await pc.run(['sync'])
    expect(synced.code).not.toBe(0)
    expect(synced.json.error).toMatchObject({
      code: 'client-too-old',
      params: { minimum: '9.0.0' },
      message: expect.stringContaining('9.0.0'),
    })
    await pc.addPassword('Mens den er gammel', 'hemmelig 4')
    await pc.ok(['edit', 'Avis', '--field', 'username=endret'])
    expect((await pc.run(['show', 'Mens den er gammel', '--field', 'password'], { json: false })).stdout.trim()).toBe('hemmelig 4')
    expect(await pc.ok(['status'])).toMatchObject({
      state: 'trusted',
      pendingChanges: 2,
      paused: { code: 'client-too-old', params: { minimum: '9.0.0' } },
    })
    // as after an update
    await takes({}, [null, '0.1.0'])
    await pc.ok(['sync'])
    await phone.ok(['sync'])
    expect(await phone.contents()).toEqual(await pc.contents())
    expect((await phone.ok(['list', 'endret'])).items).toHaveLength(1)
  })
})
