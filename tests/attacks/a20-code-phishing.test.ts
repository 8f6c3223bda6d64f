/**
 * A20: somebody with the password floods the person with requests until one is approved, or talks the person out of thinking. Defence:
 * there is no approval without the code that the new device shows; three requests an hour; wrong codes are counted on both devices.
 * Fails when: something else than six digits is taken for a code; requests are not counted.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemRandom, toBase64url, toHex } from '@nokkel/base'
import { ApproverRun, createDeviceKeys, deviceRecordOf, joinRules, makeAdd, makeReverseSignature, type AccountKey } from '@nokkel/protocol'
import { encodeCircleAppend } from '@nokkel/protocol/wire'
import { Device, signIn, startSignIn } from 'nokkel-server/testing'
import { startTestServer } from 'nokkel-server/server/testing'
import { runCli } from './cli.ts'
import { ShiftedClock, World, codeOf, dayMs, passcode, password, type TestDevice } from './world.ts'

const serverClock = new ShiftedClock()
let world: World
let anna: TestDevice
beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())

it('A20: without the password there is no request at all', async () => {
  const { reply } = await startSignIn(world.server.url, 'anna@example.org', 'not her password')
  expect(reply.status).toBe(200)
  const stranger = new Device(world.server.url)
  expect((await signIn(stranger, 'anna@example.org', 'not her password')).problem.code).toBe('sign-in-failed')
  expect(
    (await stranger.call('joinCreate', { json: { name: 'Anna’s telephone' }, token: toBase64url(systemRandom.bytes(32)) })).problem.code,
  ).toBe('session-invalid')
})

it('A20: 1,000 hostile requests in an hour from many devices: three reach the person, also across a restart of the server', async () => {
  const watched = new AbortController()
  const seen: string[] = []
  const watching = anna.client.watch((change) => void (change.type === 'join-request' && seen.push(change.id)), { signal: watched.signal })
  const hostile = await Promise.all(Array.from({ length: 4 }, () => waitingDevice()))
  const codes: string[] = []
  const ask = async (n: number): Promise<void> => {
    const device = hostile[n % hostile.length] as Device
    const reply = await device.call('joinCreate', { json: { name: `Anna’s telephone ${n}` } })
    codes.push(reply.status === 200 ? 'taken' : String(reply.problem.code))
  }
  for (let n = 0; n < 500; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => ask(n + i)))
  watched.abort()
  await watching
  await world.server.stop()
  const again = await startTestServer({ data: world.server.folder }, { clock: serverClock })
  for (const device of hostile) Object.assign(device, { url: again.url })
  anna.proxy.upstream = again.url
  for (let n = 500; n < 1_000; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => ask(n + i)))
  expect(codes.filter((code) => code === 'taken')).toHaveLength(joinRules.requestsPerHour)
  expect(codes.filter((code) => code !== 'taken' && code !== 'rate-limited')).toEqual([])
  expect(new Set(seen).size).toBeLessThanOrEqual(joinRules.requestsPerHour)
  expect((await anna.client.joinRequests()).length).toBeLessThanOrEqual(joinRules.requestsPerHour)
  await again.stop()
})

it('A20: nothing lets a device in but the code: not its own session, not the server, not an empty or shortened code', async () => {
  const server = await startTestServer({ data: world.server.folder }, { clock: serverClock })
  anna.proxy.upstream = server.url
  serverClock.offsetMs += 3_700_000
  const berit = await world.device('Berit')
  berit.proxy.upstream = server.url
  await berit.signIn('anna@example.org')
  const { requestId, code } = await berit.client.requestJoin()
  const before = anna.proxy.heard.length
  for (const typed of [
    '',
    ' ',
    '0',
    code.slice(0, 5),
    `${code}0`,
    `${code}\n`,
    ` ${code}`,
    code.replace(/./, 'x'),
    '１２３４５６',
    'yes',
    'null',
  ])
    expect(await codeOf(() => anna.client.approve(requestId, typed))).toBe('code-wrong')
  // refused before anything of it left the device, and without spending a try
  expect(anna.proxy.heard.slice(before).filter(({ route }) => route !== 'joinList')).toEqual([])
  // the waiting device adds itself, and the server passes it to everybody
  const { circle } = (await anna.look()).requireTrusted()
  const key = (await anna.look()).accountKeys.get(1) as AccountKey
  const keys = createDeviceKeys(systemRandom, await berit.id(), 'cli')
  const transcriptHash = systemRandom.bytes(32)
  const added = {
    device: deviceRecordOf(keys),
    transcriptHash,
    reverseSignature: makeReverseSignature(circle.account, keys, transcriptHash),
  }
  const bySelf = makeAdd(systemRandom, circle, keys, key, added, Date.now())
  const inAnnasName = makeAdd(systemRandom, circle, { ...keys, id: await anna.id() }, key, added, Date.now())
  const pending = new Device(server.url, 'cli', keys)
  pending.token = (await berit.look()).identity?.token ?? null
  for (const made of [bySelf, inAnnasName]) {
    const append = { expectedHead: circle.head, entry: made.entry, shares: [made.share], wraps: [] }
    expect((await pending.call('circleAppend', { body: encodeCircleAppend(append) })).problem.code).toBe('session-pending')
    anna.proxy.honest().editCircle((entries) => [...entries, made.entry])
    expect(await codeOf(() => anna.client.sync())).toBe('circle-invalid')
  }
  anna.proxy.honest()
  // "approved" in the server's mouth changes nothing on either side
  for (const { proxy } of [anna, berit])
    proxy.editJson('joinReceive', (value) => ({ ...value, request: { ...(value['request'] as object), state: 'approved' } }))
  berit.proxy.editJson('session', (value) => ({ ...value, state: 'active' }))
  expect(await codeOf(() => berit.client.waitForJoin({ signal: AbortSignal.timeout(300) }))).toBe('cancelled')
  expect(await berit.client.state()).toBe('signed-in')
  expect((await anna.client.devices()).length).toBe(1)
  anna.proxy.honest()
  berit.proxy.honest()
  // and then, with the code
  await Promise.all([anna.client.approve(requestId, code), berit.client.waitForJoin()])
  expect(await berit.client.state()).toBe('trusted')
  await server.stop()
})

it('A20: wrong codes: three runs a request at the server, three on the new device, five a day on the trusted one, all of them kept across restarts', async () => {
  const server = await startTestServer({ data: world.server.folder }, { clock: serverClock })
  anna.proxy.upstream = server.url
  serverClock.offsetMs += dayMs
  anna.clock.offsetMs += dayMs
  await anna.client.sync()
  const account = (await anna.client.status()).accountId as never
  let typed = 0
  const answers: string[] = []
  for (let request = 0; request < 3; request++) {
    serverClock.offsetMs += 3_700_000
    const device = await world.device(`Carl ${request}`)
    device.proxy.upstream = server.url
    await device.signIn('anna@example.org')
    const { requestId, code } = await device.client.requestJoin()
    const waiting = codeOf(() => device.client.waitForJoin())
    const wrong = code === '000000' ? '000001' : '000000'
    for (let n = 0; n < joinRules.runsPerRequest && typed < 6; n++, typed++) {
      answers.push(await codeOf(() => anna.client.approve(requestId, wrong)))
      await anna.restart()
    }
    if (answers.includes('code-attempts-used')) {
      // the code is right this time; it is too late for today
      expect(await codeOf(() => anna.client.approve(requestId, code))).toBe('code-attempts-used')
      await device.client.withdrawJoin().catch(() => undefined)
    } else {
      expect(await waiting).toMatch(/^(request-declined|code-attempts-used)$/)
      // a fourth run is refused by the server as well
      const run = new ApproverRun(systemRandom, { account, request: requestId }, code, {
        device: await anna.id(),
        circleSeq: 0,
        circleHead: new Uint8Array(32),
        genesisHash: new Uint8Array(32),
      })
      const trusted = new Device(server.url, 'cli', await anna.keys())
      trusted.token = (await anna.look()).requireTrusted().identity.token
      const fourth = await trusted.call('joinSend', {
        proofTimeMs: serverClock.nowMs(),
        params: { request: requestId },
        json: { run: toHex(run.run), step: 1, body: toBase64url(run.message1) },
      })
      expect(fourth.problem.code).toMatch(/^(code-attempts-used|request-declined|request-not-found)$/)
    }
    void waiting
    await device.stop()
  }
  expect(answers).toEqual(['code-wrong', 'code-wrong', 'code-wrong', 'code-wrong', 'code-wrong', 'code-attempts-used'])
  expect((await anna.client.devices()).filter(({ status }) => status === 'active')).toHaveLength(2)
  await server.stop()
})

it('A20: the command line asks for the code as well: there is no switch, no prompt to wave through, and no default', async () => {
  const server = await startTestServer({ data: world.server.folder }, { clock: serverClock })
  const env = { NOKKEL_PASSCODE: passcode, NOKKEL_PASSWORD: password }
  const home = join(world.folder, 'cli')
  const create = await runCli(
    home,
    ['account', 'create', '--server', server.url, '--email', 'kari@example.org', '--device-name', 'PC', '--json'],
    env,
  )
  expect(create.status).toBe(0)
  const berit = await world.device('Kari’s telephone')
  berit.proxy.upstream = server.url
  await berit.signIn('kari@example.org')
  const { requestId } = await berit.client.requestJoin()
  // an empty line, "y" and "yes" on standard input are what a hurried person or a script would give
  for (const args of [[], ['--yes'], ['--code', ''], ['--code', 'yes']])
    expect({ args, status: (await runCli(home, ['devices', 'approve', requestId, ...args, '--json'], env, 'y\nyes\n\n')).status }).toEqual({
      args,
      status: 2,
    })
  const listed = JSON.parse((await runCli(home, ['devices', 'list', '--json'], env)).stdout) as { devices: { status: string }[] }
  expect(listed.devices.filter(({ status }) => status === 'active')).toHaveLength(1)
  await server.stop()
})

/** A device of somebody who has the password: signed in, waiting, able to ask for approval. */
async function waitingDevice(): Promise<Device> {
  const device = await world.device('hostile')
  await device.signIn('anna@example.org')
  const { identity } = await device.look()
  if (identity === null) throw new Error('not signed in')
  const caller = new Device(world.server.url, 'cli', identity.keys)
  caller.token = identity.token
  await device.stop()
  return caller
}
