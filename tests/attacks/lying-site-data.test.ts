/**
 * A32b: the server, or whoever stands before it, hands out a list of sites of its own making (AUT-7). Defence: the list is asked for as a whole and at
 * most once a day, bounded before it is read, kept sealed, and read by the engine that believes none of it (`packages/autofill/src/said.test.ts`).
 * Fails when: an address of a site stands in a request; what has no bounds is kept or stops the keychain; a list stands in the store in the clear;
 * a server that is away or was changed takes the list away.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFeedSource, type FeedSource } from 'nokkel-server/feed-source/testing'
import { parseSiteData } from '@nokkel/autofill'
import { Cut, type Answer } from './evil-proxy.ts'
import { dayMs, note, World, type TestDevice } from './world.ts'

const path = '/v1/site-data'
const groups = '[{"shared":["bank.no","bank-mobil.no"]}]'
let world: World
let source: FeedSource
let anna: TestDevice

beforeAll(async () => {
  source = await startFeedSource({ 'shared-credentials.json': groups })
  world = await World.start({ siteData: { url: source.url, everyHours: 24 } })
  await world.server.services.siteData.look()
  anna = await world.founder('anna', 'anna@example.org')
})
afterAll(async () => {
  await world.end()
  await source.close()
})

const asked = () => anna.proxy.heard.filter(({ target }) => target.startsWith(path))
const answering = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(body),
})
/** A day later, with `answer` in the place of the server's. */
async function told(answer: () => Answer): Promise<boolean> {
  anna.clock.offsetMs += dayMs
  anna.proxy.on('every', (exchange) => (exchange.target.startsWith(path) ? answer() : exchange.forward()))
  return anna.client.refreshSiteData()
}
const sitesOf = async (): Promise<string[]> =>
  parseSiteData((await anna.client.siteData()) ?? '{"format":1}').equivalents.flatMap(({ saved }) => [...saved])

describe('A32b: a list of the server’s own making', () => {
  it('is asked for as a whole, once a day, and conditionally from then on; no request says a site', async () => {
    await anna.client.addItem(note('https://secret-bank.example'))
    expect(await anna.client.siteData()).toBeNull()
    expect(await anna.client.refreshSiteData()).toBe(true)
    expect(await sitesOf()).toEqual(['bank.no', 'bank-mobil.no'])
    await anna.client.refreshSiteData()
    expect(asked()).toHaveLength(1)
    anna.clock.offsetMs += dayMs
    expect(await anna.client.refreshSiteData()).toBe(false)
    expect(asked().map(({ target, answer }) => [target, answer?.status])).toEqual([
      [path, 200],
      [path, 304],
    ])
    expect(asked()[0]?.request.head).not.toMatch(/authorization|secret-bank/i)
    expect(await sitesOf()).toHaveLength(2)
  })

  it('what has no bounds is not read to its end, and what is broken is not kept', async () => {
    expect(await told(() => answering(' '.repeat(4_000_001)))).toBe(false)
    expect(await told(() => ({ ...answering(''), body: Buffer.from([0xff, 0xfe]) }))).toBe(false)
    expect(await told(() => ({ status: 302, headers: { location: 'https://evil.example/' }, body: Buffer.alloc(0) }))).toBe(false)
    expect(await told(() => ({ status: 500, headers: {}, body: Buffer.alloc(0) }))).toBe(false)
    expect(await sitesOf()).toEqual(['bank.no', 'bank-mobil.no'])
    expect(await anna.client.status()).toMatchObject({ state: 'trusted' })
  })

  it('a server that is away leaves the list; one that has none any more takes it back', async () => {
    expect(
      await told(() => {
        throw new Cut()
      }),
    ).toBe(false)
    expect(await sitesOf()).toHaveLength(2)
    expect(await told(() => answering('{"format":1}', { etag: '"none"' }))).toBe(true)
    expect(await sitesOf()).toEqual([])
  })
})
