/**
 * A1: the server offers a key of its own (an organisation's, a recovery service's, a helper's) and the client seals the account to it.
 * Defence: nothing is sealed to a key that is not in the circle, and nothing comes into the circle but by a member's signed act.
 * Fails when: an entry that no member signed counts.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { concatBytes, systemRandom, toBase64url, toHex, utf8, type Bytes } from '@nokkel/base'
import { createKemKey, openFrom } from '@nokkel/crypto'
import { Circle, createAccountKey, decodeShare, deviceRecordOf, makeAdd, makeReverseSignature, shareAad, labels } from '@nokkel/protocol'
import { decodeCircleAppend, routes, type Route, type RouteName } from '@nokkel/protocol/wire'
import { trafficOf } from './evil-proxy.ts'
import { World, codeOf, note, strangerKeys, type TestDevice } from './world.ts'

const evilKem = createKemKey(systemRandom)
const evilDevice = strangerKeys()
const text = toBase64url(evilKem.publicKey)
const offer = {
  recoveryKey: text,
  recoveryPublicKey: text,
  publicKey: text,
  kemKey: text,
  sealKey: text,
  organization: { id: '0'.repeat(32), publicKey: text, resetPasswordEnabled: true, autoEnroll: true },
  escrow: { realms: [{ id: '0'.repeat(32), url: 'https://realm.invalid', publicKey: text }], threshold: 1, required: true },
  contacts: [{ id: evilDevice.id, publicKey: text }],
  devices: [{ id: evilDevice.id, class: 'cli', signKey: toBase64url(evilDevice.sign.publicKey), sealKey: text }],
  policy: { recovery: 'required', party: text },
  features: { accountRecovery: true },
}

let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.device('Anna')
  berit = await world.device('Berit')
  for (const { proxy } of [anna, berit]) offerEverywhere(proxy)
})
afterAll(() => world.end())

function offerEverywhere(proxy: TestDevice['proxy']): void {
  const laced = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(laced)
      : typeof value === 'object' && value !== null
        ? // `params` of a notice are plain texts and numbers: anything else there is refused as malformed, before it is looked at
          {
            ...offer,
            ...Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === 'params' ? inner : laced(inner)])),
          }
        : value
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][])
    if (typeof route.response === 'object') proxy.editJson(name, (value) => laced(value))
}

/** Everything sealed to a public key that ever left the devices: the shares of registrations and of appended entries. */
function sharesSent(): Bytes[] {
  const found: Bytes[] = []
  for (const { heard } of world.proxies)
    for (const { route, request } of heard) {
      if (route === 'accountFinish')
        found.push(
          ...(JSON.parse(request.body.toString('utf8')) as { shares: string[] }).shares.map(
            (share) => new Uint8Array(Buffer.from(share, 'base64url')),
          ),
        )
      if (route === 'circleAppend') found.push(...decodeCircleAppend(request.body).shares)
    }
  return found
}

it('A1: a key offered in every field of every answer, through signing up, joining, adding, removing: nothing is ever sealed to it', async () => {
  await anna.create('anna@example.org')
  await anna.client.addItem(note('a'))
  await berit.signIn('anna@example.org')
  await berit.joinBy(anna)
  const carl = await world.joined('Carl', anna)
  await anna.client.removeDevice(await carl.id(), { deleteCopy: true })
  await berit.client.sync()
  await berit.client.turnOff({ copy: 'keep' })
  await anna.client.sync()

  const shares = sharesSent()
  // one at sign-up, one for each of two devices that came, two at the removal, one at the rotation after the departure
  expect(shares).toHaveLength(6)
  const { circle } = (await anna.look()).requireTrusted()
  for (const encoded of shares) {
    const { share } = decodeShare(encoded)
    expect(circle.devices.has(share.to)).toBe(true)
    expect(await codeOf(() => openFrom(evilKem, utf8(labels.accountKeyShare), shareAad(share), share.sealed))).toBe('open-failed')
  }
  // and its own name was never said again by any device
  const said = Buffer.concat(
    world.proxies.flatMap(({ heard }) => heard.flatMap(({ request }) => [Buffer.from(request.head), request.body])),
  )
  for (const key of [evilKem.publicKey, evilDevice.seal.publicKey, evilDevice.sign.publicKey])
    for (const form of [Buffer.from(key), Buffer.from(toBase64url(key)), Buffer.from(toHex(key))]) expect(said.includes(form)).toBe(false)
  expect([...trafficOf(anna.proxy)].some((bytes) => bytes.includes(text))).toBe(true)
})

it('A1: a member of the server’s making, put into the circle in every way it can: refused, and the next rotation seals nothing to it', async () => {
  const dora = await world.joined('Dora', anna)
  await anna.client.sync()
  const { circle, identity } = (await anna.look()).requireTrusted()
  const transcriptHash = systemRandom.bytes(32)
  const added = {
    device: deviceRecordOf(evilDevice),
    transcriptHash,
    reverseSignature: makeReverseSignature(circle.account, evilDevice, transcriptHash),
  }
  const key = createAccountKey(systemRandom, circle.accountKey.generation)
  const bySelf = makeAdd(systemRandom, circle, evilDevice, key, added, Date.now())
  const inAnnasName = makeAdd(systemRandom, circle, { ...evilDevice, id: identity.keys.id }, key, added, Date.now())
  for (const made of [bySelf, inAnnasName]) {
    for (const device of [anna, dora]) {
      device.proxy.honest().editCircle((entries) => [...entries, made.entry])
      expect(await codeOf(() => device.client.sync())).toBe('circle-invalid')
      expect(await device.alarms()).toContain('circle-invalid')
      // also at the very moment when new keys are made for everybody
      expect(await codeOf(() => anna.client.removeDevice(evilDevice.id, { deleteCopy: false }))).not.toBe('accepted')
      device.proxy.honest()
    }
  }
  // a whole circle of the server's own, in which it is a member
  anna.proxy.editCircle((entries) => [concatBytes(entries[0] as Bytes).with(60, 1) as Bytes])
  expect(await codeOf(() => anna.client.sync())).not.toBe('accepted')
  anna.proxy.honest()
  await anna.client.removeDevice(await dora.id(), { deleteCopy: true })
  expect((await anna.client.devices()).map(({ id }) => id)).not.toContain(evilDevice.id)
  const look = await anna.look()
  expect(Circle.replay(look.circleEntries).devices.has(evilDevice.id)).toBe(false)
  for (const encoded of sharesSent()) expect(decodeShare(encoded).share.to).not.toBe(evilDevice.id)
})
