/**
 * A30: somebody asks the server which addresses have an account. Defence: an unknown address gets an answer of the same form, size and
 * cost, always the same account id, and the same failure at the end; so does every wrong password.
 * Fails when: an unknown address is answered otherwise, or with another id each time; the failures can be told apart; the note that only a
 * known account gets is written before the answer is out.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, createPerson, Device, signIn, startSignIn, type Person, type Reply } from 'nokkel-server/testing'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'

let server: TestServer
const people: Person[] = []
const unknown = Array.from({ length: 6 }, (_, i) => `nobody${i}@example.org`)
const wrong = 'not the password of anybody'

beforeAll(async () => {
  server = await startTestServer()
  for (let i = 0; i < 6; i++) people.push(await createPerson(server.url, { email: `person${i}@example.org` }))
})
afterAll(() => server.dispose())

/** All of an answer that an onlooker has, with what is random in it taken for what it is. */
function shapeOf(reply: Reply): unknown {
  const headers = [...reply.headers].map(([name, value]) => [name, name === 'date' || name === 'x-request-id' ? 'its own' : value])
  const json = Object.entries(reply.json).map(([name, value]) => [
    name,
    typeof value === 'string' && value.length > 20 ? `${value.length} ${/^[0-9a-f]+$/.test(value) ? 'hex' : 'base64url'}` : value,
  ])
  return { status: reply.status, headers, json, bytes: reply.bytes.length }
}

describe('A30: known or unknown', () => {
  it('the first answer has the same form and size for both, in upper case, in another spelling, and again', async () => {
    const known = await Promise.all(people.map(async ({ email }) => shapeOf((await startSignIn(server.url, email, wrong)).reply)))
    const others = await Promise.all(unknown.map(async (email) => shapeOf((await startSignIn(server.url, email, wrong)).reply)))
    for (const shape of [...known, ...others]) expect(shape).toEqual(known[0])
  })

  it('an unknown address has one account id for ever, as a known one has; across a restart, too', async () => {
    const idOf = async (email: string, url = server.url): Promise<unknown> => (await startSignIn(url, email, wrong)).reply.json['accountId']
    const emails = [unknown[0], 'NOBODY0@example.org', people[0]?.email, 'PERSON0@example.org'] as string[]
    const first = await Promise.all(emails.map((email) => idOf(email)))
    const again = await Promise.all(emails.map((email) => idOf(email)))
    expect(again).toEqual(first)
    expect(first[0]).toBe(first[1])
    expect(first[2]).toBe(first[3])
    expect(new Set(first).size).toBe(2)
    await server.stop()
    server = await startTestServer({ data: server.folder })
    expect(await Promise.all(emails.map((email) => idOf(email)))).toEqual(first)
  })

  it('the end is the same failure: wrong password, unknown address, a made-up message, a used one', async () => {
    const known = await signIn(new Device(server.url), people[0]?.email ?? '', wrong)
    const stranger = await signIn(new Device(server.url), unknown[0] ?? '', wrong)
    expect(known.problem.code).toBe('sign-in-failed')
    expect(shapeOf(stranger)).toEqual(shapeOf(known))
    const garbage = await signIn(new Device(server.url), people[0]?.email ?? '', people[0]?.password ?? '', {
      tamper: (request) => ({ ...request, finishLoginRequest: 'AAAA' }),
    })
    const otherLogin = await signIn(new Device(server.url), people[0]?.email ?? '', people[0]?.password ?? '', {
      tamper: (request) => ({ ...request, loginId: '0'.repeat(32) }),
    })
    const otherProof = await signIn(new Device(server.url), people[0]?.email ?? '', people[0]?.password ?? '', {
      tamper: (request) => ({ ...request, proof: 'A'.repeat(86) }),
    })
    for (const reply of [garbage, otherLogin, otherProof]) expect(shapeOf(reply)).toEqual(shapeOf(known))
  })

  it('the next steps of a registration tell no more than that an address is taken, and only to whoever would take it', async () => {
    const shapes = [people[0]?.email, unknown[0]].map(async (email) =>
      shapeOf(
        await call({ url: server.url }, 'accountStart', {
          json: {
            accountId: '0'.repeat(32),
            email,
            registrationRequest: Buffer.from(new Uint8Array(32).fill(0).with(0, 1)).toString('base64url'),
          },
        }),
      ),
    )
    const [known, other] = await Promise.all(shapes)
    expect(known).toEqual(other)
  })

  it('both take their time: the two distributions of answers overlap, at both steps', async () => {
    // ten failures for each account are as many as are written down in an hour, and it is the writing that could show
    const starts = await measure((email) => startSignIn(server.url, email, wrong))
    const finishes = await measure(failedFinish)
    for (const [step, { known, other }] of Object.entries({ starts, finishes })) {
      console.log(
        `${step}, ms at 10, 50, 90 %: known ${summary(known)}, unknown ${summary(other)}; overlap ${overlap(known, other).toFixed(2)}`,
      )
      // a half is perfect; with sixty of each, luck alone does not come below a third. A database write before the answer gives 0.1
      expect(overlap(known, other)).toBeGreaterThan(0.22)
    }
  })

  it('a failed sign-in is answered without waiting for what only a known account causes', async () => {
    const { email } = await createPerson(server.url)
    const { store } = server.services
    const real = store.transaction.bind(store)
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const held: typeof store.transaction = async (account, work) => {
      await gate
      return real(account, work)
    }
    Object.assign(store, { transaction: held })
    const answered = failedFinish(email)
    const first = await Promise.race([answered.then(() => 'answered'), new Promise((resolve) => setTimeout(resolve, 1_000, 'waits'))])
    Object.assign(store, { transaction: real })
    open()
    await answered
    expect(first).toBe('answered')
  })
})

const rounds = 60

/** The second step with nothing but zeros; the first one is not part of the time. */
async function failedFinish(email: string): Promise<number> {
  const { loginId } = (await startSignIn(server.url, email, wrong)).reply.json
  const device = { id: '1'.repeat(32), class: 'cli', signKey: 'A'.repeat(43) }
  const began = performance.now()
  const reply = await call({ url: server.url }, 'signInFinish', {
    json: { loginId, finishLoginRequest: 'A'.repeat(86), device, proof: 'A'.repeat(86) },
  })
  const tookMs = performance.now() - began
  expect(reply.problem.code).toBe('sign-in-failed')
  return tookMs
}

/** Times of known and unknown addresses in turn, so that whatever else this machine does falls on both. */
async function measure(step: (email: string) => Promise<unknown>): Promise<{ known: number[]; other: number[] }> {
  const times = { known: [] as number[], other: [] as number[] }
  for (let n = 0; n < rounds; n++) {
    const order = n % 2 === 0 ? (['known', 'other'] as const) : (['other', 'known'] as const)
    for (const which of order) {
      const began = performance.now()
      const told = await step(which === 'known' ? (people[n % people.length]?.email ?? '') : (unknown[n % unknown.length] ?? ''))
      times[which].push(typeof told === 'number' ? told : performance.now() - began)
    }
  }
  return times
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
const quantile = (values: readonly number[], at: number): number => sorted(values)[Math.floor(at * (values.length - 1))] ?? 0
const summary = (values: readonly number[]): string => [0.1, 0.5, 0.9].map((at) => quantile(values, at).toFixed(2)).join(' / ')

/** Probability that of one of each the second is the faster; a half where nothing can be told, 0 or 1 where everything can. Folded to 0 … 0.5. */
function overlap(one: readonly number[], two: readonly number[]): number {
  let below = 0
  for (const a of one) for (const b of two) below += a < b ? 1 : a === b ? 0.5 : 0
  const share = below / (one.length * two.length)
  return Math.min(share, 1 - share)
}
