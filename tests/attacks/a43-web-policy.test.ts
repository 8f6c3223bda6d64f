/**
 * The web app's code comes from the server at each visit; one day it is hostile, on a device that was honestly let in. Defence: what devices in
 * browsers may do is a policy in the circle (CIR-23), which every member and the server hold to.
 * Fails when: a limited device lets in or removes a device, opens or closes a way back, changes the two-factor setting or the policy; when the
 * policy is only the client's own restraint; when a class that is off is let in.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId, systemRandom, type RequestId } from '@nokkel/base'
import { createKemKey, createSigningKey } from '@nokkel/crypto'
import { keySlotOf, makePolicy, makeRecoveryAdd, makeTwoFactor, type RecoverySlot } from '@nokkel/protocol'
import { sessionOf } from '@nokkel/sync'
import { codeOf, note, passcode, World, type TestDevice } from './world.ts'

let world: World
let pc: TestDevice
let phone: TestDevice
let web: TestDevice
beforeAll(async () => {
  world = await World.start()
  pc = await world.founder('PC', 'anna@example.org')
  phone = await world.joined('Telefon', pc)
  web = await world.joined('Nettleser', pc, { deviceClass: 'web' })
  await pc.client.createRecoveryKey()
  await pc.client.setClassPolicy({ web: 'no-membership' }, { deleteCopy: false })
  for (const device of [phone, web]) await device.client.sync()
})
afterAll(() => world.end())

const notices = async (device: TestDevice) => (await device.client.status()).notices.filter(({ kind }) => kind === 'policy-changed')

describe('CIR-23 a web app that may not change who is in the circle', () => {
  it('all devices know, and are told by whom (F9)', async () => {
    for (const device of [pc, phone, web]) expect(await device.client.classPolicy()).toEqual({ web: 'no-membership', extension: 'full' })
    expect((await notices(phone)).map(({ params }) => params)).toEqual([{ by: 'PC', web: 'no-membership', extension: 'full' }])
    expect(await notices(pc)).toEqual([])
  })

  it('reads and writes as before', async () => {
    await web.client.addItem(note('Fra nettleseren'))
    await web.client.sync()
    await pc.client.sync()
    expect(await pc.titles()).toContain('Fra nettleseren')
  })

  it('says so before it begins anything', async () => {
    const { client } = web
    const victim = await phone.id()
    const before = (await client.status()).circle?.seq
    expect({
      remove: await codeOf(() => client.removeDevice(victim, { deleteCopy: true })),
      'recovery key': await codeOf(() => client.createRecoveryKey({ replace: true })),
      'no recovery key': await codeOf(() => client.revokeRecoveryKey()),
      'security code': await codeOf(() => client.removeSecurityCode()),
      'two factors': await codeOf(() => client.setTwoFactor(false, { passcode })),
      policy: await codeOf(() => client.setClassPolicy({ web: 'full' }, { deleteCopy: false })),
      everywhere: await codeOf(() => client.turnOff({ copy: 'keep', everywhere: true })),
    }).toEqual(
      Object.fromEntries(
        ['remove', 'recovery key', 'no recovery key', 'security code', 'two factors', 'policy', 'everywhere'].map((name) => [
          name,
          'policy-forbids',
        ]),
      ),
    )
    await pc.client.sync()
    expect((await pc.client.status()).circle?.seq).toBe(before)
    expect(await client.state()).toBe('trusted')
  })

  it('does not let a device in, whatever code is typed there', async () => {
    const stranger = await world.device('Ny')
    await stranger.signIn(pc.email)
    const ticket = await stranger.client.requestJoin()
    expect(await codeOf(() => web.client.approve(ticket.requestId, ticket.code))).toBe('policy-forbids')
    expect(await stranger.client.state()).toBe('signed-in')
    await stranger.client.withdrawJoin()
  })

  it('without that restraint: the server takes none of its entries, nor its word on two factors', async () => {
    const { circle, identity } = (await web.look()).requireTrusted()
    const api = web.connect()
    const session = sessionOf(identity)
    const nowMs = web.clock.nowMs()
    const record = (slot: RecoverySlot) => ({
      slot,
      registration: newId<RequestId>(systemRandom),
      kemKey: createKemKey(systemRandom).publicKey,
      signKey: createSigningKey(systemRandom).publicKey,
      escrow: null,
    })
    const entries = [
      makePolicy(circle, identity.keys, { web: 'full', extension: 'full' }, nowMs),
      makeRecoveryAdd(circle, identity.keys, record(keySlotOf(circle.account)), nowMs),
    ]
    for (const entry of entries)
      expect(await codeOf(() => api.appendCircle(session, { expectedHead: circle.head, entry, shares: [], wraps: [] }))).toBe(
        'circle-invalid',
      )
    const statement = makeTwoFactor(identity.keys, { account: circle.account, counter: 1, on: false, timeMs: nowMs })
    expect(await codeOf(() => api.twoFactorSet(session, statement))).toBe('policy-forbids')
  })

  it('a server that shows such an entry all the same is caught by every device', async () => {
    const { circle, identity } = (await web.look()).requireTrusted()
    const forged = makePolicy(circle, identity.keys, { web: 'full', extension: 'full' }, web.clock.nowMs())
    phone.proxy.editCircle((entries) => [...entries, forged])
    expect(await codeOf(() => phone.client.sync())).toBe('circle-invalid')
    expect(await phone.client.classPolicy()).toEqual({ web: 'no-membership', extension: 'full' })
    phone.proxy.honest()
    await phone.client.sync()
  })
})

describe('CIR-23 a web app that is off', () => {
  it('devices of that kind are removed by it, and none is let in', async () => {
    await pc.client.setClassPolicy({ web: 'off' }, { deleteCopy: true })
    expect(await codeOf(() => web.client.sync())).toBe('device-removed')
    expect(await web.client.state()).toBe('removed')
    const again = await world.device('Nettleser igjen', { deviceClass: 'web' })
    await again.signIn(pc.email)
    const ticket = await again.client.requestJoin()
    expect(await codeOf(() => pc.client.approve(ticket.requestId, ticket.code))).toBe('policy-forbids')
    await again.client.withdrawJoin()
    await pc.client.setClassPolicy({ web: 'full' }, { deleteCopy: false })
    await again.joinBy(pc)
    expect(await again.client.state()).toBe('trusted')
  })

  it('nobody limits itself', async () => {
    const own = await world.joined('Utvidelse', pc, { deviceClass: 'extension' })
    expect(await codeOf(() => own.client.setClassPolicy({ extension: 'off' }, { deleteCopy: false }))).toBe('policy-forbids')
    await own.client.setClassPolicy({ web: 'no-membership' }, { deleteCopy: false })
    expect(await own.client.classPolicy()).toEqual({ web: 'no-membership', extension: 'full' })
  })
})
