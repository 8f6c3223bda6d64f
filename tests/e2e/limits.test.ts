import { afterAll, describe, expect, it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId, systemRandom, type DeviceId } from '@nokkel/base'
import {
  Circle,
  createDeviceKeys,
  decodeCircleEntries,
  deviceRecordOf,
  logStart,
  makeAdd,
  makeReverseSignature,
  makeRotation,
  type VaultKey,
} from '@nokkel/protocol'
import { addDevice, createPerson, makeFrame, makeRotationAppend, type Device as TestDevice } from 'nokkel-server/testing'
import { World } from './harness.ts'

/** How large a keychain and an account may grow, on the real server. */
const removedDevices = Number(process.env.NOKKEL_REMOVED_DEVICES ?? 1_000)
const manyItems = Number(process.env.NOKKEL_ITEMS ?? 50_000)

describe('limits', () => {
  const world = new World()
  afterAll(() => world.end())

  it('64 devices are active at once, the 65th is refused, and removing one makes room', async () => {
    const server = await world.server()
    const person = await createPerson(server.url)
    const devices = [person.device]
    while (devices.length < 64) devices.push(await addDevice(person))
    expect((await person.device.circle()).activeDevices()).toHaveLength(64)
    await expect(addDevice(person)).rejects.toThrow('device-limit')
    const last = devices.at(-1) as TestDevice
    const removal = await makeRotationAppend(person, person.device, [last])
    expect((await person.device.append(removal)).status).toBe(200)
    person.accountKey = removal.accountKey
    person.vaultKey = removal.vaultKey
    expect((await person.device.circle()).activeDevices()).toHaveLength(63)
    await addDevice(person)
    await server.stop()
  }, 180_000)

  it(`an account that has removed ${removedDevices} devices works like any other`, async () => {
    const server = await world.server({ data: join(world.folder, 'removed') })
    const person = await createPerson(server.url)
    const { device } = person
    let circle = await device.circle()
    const end = logStart(circle)
    for (let i = 0; i < removedDevices; i++) {
      const passing = createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
      const transcriptHash = systemRandom.bytes(32)
      const reverseSignature = makeReverseSignature(circle.account, passing, transcriptHash)
      const added = makeAdd(
        systemRandom,
        circle,
        device.keys,
        person.accountKey,
        { device: deviceRecordOf(passing), transcriptHash, reverseSignature },
        Date.now(),
      )
      expect((await device.append({ expectedHead: circle.head, entry: added.entry, shares: [added.share], wraps: [] })).status).toBe(200)
      circle = circle.extend([added.entry])
      const removal = makeRotation(systemRandom, circle, device.keys, [{ key: person.vaultKey, end }], Date.now(), {
        devices: [passing.id],
        disposition: 'keep',
      })
      expect((await device.append({ ...removal, expectedHead: circle.head })).status).toBe(200)
      circle = circle.extend([removal.entry])
      person.accountKey = removal.accountKey
      person.vaultKey = removal.vaultKeys[0] as VaultKey
    }
    const entries: Uint8Array[] = []
    for (;;) {
      const page = decodeCircleEntries((await device.call('circle', { query: { after: String(entries.length - 1) } })).bytes)
      if (page.length === 0) break
      entries.push(...page)
    }
    const pulled = Circle.replay(entries)
    expect(pulled.devices.size).toBe(removedDevices + 1)
    expect(pulled.activeDevices()).toHaveLength(1)
    expect(pulled.accountKey.generation).toBe(removedDevices + 1)
    // and it still takes writes, under the newest epoch only
    expect((await device.push(person.vault, makeFrame(pulled, device, person.vault, end, { epoch: 1 }).frame)).status).toBe(409)
    expect((await device.push(person.vault, makeFrame(pulled, device, person.vault, end).frame)).status).toBe(200)
    await server.stop()
  }, 600_000)

  it(`${manyItems} items are imported, found, and reach a new device`, async () => {
    const server = await world.server({ data: join(world.folder, 'many') })
    const pc = world.device('PC')
    await pc.create(server, 'mange@example.org')
    const file = join(world.folder, 'many.csv')
    writeFileSync(
      file,
      `name,url,username,password,note\n${Array.from({ length: manyItems }, (_, i) => `Side ${i},https://www.side-${i}.example/logg-inn,bruker${i}@example.org,hemmelig-${i},notat nummer ${i}`).join('\n')}\n`,
    )
    expect(await pc.ok(['import', file])).toMatchObject({ added: manyItems, alreadyThere: 0, rejected: [] })
    expect(await pc.ok(['status'])).toMatchObject({ pendingChanges: 0, items: manyItems })
    const phone = world.device('Mobil')
    await phone.joinBy(pc, server, 'mange@example.org')
    expect(await phone.ok(['status'])).toMatchObject({ items: manyItems, quarantined: 0 })
    const title = `Side ${manyItems - 1}`
    expect((await phone.run(['show', title, '--field', 'password'], { json: false })).stdout.trim()).toBe(`hemmelig-${manyItems - 1}`)
    await phone.ok(['edit', title, '--field', 'username=endret'])
    await pc.ok(['sync'])
    expect((await pc.ok(['list', 'endret'])).items).toHaveLength(1)
    await server.stop()
  }, 600_000)
})
