/** Healthy systems of every shape: the doctor finds nothing, and there is nothing that it could not look at (G). */
import type { ItemId } from '@nokkel/base'
import { symptoms } from '@nokkel/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noWayOut } from './dead-ends.ts'
import { codesOf, Lab, login, lookAt, type Patient, type Ward } from './lab.ts'

const dayMs = 86_400_000
let lab: Lab
let ward: Ward
beforeAll(async () => {
  lab = await Lab.open()
  ward = await lab.ward()
})
afterAll(async () => {
  await ward.end()
  lab.close()
})

async function expectHealthy(...patients: readonly Patient[]): Promise<void> {
  for (const patient of patients) {
    const { findings, unobserved } = await lookAt(patient)
    expect({ findings, unobserved }).toEqual({ findings: [], unobserved: [] })
  }
}

describe('G: on a healthy system nothing is found', () => {
  it('two devices that are up to date', () => expectHealthy(ward.anna, ward.berit))

  it('with every symptom named, only what answers the question', async () => {
    const answers = new Set<string>()
    for (const symptom of symptoms) for (const code of codesOf(await lookAt(ward.berit, { symptom }))) answers.add(code)
    expect([...answers]).toEqual(['two-factor-on'])
  })

  it('fresh: an account that was made this minute, without an item', async () => {
    const fresh = await ward.newDevice('Fersk')
    await fresh.device.create('fersk@example.org', 'NO')
    await expectHealthy(fresh)
  })

  it('offline, changed on both sides, and back', async () => {
    const { anna, berit } = ward
    berit.road.detour = noWayOut.url
    await berit.device.client.addItem(login('Frakoblet'))
    const item = (await berit.device.client.items({ text: 'Bank' }))[0]?.id as ItemId
    await berit.device.client.editItem(item, { set: new Map([['notes', 'Berits notat']]) })
    await anna.device.client.editItem(item, { set: new Map([['username', 'anna']]) })
    expect(codesOf(await lookAt(berit))).toEqual(['no-network'])
    berit.road.detour = null
    await berit.device.client.sync()
    await anna.device.client.sync()
    await expectHealthy(anna, berit)
  })

  it('old: devices that came and went, renewed keys, things deleted long ago, half a year later', async () => {
    const { anna, berit } = ward
    const third = await ward.joined('Gammel telefon')
    await berit.device.client.sync()
    await anna.device.client.removeDevice(await third.device.id(), { deleteCopy: true })
    await berit.device.client.sync()
    const gone = (await anna.device.client.items({ text: 'Trikk' }))[0]?.id as ItemId
    await anna.device.client.deleteItem(gone)
    // once a month, as people do
    for (let month = 1; month <= 6; month++) {
      ward.clock.offsetMs = month * 30 * dayMs
      for (const { device } of [anna, berit]) device.clock.offsetMs = ward.clock.offsetMs
      await anna.device.client.editItem((await anna.device.client.items({ text: 'Post' }))[0]?.id as ItemId, {
        set: new Map([['password', `hemmelig ${month}`]]),
      })
      await berit.device.client.sync()
      await anna.device.client.sync()
    }
    await expectHealthy(anna, berit)
  })

  it('big: five thousand items, imported on one device and synchronised to the other', async () => {
    const { anna, berit } = ward
    const rows = Array.from({ length: 5_000 }, (_, at) => `Nr ${at},https://nr-${at}.example,kari${at},hemmelig${at}`)
    const bytes = new TextEncoder().encode(`name,url,username,password\n${rows.join('\n')}\n`)
    await anna.device.client.importFile({ name: 'passord.csv', bytes })
    await berit.device.client.sync()
    await expectHealthy(anna, berit)
  })
})
