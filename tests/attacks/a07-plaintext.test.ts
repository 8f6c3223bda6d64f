/**
 * A7: something of the keychain goes over the wire or lies on a disk unsealed: a title, an address, a date, a flag. Defence: an item is
 * one ciphertext; ids, epoch, sizes and times of batches are all that is outside it. Five thousand values are planted and searched for.
 * Fails when: records go out unsealed; the device's index is stored unsealed.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { utf8, type CborValue, type DeviceId } from '@nokkel/base'
import { fieldRules, itemKinds, type ItemDraft, type ItemKind } from '@nokkel/keychain'
import { canary, dumpOf, encodingsIn, plantedSoFar } from './canaries.ts'
import { trafficOf } from './evil-proxy.ts'
import { World, codeOf, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice

/** An item of this kind with a canary in every place that can hold text or bytes. */
function planted(kind: ItemKind): ItemDraft {
  const fields = new Map<string, CborValue>()
  for (const rule of fieldRules[kind]) {
    if (rule.type === 'bool') fields.set(rule.name, true)
    else if (rule.type === 'uint') fields.set(rule.name, 11)
    else fields.set(rule.name, rule.type === 'bytes' ? utf8(canary()) : canary().slice(0, rule.max))
  }
  for (let i = 0; i < 2; i++) {
    fields.set(`site:https://${canary()}`, true)
    fields.set(`tag:${canary()}`, true)
    fields.set(`custom:${canary()}`, [canary(), i === 0])
  }
  return { kind, fields, history: [{ field: 'title', value: canary(), ms: 1 }] }
}

beforeAll(async () => {
  world = await World.start({ logLevel: 'trace' })
  anna = await world.device('Anna', { sqlite: true })
  const secrets = { password: `Passord ${canary()}`, passcode: `Kode ${canary()}` }
  const details = { server: anna.proxy.url, email: 'anna@example.org', deviceName: 'Anna', ...secrets }
  await (await anna.open()).createAccount(details)
  // one at a time, as a person does it, and in bulk
  for (const kind of itemKinds) {
    const id = await anna.client.addItem(planted(kind))
    await anna.client.editItem(id, {
      set: new Map<string, string | boolean>([
        ['title', canary()],
        [`tag:${canary()}`, true],
      ]),
    })
    await anna.client.items({ text: canary() })
    if (kind === 'note') await anna.client.deleteItem(id)
    if (kind === 'wifi') await anna.client.purgeItem(id)
  }
  const rows = ['name,url,username,password,note']
  while (plantedSoFar() < 5_400) rows.push([canary(), `https://${canary()}`, canary(), canary(), canary()].join(','))
  const report = await anna.client.importFile({ name: `${canary()}.csv`, bytes: Buffer.from(rows.join('\n')) })
  expect(report.added).toBe(rows.length - 1)
  berit = await world.device('Berit', { sqlite: true })
  await (await berit.open()).signIn({ ...details, server: berit.proxy.url, deviceName: 'Berit' })
  await berit.joinBy(anna)
  // names that devices get afterwards are items like all others
  for (const device of [anna, berit]) await device.client.renameDevice((await device.client.status()).deviceId as DeviceId, canary())
  // two edits that did not know of each other leave a conflict in the history
  const [shared] = await anna.client.items({ kind: 'card' })
  for (const device of [anna, berit]) {
    device.proxy.on('every', () => ({ status: 503, headers: {}, body: new Uint8Array(0) }))
    await device.client.editItem(shared?.id as never, { set: new Map([['number', canary()]]) })
    device.proxy.honest()
  }
  for (const device of [anna, berit, anna]) await device.client.sync()
  await anna.client.removeDevice(await berit.id(), { deleteCopy: false })
  await codeOf(() => berit.client.sync())
  // wrong on purpose: what a person mistypes is a secret too
  await codeOf(() => anna.client.checkPasscode(canary()))
  const wrong = await world.device('Wrong')
  await codeOf(async () => (await wrong.open()).signIn({ ...details, server: wrong.proxy.url, password: canary() }))
})
afterAll(() => world.end())

function filesIn(folder: string): [string, Buffer][] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => [each.name, readFileSync(join(each.parentPath, each.name))])
}

describe('A7: 5,000 planted values', () => {
  it('are really there: the devices show them, and the search finds each in every encoding', async () => {
    expect(plantedSoFar()).toBeGreaterThan(5_000)
    const [first] = await anna.client.items({ kind: 'password' })
    expect(encodingsIn(Buffer.from(first?.title ?? ''))).toContain('utf-8')
    for (const [name, dump] of dumpOf(canary())) expect(encodingsIn(dump).map((each) => each.replace(/, \d$/, ''))).toContain(name)
  })

  it('went over no wire', () => {
    let bytes = 0
    for (const heard of trafficOf(...world.proxies)) {
      bytes += heard.length
      expect(encodingsIn(heard)).toEqual([])
    }
    expect(bytes).toBeGreaterThan(1_000_000)
  })

  it('are in no file of the server, its write-ahead log included, and in no line of its log', async () => {
    const files = filesIn(world.server.folder)
    expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(['nokkel.db', 'nokkel.db-wal']))
    for (const [name, content] of files) expect([name, encodingsIn(content)]).toEqual([name, []])
    expect(world.server.logLines.length).toBeGreaterThan(50)
    for (const line of world.server.logLines) expect(encodingsIn(Buffer.from(line))).toEqual([])
  })

  it('are in no file of the devices', () => {
    const files = filesIn(world.folder)
    expect(files.reduce((sum, [, content]) => sum + content.length, 0)).toBeGreaterThan(1_000_000)
    for (const [name, content] of files) expect([name, encodingsIn(content)]).toEqual([name, []])
  })

  it('what the server is told in the clear is this list, and the name of a device only until it is let in', () => {
    const told = new Map<string, string[]>()
    for (const { heard } of [anna.proxy, berit.proxy])
      for (const { route, request } of heard) {
        if (route === undefined || !/content-type: application\/json/i.test(request.head)) continue
        told.set(route, Object.keys(JSON.parse(request.body.toString('utf8')) as object).sort())
      }
    expect(Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual({
      accountFinish: ['accountId', 'bind', 'email', 'genesis', 'phone', 'region', 'registrationRecord', 'shares', 'wraps'],
      accountStart: ['accountId', 'email', 'registrationRequest'],
      // ids, the realms' own list, and what is sealed: the outer lock and the label under the password's keys, the bundle under a way back's
      escrowPut: ['label', 'list', 'outerLock', 'registration', 'slot'],
      escrowTokens: ['clientKey', 'kind', 'realms', 'registration'],
      joinCreate: ['name'],
      joinSend: ['body', 'run', 'step'],
      recoveryBundle: ['bundle', 'member'],
      signInFinish: ['device', 'finishLoginRequest', 'loginId', 'proof'],
      signInStart: ['email', 'startLoginRequest'],
    })
  })
})
