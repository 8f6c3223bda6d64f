/**
 * What the simulation found, each as the shortest story that shows it, with the seed that found it first. The product was wrong in every
 * one of these; none may come back.
 */
import { describe, expect, it } from 'vitest'
import { NokkelError, type DeviceId } from '@nokkel/base'
import { removalOf } from '@nokkel/keychain'
import type { ServerApi } from '@nokkel/sync'
import { lying } from './lying-server.ts'
import { alarmsOf, codeOf, note, password, reconnect, Scene, set, titles, valuesOf } from './scene.ts'
import { SimDevice } from './sim-device.ts'

const dayMs = 86_400_000

async function idOf(of: SimDevice): Promise<DeviceId> {
  return (await of.client.status()).deviceId as DeviceId
}

/** The next push reaches the server; its answer does not come back. */
const loseAnswer = (api: ServerApi): ServerApi => {
  let lost = false
  return lying(api, {
    async push(...request) {
      const answer = await api.push(...request)
      if (lost) return answer
      lost = true
      throw new NokkelError('offline')
    },
  })
}

async function three(options: ConstructorParameters<typeof Scene>[0] = {}) {
  const scene = new Scene(options)
  const anna = await scene.found('anna')
  const berit = await scene.join('berit', anna)
  const carl = await scene.join('carl', anna)
  await berit.client.sync()
  return { scene, anna, berit, carl }
}

describe('interrupted between two steps', () => {
  it('seed 8: cut off between the circle and its keys, the next edit is no alarm but a full round', async () => {
    const { anna, berit, carl } = await three()
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    await reconnect(berit, (api) => lying(api, { circleKeys: () => Promise.reject(new NokkelError('offline')) }))
    expect(await codeOf(() => berit.client.sync())).toBe('offline')
    await reconnect(berit)
    await berit.client.addItem(note('after'))
    expect(await alarmsOf(berit)).toEqual([])
    await anna.client.sync()
    expect(await titles(anna)).toEqual(['after'])
  })

  it('somebody rotates between the question for the circle and the one for the keys: no alarm', async () => {
    const { scene, anna, berit, carl } = await three()
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const late = await scene.join('late', anna)
    let rotated = false
    await reconnect(berit, (api) =>
      lying(api, {
        async circleKeys(session) {
          if (!rotated) await anna.client.removeDevice(await idOf(late), { deleteCopy: false })
          rotated = true
          return api.circleKeys(session)
        },
      }),
    )
    await berit.client.sync()
    expect(rotated).toBe(true)
    expect(await alarmsOf(berit)).toEqual([])
  })

  it('seed 59: turning off, cut off at any write, ends in a device that is off or still on, never in between', async () => {
    for (let at = 0; at < 8; at++) {
      const { scene, anna, berit } = await three()
      await berit.client.addItem(note('kept'))
      let left = at
      berit.disk.faults = { atCommit: () => (left-- === 0 ? 'crash-after' : undefined) }
      await berit.client.turnOff({ copy: 'keep' }).catch(() => undefined)
      berit.disk.faults = undefined
      await reconnect(berit)
      const out = scene.server.account(scene.account).circle.devices.get(berit.id as DeviceId)?.status === 'left'
      if ((await berit.client.state()) === 'trusted')
        expect(await codeOf(() => berit.client.sync())).toBe(out ? 'keychain-off' : 'accepted')
      expect(await berit.client.state()).toBe(out ? 'off' : 'trusted')
      expect(await titles(berit)).toEqual(['kept'])
      await anna.client.sync()
      expect((await anna.client.status()).circle?.rotationDue).toBe(false)
    }
  })

  it('seed 26: a device is let in although another one has just left and nobody has rotated yet (CIR-10)', async () => {
    const { scene, anna, berit } = await three()
    await berit.client.turnOff({ copy: 'delete' })
    const fresh = scene.device('fresh')
    await fresh.signIn(scene.account)
    await fresh.joinByCode(anna)
    expect(await fresh.client.state()).toBe('trusted')
    expect((await anna.client.status()).keyGeneration).toBe(2)
  })
})

describe('a push whose answer was lost', () => {
  for (const pageBatches of [1, 2_000])
    it(`seeds 14, 125: what another device then deleted or purged stays so (pages of ${pageBatches})`, async () => {
      const { scene, anna, berit } = await three({ pageBatches })
      for (const purge of [false, true]) {
        await reconnect(berit, loseAnswer)
        const id = await berit.client.addItem(password({ title: 'lost answer', password: 'p' }))
        scene.part(berit)
        await anna.client.sync()
        await set(anna, id, 'title', 'seen')
        await anna.client.deleteItem(id)
        if (purge) await anna.client.purgeItem(id)
        scene.mend(berit)
        await berit.client.sync()
        await anna.client.sync()
        for (const device of [anna, berit])
          expect(removalOf((await device.itemOf(id)) as NonNullable<Awaited<ReturnType<SimDevice['itemOf']>>>)).toBe(
            purge ? 'purged' : 'deleted',
          )
      }
    })

  it('seed 19: deleting the item oneself meanwhile deletes it', async () => {
    const { scene, anna, berit } = await three()
    await reconnect(berit, loseAnswer)
    const id = await berit.client.addItem(note('lost answer'))
    scene.part(berit)
    await berit.client.deleteItem(id)
    scene.mend(berit)
    await berit.client.sync()
    await anna.client.sync()
    expect(await titles(anna)).toEqual([])
    expect(await titles(berit)).toEqual([])
  })

  it('makes no conflict of an edit that somebody then edited knowingly', async () => {
    const { anna, berit } = await three()
    const id = await berit.client.addItem(password({ title: 't', password: 'one' }))
    await reconnect(berit, loseAnswer)
    await set(berit, id, 'password', 'two')
    await anna.client.sync()
    await set(anna, id, 'password', 'three')
    await berit.client.sync()
    expect((await berit.itemOf(id))?.history.map(({ value, reason }) => [value, reason])).toEqual([
      ['two', 'replaced'],
      ['one', 'replaced'],
    ])
  })
})

describe('edits and deletions that did not know of each other', () => {
  it('seed 7: an edit that a removed device could not send is not lost when it comes back with its copy', async () => {
    const { scene, anna, carl } = await three()
    const id = await anna.client.addItem(note('first'))
    await carl.client.sync()
    scene.part(carl)
    await set(carl, id, 'title', 'pending on carl')
    anna.clock.advance(dayMs)
    await set(anna, id, 'title', 'by anna')
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    scene.mend(carl)
    expect(await codeOf(() => carl.client.sync())).toBe('device-removed')
    await carl.signIn(scene.account)
    await carl.joinByCode(anna)
    await anna.client.sync()
    expect(valuesOf(await anna.itemOf(id), 'title')).toEqual(['by anna', 'pending on carl'])
  })

  it('seed 825: a purge gives way to an edit that it did not know of, also when its author deleted the item afterwards', async () => {
    const { scene, anna, berit } = await three()
    const id = await anna.client.addItem(password({ title: 'before', password: 'p' }))
    await berit.client.sync()
    scene.part(berit)
    await set(berit, id, 'title', 'unheard')
    await berit.client.deleteItem(id)
    await anna.client.purgeItem(id)
    scene.mend(berit)
    await berit.client.sync()
    await anna.client.sync()
    for (const device of [anna, berit]) {
      const item = await device.itemOf(id)
      expect(valuesOf(item, 'title')).toContain('unheard')
      expect(valuesOf(item, 'password')).toContain('p')
      expect(item === undefined ? '' : removalOf(item)).toBe('deleted')
    }
  })

  it('seed 1045: an edit that lost against another edit still stands against a deletion', async () => {
    const { scene, anna, berit, carl } = await three()
    const id = await anna.client.addItem(note('before'))
    await berit.client.sync()
    await carl.client.sync()
    scene.part(berit, carl)
    await set(berit, id, 'title', 'loser')
    carl.clock.advance(1_000)
    anna.clock.advance(60_000)
    await set(anna, id, 'title', 'winner')
    await carl.client.deleteItem(id)
    scene.mend(berit)
    await berit.client.sync()
    scene.mend(carl)
    await carl.client.sync()
    await anna.client.sync()
    expect(await titles(anna)).toEqual(['winner'])
    expect(valuesOf(await anna.itemOf(id), 'title')).toContain('loser')
  })

  it('seed 795390145: purged by one, brought back by another: the edit of a third, made before, is there', async () => {
    const { scene, anna, berit, carl } = await three()
    const id = await anna.client.addItem(password({ title: 'before', password: 'old' }))
    await berit.client.sync()
    await carl.client.sync()
    scene.part(berit, carl)
    await set(carl, id, 'username', 'by carl')
    await set(carl, id, 'password', 'new')
    await set(berit, id, 'notes', 'by berit')
    anna.clock.advance(60_000)
    await anna.client.purgeItem(id)
    scene.mend(berit)
    await berit.client.sync()
    scene.mend(carl)
    await carl.client.sync()
    await anna.client.sync()
    const item = await anna.itemOf(id)
    expect(item === undefined ? '' : removalOf(item)).toBe('none')
    expect(valuesOf(item, 'username')).toContain('by carl')
    expect(valuesOf(item, 'notes')).toContain('by berit')
    expect(valuesOf(item, 'password')).toEqual(expect.arrayContaining(['old', 'new']))
  })

  it('a purge gives way to somebody who took the item back from the deleted', async () => {
    const { scene, anna, berit } = await three()
    const id = await anna.client.addItem(note('wanted'))
    await anna.client.deleteItem(id)
    await berit.client.sync()
    scene.part(berit)
    await berit.client.restoreItem(id)
    await anna.client.purgeItem(id)
    scene.mend(berit)
    await berit.client.sync()
    await anna.client.sync()
    expect(await titles(anna)).toEqual(['wanted'])
  })

  it('A40: two values that a device and its clone wrote at one time are both kept', async () => {
    const { scene, anna, berit } = await three()
    const id = await anna.client.addItem(note('before'))
    await berit.client.sync()
    const clone = new SimDevice({ name: 'clone', server: scene.server, random: scene.random, clock: berit.clock }, berit.remains())
    await clone.start()
    scene.part(berit)
    await set(berit, id, 'title', 'one')
    await set(clone, id, 'title', 'two')
    scene.mend(berit)
    await berit.client.sync()
    expect(valuesOf(await berit.itemOf(id), 'title')).toEqual(expect.arrayContaining(['one', 'two']))
    expect(await alarmsOf(berit)).toContain('batch-equivocation')
  })
})

describe('clocks', () => {
  it('seed 52: a device ten years ahead purges nothing that was deleted today (B5, A45)', async () => {
    const { scene, anna } = await three()
    const id = await anna.client.addItem(note('wanted back'))
    await anna.client.deleteItem(id)
    const ahead = await scene.join('ahead', anna, { skewMs: 3_650 * dayMs })
    await ahead.client.sync()
    await anna.client.sync()
    await anna.client.restoreItem(id)
    expect(await titles(anna)).toEqual(['wanted back'])
  })

  it('seed 228: what a device ten years behind deletes after a quiet month stays for thirty days, and no longer', async () => {
    const { scene, anna } = await three()
    const behind = await scene.join('behind', anna, { skewMs: -3_650 * dayMs })
    const id = await anna.client.addItem(note('wanted back'))
    await behind.client.sync()
    scene.passTime(40 * dayMs, anna, behind)
    await behind.client.deleteItem(id)
    await anna.client.sync()
    await anna.client.sync()
    expect((await anna.client.items({ deleted: true })).map(({ title }) => title)).toEqual(['wanted back'])
    scene.passTime(29 * dayMs, anna, behind)
    await anna.client.sync()
    expect(await anna.client.items({ deleted: true })).toHaveLength(1)
    scene.passTime(2 * dayMs, anna, behind)
    await anna.client.sync()
    expect(await anna.client.items({ deleted: true })).toHaveLength(0)
  })
})

describe('a server restored from a backup', () => {
  it('knows its own words again, however many they are: no alarm (A40)', async () => {
    const { scene, anna } = await three()
    const id = await anna.client.addItem(note('0'))
    for (let n = 1; n <= 300; n++) await set(anna, id, 'title', String(n))
    scene.server.restore(scene.server.backup())
    await anna.client.sync()
    expect(await alarmsOf(anna)).toEqual([])
    expect(await titles(anna)).toEqual(['300'])
  })

  it('seed 150: restored in the middle of a pull, while the same process does something else: no alarm', async () => {
    const { scene, anna, berit, carl } = await three({ pageBatches: 1 })
    scene.part(berit)
    for (const title of ['a', 'b', 'c']) await anna.client.addItem(note(title))
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const backup = scene.server.backup()
    scene.mend(berit)
    let pages = 0
    let meanwhile: Promise<unknown> = Promise.resolve()
    await reconnect(berit, (api) =>
      lying(api, {
        changes: (session, vault, from, onFrame, options) =>
          api.changes(
            session,
            vault,
            from,
            async (frame, bytes) => {
              if (++pages === 2) {
                scene.server.restore(backup)
                // its turn comes when this round is over
                meanwhile = berit.client.sync()
              }
              await onFrame(frame, bytes)
            },
            options,
          ),
      }),
    )
    await berit.client.sync()
    await meanwhile
    expect(pages).toBeGreaterThan(2)
    expect(await alarmsOf(berit)).toEqual([])
    expect(await titles(berit)).toEqual(['a', 'b', 'c'])
  })

  it('to a time before the circle changed: every device names it and keeps all that it has', async () => {
    const { scene, anna, berit, carl } = await three()
    await anna.client.addItem(note('kept'))
    await berit.client.sync()
    const backup = scene.server.backup()
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    await berit.client.sync()
    scene.server.restore(backup)
    for (const device of [anna, berit]) {
      expect(await codeOf(() => device.client.sync())).toBe('circle-rolled-back')
      expect(await alarmsOf(device)).toContain('circle-rolled-back')
      expect(await titles(device)).toEqual(['kept'])
      expect(await device.client.state()).toBe('trusted')
    }
  })
})
