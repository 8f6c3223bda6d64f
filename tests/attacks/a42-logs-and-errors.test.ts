/**
 * A42: what must not be read lands in a log, an error, a crash report or on a terminal. Defence: the server's log is chosen field by
 * field, errors carry codes and harmless parameters, secrets have a type of their own that shows nothing of itself.
 * Fails when: a header or the message of an error is logged; a secret says more than its name as JSON.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isNokkelError, NokkelError, Secret, utf8, type CborValue } from '@nokkel/base'
import { call, Device } from 'nokkel-server/testing'
import { canary, encodingsIn } from './canaries.ts'
import { runCli, type CliRun } from './cli.ts'
import { World, codeOf, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
/** all of this is the person's: none of it may be in a log */
const email = 'kqzvjwxq.anna@example.org'
const phone = '+4798765432'
const secrets = { password: `Passord ${canary()}`, passcode: `Kode ${canary()}` }
const tokens: string[] = []

beforeAll(async () => {
  world = await World.start({ logLevel: 'trace' })
  anna = await world.device('Anna')
  await (
    await anna.open()
  ).createAccount({ server: anna.proxy.url, email, deviceName: `Mobil ${canary().slice(0, 40)}`, phone, region: 'NO', ...secrets })
  await anna.client.addItem(note(canary(), canary()))
  const berit = await world.device('Berit')
  const details = { server: berit.proxy.url, email, deviceName: `PC ${canary().slice(0, 40)}`, ...secrets }
  await codeOf(async () => (await berit.open()).signIn({ ...details, password: canary() }))
  await (await berit.open()).signIn(details)
  const { requestId, code } = await berit.client.requestJoin()
  await Promise.all([anna.client.approve(requestId, code), berit.client.waitForJoin()])
  const watched = new AbortController()
  const watching = berit.client.watch(() => watched.abort(), { signal: watched.signal })
  await anna.client.addItem(note(canary()))
  await watching
  await anna.client.removeDevice(await berit.id(), { deleteCopy: true })
  for (const { heard, live } of world.proxies) {
    for (const { request } of heard) tokens.push(...(/Bearer (\S+)/i.exec(request.head)?.slice(1) ?? []))
    for (const { text } of live) tokens.push(...(/"token":"([^"]+)"/.exec(text)?.slice(1) ?? []))
  }
})
afterAll(() => world.end())

/** Nothing of the person's is in `text`. */
function expectSilent(text: string): void {
  expect(encodingsIn(Buffer.from(text))).toEqual([])
  for (const mine of [
    email,
    email.toUpperCase(),
    encodeURIComponent(email),
    Buffer.from(email).toString('base64'),
    phone,
    phone.slice(1),
    ...tokens,
  ])
    expect(text).not.toContain(mine)
}

describe('A42: the server', () => {
  it('at its most talkative, through a whole story: no password, token, address, number, name or content', () => {
    const lines = world.server.logLines
    expect(lines.length).toBeGreaterThan(25)
    expect(new Set(tokens).size).toBeGreaterThan(1)
    for (const line of lines) expectSilent(line)
    // it is a log all the same: which route, how it ended, how long it took
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ route }) => route !== undefined)
    expect(entries.find(({ route }) => route === 'circleAppend')).toMatchObject({ status: 200, msg: 'request' })
    expect([...new Set(entries.flatMap((entry) => Object.keys(entry)))].sort()).toEqual([
      'code',
      'level',
      'ms',
      'msg',
      'requestId',
      'route',
      'status',
      'time',
    ])
  })

  it('when somebody sends nonsense full of secrets, in every place that a request has', async () => {
    const before = world.server.logLines.length
    const spilled = canary()
    for (const headers of [
      { authorization: `Bearer ${spilled}` },
      { cookie: encodeURIComponent(spilled) },
      { 'user-agent': encodeURIComponent(spilled) },
      { 'nokkel-client': encodeURIComponent(spilled) },
      { 'nokkel-proof': encodeURIComponent(spilled) },
      { referer: `http://${encodeURIComponent(spilled)}` },
    ]) {
      for (const name of ['session', 'joinCreate', 'signInStart', 'log'] as const)
        await call({ url: world.server.url, token: 'A'.repeat(43) }, name, {
          json: name === 'session' || name === 'log' ? undefined : { email: spilled, [spilled]: spilled },
          headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Buffer.from(value).toString('latin1')])),
        })
    }
    for (const path of [
      `/${encodeURIComponent(spilled)}`,
      `/v1/vaults/${encodeURIComponent(spilled)}/log`,
      `/v1/circle?after=${encodeURIComponent(spilled)}`,
    ]) {
      const answer = await fetch(world.server.url + path, {
        headers: { authorization: `Bearer ${tokens[0]}`, 'nokkel-client': 'cli/0.1.0', 'nokkel-protocol': '1' },
      })
      // nor is it repeated in the answer
      expect(encodingsIn(Buffer.from(await answer.arrayBuffer()))).toEqual([])
    }
    expect(world.server.logLines.length).toBeGreaterThan(before)
    for (const line of world.server.logLines.slice(before)) expectSilent(line)
  })

  it('when it breaks inside, with secrets in the message of the error: the log has class and place, the answer has neither', async () => {
    const before = world.server.logLines.length
    const { store } = world.server.services
    const real = store.findSession.bind(store)
    const failure = Object.assign(new Error(`near "${canary()}": ${email} ${tokens[0]}`), { code: 'ERR_X', cause: new TypeError(canary()) })
    Object.assign(store, { findSession: () => Promise.reject(failure) })
    const reply = await new Device(world.server.url).call('session', { token: tokens[0] ?? '' })
    Object.assign(store, { findSession: real })
    expect(reply.json).toEqual({ type: 'urn:nokkel:problem:internal', title: 'internal', status: 500, code: 'internal', params: {} })
    const lines = world.server.logLines.slice(before)
    expect(lines.some((line) => line.includes('a42-logs-and-errors.test.ts'))).toBe(true)
    for (const line of lines) expectSilent(line)
  })

  it('its metrics and its pages know nobody either', async () => {
    for (const path of ['/metrics', '/', '/openapi.json', '/healthz', '/readyz', '/v1/server'])
      expectSilent(await (await fetch(world.server.url + path)).text())
  })
})

describe('A42: the client', () => {
  it('errors repeat nothing of what was handed in, however they are printed', async () => {
    const spilled = canary()
    const actions: (() => unknown)[] = [
      () => anna.client.checkPasscode(spilled),
      () => anna.client.changePasscode(secrets.passcode, spilled.slice(0, 3)),
      () => anna.client.approve('0'.repeat(32) as never, spilled),
      () => anna.client.item(spilled as never),
      () => anna.client.addItem({ kind: spilled as never, fields: new Map() }),
      () => anna.client.addItem({ kind: 'password', fields: new Map([['password', spilled.repeat(1_000)]]) }),
      () =>
        anna.client.addItem({
          kind: 'password',
          fields: new Map<string, CborValue>([
            ['totp', new Uint8Array(3)],
            ['password', spilled],
          ]),
        }),
      () => anna.client.importFile({ name: spilled, bytes: utf8(`{"encrypted":true,"data":"${spilled}"}`) }),
      () => anna.client.importFile({ name: 'x.csv', bytes: utf8(spilled) }),
      () =>
        anna.client.signIn({
          server: `https://anna:${spilled}@example.org`,
          email,
          passcode: secrets.passcode,
          password: spilled,
          deviceName: 'x',
        }),
      () => anna.client.signIn({ server: anna.proxy.url, email: spilled, passcode: secrets.passcode, password: spilled, deviceName: 'x' }),
      () => anna.client.signIn({ server: anna.proxy.url, email, passcode: secrets.passcode, password: spilled, deviceName: 'x' }),
      () => anna.client.renameDevice(spilled as never, spilled),
    ]
    for (const [i, action] of actions.entries()) {
      const error = await Promise.resolve()
        .then(action)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
      expect([i, isNokkelError(error)]).toEqual([i, true])
      const known = error as NokkelError
      for (const shown of [
        JSON.stringify(known.params),
        String(known),
        inspect(known, { depth: 9, showHidden: true }),
        known.stack ?? '',
        format('%o %j %s', known, known, known),
      ])
        expect([i, encodingsIn(Buffer.from(shown))]).toEqual([i, []])
    }
  })

  it('a secret shows nothing of itself, wherever it ends up', () => {
    const spilled = canary()
    const secret = new Secret(utf8(spilled))
    const error = new NokkelError('internal', {}, { cause: { secret } })
    const shown = [
      String(secret),
      `${secret as unknown as string}`,
      JSON.stringify({ a: [secret] }),
      inspect(secret, { depth: 9, showHidden: true }),
      inspect({ a: { b: [secret] } }, { depth: 9, showHidden: true }),
      inspect(error, { depth: 9, showHidden: true }),
      format('%s %o %O %j %d', secret, secret, secret, secret, secret),
      Object.keys(secret).join(),
      JSON.stringify(Object.getOwnPropertyNames(secret)),
      JSON.stringify(structuredCloneOf(secret)),
      inspect(new Map([[secret, secret]]), { depth: 9, showHidden: true }),
    ]
    for (const text of shown) expect(encodingsIn(Buffer.from(text))).toEqual([])
    expect(Buffer.from(secret.reveal()).toString()).toBe(spilled)
  })

  function structuredCloneOf(value: unknown): unknown {
    try {
      return structuredClone(value)
    } catch {
      return 'refused'
    }
  }

  it('the command line: failures, debug output and refused arguments say nothing that is secret', async () => {
    const home = join(world.folder, 'cli')
    mkdirSync(home)
    const proxy = (await world.device('proxy')).proxy
    const env = { NOKKEL_PASSWORD: secrets.password, NOKKEL_PASSCODE: secrets.passcode, NOKKEL_DEBUG: '1' }
    const spilled = canary()
    const runs: CliRun[] = []
    const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}, input = ''): Promise<CliRun> => {
      const ran = await runCli(home, args, { ...env, ...more }, input)
      runs.push(ran)
      return ran
    }
    const account = ['--server', proxy.url, '--email', 'kari@example.org', '--device-name', 'PC']
    expect((await run(['account', 'create', ...account])).status).toBe(0)
    // right, and quiet about it
    expect(
      (await run(['add', 'password', '--title', 'Bank', '--username', 'kari', '--field', 'password=-', '--json'], {}, spilled)).status,
    ).toBe(0)
    await run(['list', '--json'])
    await run(['status'])
    await run(['show', 'Bank'])
    await run(['show', 'Bank', '--json'])
    // wrong in every way
    await run(['list'], { NOKKEL_PASSCODE: spilled })
    await run(['passcode', 'change'], { NOKKEL_NEW_PASSCODE: spilled.slice(0, 4) })
    const refused = await run(['add', 'password', '--title', 'x', '--field', `password=${spilled}`, '--json'])
    expect(refused.status).toBe(2)
    await run(['account', 'create', ...account, '--password', spilled])
    writeFileSync(join(home, 'export.json'), JSON.stringify({ encrypted: true, passwordProtected: true, data: spilled }))
    await run(['import', join(home, 'export.json')])
    proxy.on('every', () => ({ status: 500, headers: {}, body: Buffer.from(spilled) }))
    await run(['sync'])
    await run(['sync', '--json'])
    expect(runs.filter(({ status }) => status !== 0).length).toBeGreaterThan(4)
    for (const { stdout, stderr } of runs) expect(encodingsIn(Buffer.from(stdout + stderr))).toEqual([])
    // the search can find: when asked to, it is shown
    proxy.honest()
    expect(encodingsIn(Buffer.from((await run(['show', 'Bank', '--reveal', '--field', 'password'])).stdout))).not.toEqual([])
  })
})
