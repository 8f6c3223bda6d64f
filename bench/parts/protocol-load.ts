/** Load of the protocol on a server: devices of as many accounts that ask again as soon as they were answered, and what they ask. */
import autocannon, { type Request, type Result } from 'autocannon'
import { client as opaque, ready } from '@serenity-kit/opaque'
import { concatBytes } from '@nokkel/base'
import { encodeFrame, logStart, type Circle } from '@nokkel/protocol'
import { createPerson, makeFrame, versionHeaders, type Person } from 'nokkel-server/testing'

export const recordBytes = 700

export interface Account {
  readonly person: Person
  readonly circle: Circle
  end: ReturnType<typeof logStart>
}

export async function createAccounts(url: string, count: number): Promise<Account[]> {
  const accounts: Account[] = []
  while (accounts.length < count) {
    const person = await createPerson(url)
    const circle = await person.device.circle()
    accounts.push({ person, circle, end: logStart(circle) })
  }
  return accounts
}

/** `requestsOf` gives the requests of each connection; each is sent when the one before it was answered. */
export async function load(
  url: string,
  connections: number,
  amount: number,
  requestsOf: (connection: number) => readonly Request[],
): Promise<Result> {
  let connection = 0
  const result = await autocannon({
    url,
    connections,
    amount,
    timeout: 30,
    sampleInt: 10,
    setupClient: (client) => client.setRequests(requestsOf(connection++)),
  })
  if (result.errors + result.non2xx > 0 || result['2xx'] < amount) throw new Error(`${result.non2xx} refused, ${result.errors} failed`)
  return result
}

const authorized = ({ person }: Account): Record<string, string> => ({ ...versionHeaders, authorization: `Bearer ${person.device.token}` })
const pathOf = ({ person }: Account): string => `/v1/vaults/${person.vault}/log`

/** "Anything new?", where nothing is. */
export function emptyPull(account: Account): Request {
  return { method: 'GET', path: `${pathOf(account)}?after=${account.end.seq}`, headers: authorized(account) }
}

/** The next pushes of an account, each continuing the log where the one before it ends. */
export function pushes(account: Account, count: number, records = 1): Request[] {
  const { circle, person } = account
  return Array.from({ length: count }, () => {
    const { frame, end } = makeFrame(circle, person.device, person.vault, account.end, { payloadBytes: recordBytes, count: records })
    account.end = end
    const headers = { ...authorized(account), 'content-type': 'application/octet-stream' }
    return { method: 'POST', path: pathOf(account), headers, body: Buffer.from(concatBytes(encodeFrame(frame))) }
  })
}

/** First steps of a sign-in, one for each account. */
export async function signInStarts(accounts: readonly Account[]): Promise<Request[]> {
  await ready
  const { startLoginRequest } = opaque.startLogin({ password: 'riktig hest batteri stift' })
  return accounts.map(({ person }) => {
    const body = Buffer.from(JSON.stringify({ email: person.email, startLoginRequest }))
    return { method: 'POST', path: '/v1/sign-in/start', headers: { ...versionHeaders, 'content-type': 'application/json' }, body }
  })
}
