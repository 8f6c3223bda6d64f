/** The live channel: who hears what, who is let in, and who is cut off. */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { newId, systemRandom, type VaultId } from '@nokkel/base'
import { liveAskPauseMs, livePath, type LiveEvent } from '@nokkel/protocol/wire'
import { addDevice, createPerson, Device, makeAddition, makeFrame, makeRotationAppend, signIn } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { closeCodes } from './endpoint.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ live: { connections: 40, perAccount: 4 } })
})
afterAll(() => server.dispose())

class Listener {
  readonly socket: WebSocket
  readonly events: LiveEvent[] = []
  readonly closed: Promise<number>
  #wake: () => void = () => undefined

  constructor(url: string, hello: string | null) {
    this.socket = new WebSocket(url.replace('http', 'ws') + livePath)
    this.closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)))
    this.socket.on('error', () => undefined)
    this.socket.on('open', () => hello !== null && this.socket.send(hello))
    this.socket.on('message', (data: Buffer) => {
      this.events.push(JSON.parse(data.toString('utf8')) as LiveEvent)
      this.#wake()
    })
  }

  async next(wanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    for (;;) {
      const found = this.events.find(wanted)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

const open: Listener[] = []
async function listen(device: Device): Promise<Listener> {
  const listener = new Listener(server.url, JSON.stringify({ token: device.token }))
  open.push(listener)
  await listener.next(({ type }) => type === 'ready')
  return listener
}
afterEach(async () => {
  for (const { socket, closed } of open.splice(0)) {
    socket.terminate()
    await closed
  }
})

describe('hints', () => {
  test('B1: a push reaches every member’s connection, the sender’s too, and no waiting device', async () => {
    const person = await createPerson(server.url)
    const second = await addDevice(person)
    const waiting = new Device(server.url)
    await signIn(waiting, person.email, person.password)
    const [a, b, c] = await Promise.all([listen(person.device), listen(second), listen(waiting)])
    const circle = await person.device.circle()
    const first = makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash })
    await person.device.push(person.vault, first.frame, makeFrame(circle, person.device, person.vault, first.end).frame)
    const hint = { type: 'log', vault: person.vault, seq: 2 }
    expect(await a.next(({ type }) => type === 'log')).toEqual(hint)
    expect(await b.next(({ type }) => type === 'log')).toEqual(hint)
    // what a waiting device does hear comes later on the same connection, so that nothing can be still on its way
    await waiting.call('joinCreate', { json: { name: 'x' } })
    await c.next(({ type }) => type === 'join')
    expect(c.events.map(({ type }) => type)).not.toContain('log')
  })

  test('A5: a request and its messages reach members and the applicant; the addition lets the applicant in', async () => {
    const person = await createPerson(server.url)
    const applicant = new Device(server.url)
    await signIn(applicant, person.email, person.password)
    const [member, newcomer] = await Promise.all([listen(person.device), listen(applicant)])
    const requestId = (await applicant.call('joinCreate', { json: { name: 'x' } })).json['requestId']
    expect(await member.next(({ type }) => type === 'join')).toEqual({ type: 'join', requestId })
    expect(await newcomer.next(({ type }) => type === 'join')).toEqual({ type: 'join', requestId })
    await person.device.append(await makeAddition(person, applicant))
    await newcomer.next(({ type }) => type === 'session')
    expect(await newcomer.next(({ type }) => type === 'circle')).toEqual({ type: 'circle', seq: 1 })
    expect(await member.next(({ type }) => type === 'circle')).toEqual({ type: 'circle', seq: 1 })
  })

  test('B3: a removed device hears that its session changed, and then nothing', async () => {
    const person = await createPerson(server.url)
    const gone = await addDevice(person)
    const listener = await listen(gone)
    await person.device.append(await makeRotationAppend(person, person.device, [gone]))
    expect(await listener.closed).toBe(closeCodes.removed)
    expect(listener.events.map(({ type }) => type)).toEqual(['ready', 'session'])
    const again = new Listener(server.url, JSON.stringify({ token: gone.token }))
    expect(await again.closed).toBe(closeCodes.removed)
  })

  test('hints come at least every 16 frames of a long push', async () => {
    const person = await createPerson(server.url)
    const listener = await listen(person.device)
    const circle = await person.device.circle()
    let end = { seq: 0, hash: circle.genesisHash }
    const frames = Array.from({ length: 40 }, () => {
      const made = makeFrame(circle, person.device, person.vault, end)
      ;({ end } = made)
      return made.frame
    })
    await person.device.push(person.vault, ...frames)
    await listener.next((event) => event.type === 'log' && event.seq === 40)
    expect(listener.events.filter(({ type }) => type === 'log').map((event) => (event.type === 'log' ? event.seq : 0))).toEqual([
      16, 32, 40,
    ])
  })
})

describe('the door', () => {
  test('wrong, missing and foreign hellos', async () => {
    const hellos = [
      '',
      '{',
      '[]',
      '{"token":"x"}',
      JSON.stringify({ token: 'A'.repeat(43) }),
      JSON.stringify({ token: 'A'.repeat(43), more: 1 }),
      '{"__proto__":{"token":"x"}}',
    ]
    for (const hello of hellos) expect(await new Listener(server.url, hello).closed).toBe(closeCodes.sessionInvalid)
    expect(await new Listener(server.url, 'x'.repeat(2_000)).closed).toBe(1009)
  })

  test('API-9: a question is answered, one after another; two at once are one too many', async () => {
    const listener = await listen((await createPerson(server.url)).device)
    expect(listener.events[0]).toMatchObject({ type: 'ready', answers: true })
    const ask = JSON.stringify({ type: 'ask' })
    for (let asked = 1; asked <= 3; asked++) {
      listener.socket.send(ask)
      await expect.poll(() => listener.events.filter(({ type }) => type === 'beat').length, { timeout: 10_000 }).toBe(asked)
      await new Promise((resolve) => setTimeout(resolve, 2 * liveAskPauseMs))
    }
    listener.socket.send(ask)
    listener.socket.send(ask)
    expect(await listener.closed).toBe(closeCodes.policy)
  })

  test('a second frame that is no question is one too many', async () => {
    const listener = await listen((await createPerson(server.url)).device)
    listener.socket.send('{}')
    expect(await listener.closed).toBe(closeCodes.policy)
  })

  test('no hello within five seconds', async () => {
    expect(await new Listener(server.url, null).closed).toBe(closeCodes.helloLate)
  }, 20_000)

  test('a new sign-in of the device and signing out end its connection', async () => {
    const person = await createPerson(server.url)
    const first = await listen(person.device)
    await signIn(person.device, person.email, person.password)
    expect(await first.closed).toBe(closeCodes.replaced)
    const second = await listen(person.device)
    await person.device.call('signOut')
    expect(await second.closed).toBe(closeCodes.sessionInvalid)
  })

  test('ceilings: connections of an account, and of the server', async () => {
    const person = await createPerson(server.url)
    const held = [await listen(person.device), await listen(person.device), await listen(person.device), await listen(person.device)]
    expect(await new Listener(server.url, JSON.stringify({ token: person.device.token })).closed).toBe(closeCodes.tryLater)
    held[0]?.socket.terminate()
    await held[0]?.closed
    while (server.services.live.size >= 4) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await listen(person.device)).events).toHaveLength(1)
  })

  test('another path, and a handshake that is none', async () => {
    const raw = (request: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.write(request))
        let answer = ''
        socket.on('data', (data) => (answer += data.toString('latin1')))
        socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
      })
    const upgrade = (path: string, key: string) =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`
    expect(await raw(upgrade('/elsewhere', 'AAAAAAAAAAAAAAAAAAAAAA=='))).toBe('HTTP/1.1 404 Not Found')
    expect(await raw(upgrade(livePath, 'short'))).toBe('HTTP/1.1 400 Bad Request')
    expect(await raw('NONSENSE\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
  })

  test('a consumer that does not read is dropped, and costs the others nothing', async () => {
    const person = await createPerson(server.url)
    const deaf = await listen(person.device)
    const other = await listen(person.device)
    // the client half of `ws` stops reading its socket, as a frozen browser tab does
    deaf.socket.pause()
    const vault = newId<VaultId>(systemRandom)
    const { live } = server.services
    for (let round = 0; live.connectionsOf(person.accountId) > 1 && round < 400; round++) {
      for (let i = 0; i < 1_000; i++) live.publish(person.accountId, { type: 'log', vault, seq: i }, 'members')
      await new Promise((resolve) => setImmediate(resolve))
      while (other.events.length > 0) other.events.pop()
    }
    expect(live.connectionsOf(person.accountId)).toBeLessThan(2)
  }, 60_000)
})
