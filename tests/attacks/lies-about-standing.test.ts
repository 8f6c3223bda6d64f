/**
 * The server lies about who is in: it tells a member that it was removed, so that it deletes its copy, or that the keychain was reset by another device; it tells a device that waits that
 * it is in, and hands it everything it has. Defence: only a signed entry of the circle begins or ends a membership, and only a member's signature names it as who reset.
 * Fails when: the server's word for a removal or a reset is passed on as the truth; the circle need not belong to the password.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ErrorCode } from '@nokkel/base'
import { problemAnswer } from './evil-proxy.ts'
import { World, codeOf, holdings, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  for (const title of ['a', 'b']) await anna.client.addItem(note(title))
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

it('a member is told on every route that it was removed: it stays a member, keeps its keys and every item, and says only that the session is over', async () => {
  const before = await holdings(berit)
  for (const code of ['device-removed', 'session-invalid', 'session-pending'] as const satisfies readonly ErrorCode[]) {
    berit.proxy.honest().on('every', () => problemAnswer(code, { disposition: 'delete', deleteCopy: true }))
    expect(await codeOf(() => berit.client.sync())).toBe(code === 'session-pending' ? 'session-pending' : 'session-invalid')
    expect(await codeOf(() => berit.client.joinRequests())).not.toBe('accepted')
    expect(await codeOf(() => berit.client.addItem(note('meanwhile')))).toMatch(
      /^(accepted|session-invalid|session-pending|device-removed)$/,
    )
    expect(await berit.client.state()).toBe('trusted')
    expect(await berit.titles()).toEqual(expect.arrayContaining(['a', 'b']))
  }
  const after = await holdings(berit)
  expect({ mode: after['mode'], keys: after['keys'], circle: after['circle'] }).toEqual({
    mode: before['mode'],
    keys: before['keys'],
    circle: before['circle'],
  })
  expect((await berit.client.status()).removal).toBeNull()
  await berit.restart()
  expect(await berit.client.state()).toBe('trusted')
  berit.proxy.honest()
  await berit.client.sync()
  expect((await berit.client.status()).pendingChanges).toBe(0)
})

it('the session says "removed" while the circle says otherwise, by every mixture of true and false answers', async () => {
  for (const lying of ['log', 'push', 'circle', 'circleKeys', 'session'] as const) {
    berit.proxy.honest().on(lying, () => problemAnswer('device-removed'))
    const code = await codeOf(() => berit.client.sync())
    expect({ lying, code }).toEqual({ lying, code: lying === 'log' || lying === 'circle' ? 'session-invalid' : 'accepted' })
    expect(await berit.client.state()).toBe('trusted')
    expect((await berit.look()).vaultKeys.size).toBeGreaterThan(0)
  }
  berit.proxy.honest().editJson('session', (value) => ({ ...value, state: 'removed' }))
  await berit.client.sync()
  expect(await berit.client.state()).toBe('trusted')
  berit.proxy.honest()
})

it('a device that waits is handed circle, keys and log by the server: it takes none of it, because nobody vouched for it', async () => {
  const eve = await world.device('Eve')
  await eve.signIn('anna@example.org')
  await eve.client.requestJoin()
  const { token } = (await anna.look()).requireTrusted().identity
  // everything that Anna's session may see, and "you are in" on top of it
  eve.proxy.on('every', async ({ forward, route }) => {
    if (route === 'circle' || route === 'circleKeys' || route === 'log' || route === 'records')
      return forward({ headers: { authorization: `Bearer ${token}` } })
    return forward()
  })
  eve.proxy.editJson('session', (value) => ({ ...value, state: 'active' }))
  eve.proxy.editJson('joinReceive', (value) => ({ ...value, request: { ...(value['request'] as object), state: 'approved' } }))
  expect(await codeOf(() => eve.client.waitForJoin({ signal: AbortSignal.timeout(300) }))).toBe('cancelled')
  for (const act of [() => eve.client.sync(), () => eve.client.items(), () => eve.client.addItem(note('x')), () => eve.client.devices()])
    expect(await codeOf(act)).toBe('not-trusted')
  expect(await eve.client.state()).toBe('signed-in')
  const look = await eve.look()
  expect({ circle: look.circle, keys: look.vaultKeys.size, items: look.index.size }).toEqual({ circle: null, keys: 0, items: 0 })
})

it('signing in again, a member is told that it must wait, and a stranger that it is a member: neither changes what it holds', async () => {
  const before = await holdings(berit)
  berit.proxy.editJson('signInFinish', (value) => ({ ...value, state: 'pending' }))
  await codeOf(() => berit.signIn('anna@example.org'))
  expect(await berit.client.state()).toBe('trusted')
  expect({ ...(await holdings(berit)), hash: null, seq: null }).toEqual({ ...before, hash: null, seq: null })
  berit.proxy.honest()
  const fay = await world.device('Fay')
  fay.proxy.editJson('signInFinish', (value) => ({ ...value, state: 'active' }))
  await fay.signIn('anna@example.org')
  expect(await fay.client.state()).toBe('signed-in')
  expect(await codeOf(() => fay.client.items())).toBe('not-trusted')
})

it('at sign-in the server shows another circle than the one that belongs to the password: the device does not begin with it', async () => {
  const mallory = await world.founder('Mallory', 'mallory@example.org')
  const theirs = (await mallory.look()).requireTrusted().circle
  const gro = await world.device('Gro')
  gro.proxy.editJson('signInFinish', (value) => ({ ...value, genesisHash: Buffer.from(theirs.genesisHash).toString('base64url') }))
  expect(await codeOf(() => gro.signIn('anna@example.org'))).toBe('circle-mismatch')
  gro.proxy.editJson('signInFinish', (value) => ({ ...value, bind: Buffer.alloc(32).toString('base64url') }))
  expect(await codeOf(() => gro.signIn('anna@example.org'))).toBe('circle-mismatch')
  expect(await gro.client.state()).toBe('empty')
  // a server that sends the person to another account altogether cannot finish the exchange
  gro.proxy.honest().editJson('signInStart', (value) => ({ ...value, accountId: theirs.account }))
  expect(await codeOf(() => gro.signIn('anna@example.org'))).toBe('sign-in-failed')
})

it('a member is told that the keychain was reset, with every kind of proof but the true one: it names nobody, keeps copy and keys, and comes back', async () => {
  const carl = await world.joined('Carl', anna)
  const { circle } = (await carl.look()).requireTrusted()
  const mallory = await world.founder('Mallory II', 'mallory2@example.org')
  const foreign = Buffer.from((await mallory.look()).circleEntries[0] as Uint8Array).toString('base64url')
  const annaId = (await anna.look()).requireTrusted().identity.keys.id
  const keys = (await carl.look()).vaultKeys.size
  const lies = [
    { deviceId: null, genesis: null, endorsement: null },
    { deviceId: annaId, genesis: null, endorsement: null },
    { deviceId: annaId, genesis: foreign, endorsement: Buffer.alloc(64, 1).toString('base64url') },
    { deviceId: annaId, genesis: Buffer.alloc(40, 7).toString('base64url'), endorsement: Buffer.alloc(64).toString('base64url') },
  ]
  for (const lie of lies) {
    carl.proxy.honest().on('every', ({ route, forward }) => (route === 'session' ? forward() : problemAnswer('keychain-ended')))
    carl.proxy.editJson('session', (value) => ({ ...value, state: 'ended', end: { kind: 'reset', timeMs: 1, ...lie } }))
    expect(await codeOf(() => carl.client.sync())).toBe('keychain-ended')
    const { state, removal, notices } = await carl.client.status()
    expect({ state, removal }).toMatchObject({ state: 'reset', removal: { byName: '', disposition: 'keep' } })
    expect(notices.at(-1)).toMatchObject({ kind: 'keychain-reset', params: { known: false } })
    expect(await carl.titles()).toEqual(expect.arrayContaining(['a', 'b']))
    expect((await carl.look()).vaultKeys.size).toBe(keys)
    carl.proxy.honest()
    await carl.signIn('anna@example.org')
    expect(await carl.client.state()).toBe('trusted')
    expect((await carl.look()).requireTrusted().circle.head).toEqual(circle.head)
  }
})
