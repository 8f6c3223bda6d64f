/** The shortest story: two devices, one server, no faults. When this fails nothing else here means anything. */
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import { SimDevice } from './sim-device.ts'
import { SimulatedServer } from './simulated-server.ts'

function start(seed = 1) {
  const random = new SeededRandom(seed)
  const server = new SimulatedServer({ clock: new ManualClock(), random })
  const device = (name: string) => new SimDevice({ name, server, random, clock: new ManualClock() })
  return { server, device }
}

describe('two devices through the simulated server', () => {
  it('B1: what one device adds, the other one has', async () => {
    const { device } = start()
    const first = device('first')
    const account = await first.found()
    await first.client.sync()
    const id = await first.client.addItem({
      kind: 'password',
      fields: new Map([
        ['title', 'Bank'],
        ['password', 'hunter2'],
      ]),
    })
    const second = device('second')
    await second.signIn(account)
    await second.joinByCode(first)
    expect((await second.client.item(id)).fields.map(({ name, value }) => [name, value])).toEqual([
      ['password', 'hunter2'],
      ['title', 'Bank'],
    ])
    await second.client.editItem(id, { set: new Map([['password', 'hunter3']]) })
    await first.client.sync()
    expect(await first.itemOf(id)).toEqual(await second.itemOf(id))
    expect((await first.client.devices()).map(({ name }) => name)).toEqual(['first', 'second'])
  })

  it('A5: the short way in leads to the same place', async () => {
    const { device } = start()
    const first = device('first')
    const account = await first.found()
    const id = await first.client.addItem({
      kind: 'note',
      fields: new Map([
        ['title', 'T'],
        ['notes', 'N'],
      ]),
    })
    const second = device('second')
    await second.signIn(account)
    await second.joinDirectly(first)
    await second.client.sync()
    expect((await second.client.item(id)).title).toBe('T')
    await first.client.sync()
    expect((await first.client.devices()).map(({ name }) => name)).toEqual(['first', 'second'])
  })

  it('B3: a removed device is told, and reads nothing that comes later', async () => {
    const { device } = start()
    const first = device('first')
    const account = await first.found()
    const second = device('second')
    await second.signIn(account)
    await second.joinByCode(first)
    await first.client.sync()
    await second.client.sync()
    const id = (await second.client.status()).deviceId
    await first.client.removeDevice(id as NonNullable<typeof id>, { deleteCopy: true })
    await expect(second.client.sync()).rejects.toMatchObject({ code: 'device-removed' })
    expect((await second.client.status()).removal).toMatchObject({ byName: 'first', disposition: 'delete' })
    await first.client.addItem({ kind: 'note', fields: new Map([['title', 'later']]) })
  })

  it('D2: a device that turned off keeps its copy, and the next one rotates before it writes', async () => {
    const { device } = start()
    const first = device('first')
    const account = await first.found()
    const second = device('second')
    await second.signIn(account)
    await second.joinByCode(first)
    const id = await second.client.addItem({ kind: 'note', fields: new Map([['title', 'kept']]) })
    await second.client.turnOff({ copy: 'keep' })
    expect((await second.client.item(id)).title).toBe('kept')
    await first.client.sync()
    expect((await first.client.status()).keyGeneration).toBe(2)
    await second.signIn(account)
    await second.joinByCode(first)
    expect((await second.client.items()).map(({ title }) => title)).toEqual(['kept'])
  })
})
