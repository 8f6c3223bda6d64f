/**
 * A36: sizes tell what is inside. Whoever can get text into the keychain (a shared page, a save prompt) watches whether the traffic grows
 * less than it should, and so guesses what is already there. Defence: an item is one blob of its own, padded, never compressed; nothing
 * of one item depends on another.
 * Fails when: the plaintext is left unpadded.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ItemId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { paddedLength } from '@nokkel/protocol'
import { decodePushFrame, decodeRecord, splitFrames } from '@nokkel/protocol/wire'
import { World, note, type TestDevice } from './world.ts'

const tagBytes = 16
let world: World
let anna: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())

/** Sizes on the wire of everything that one action pushed. */
async function sizesOf(action: () => Promise<unknown>): Promise<{ request: number[]; batch: number[]; ciphertext: number[] }> {
  const before = anna.proxy.exchanges('push').length
  await action()
  const pushed = anna.proxy.exchanges('push').slice(before)
  const frames = pushed.flatMap(({ request }) => splitFrames(request.body).map(decodePushFrame))
  return {
    request: pushed.map(({ request }) => request.body.length),
    batch: frames.map(({ batch }) => batch.length),
    ciphertext: frames.flatMap(({ records }) => records.map((record) => decodeRecord(record).ciphertext.length)),
  }
}

it('A36: the length of a ciphertext is one of few, whatever the item; and it grows with the text, however repetitive that is', async () => {
  const random = new SeededRandom(36)
  const steps = new Set<number>()
  for (let length = 0; length <= 65_536; length++) steps.add(paddedLength(length) + tagBytes)
  expect(steps.size).toBeLessThan(200)
  for (const length of [0, 10, 200, 1_000, 5_000, 20_000]) {
    const repetitive = 'a'.repeat(length)
    const scrambled = Buffer.from(random.bytes(length)).toString('hex').slice(0, length)
    const [one, two] = [
      await sizesOf(() => anna.client.addItem(note('x', repetitive))),
      await sizesOf(() => anna.client.addItem(note('x', scrambled))),
    ]
    expect(two).toEqual(one)
    const [size = 0] = one.ciphertext
    expect(steps).toContain(size)
    expect(size).toBeGreaterThan(length)
  }
})

it('A36: 1,000 guesses about a secret, right and wrong: the sizes say nothing about which is which', async () => {
  const secret = '7f3a9c'
  const bank = {
    kind: 'password' as const,
    fields: new Map([
      ['title', 'Bank'],
      ['password', secret],
    ]),
  }
  await anna.client.addItem(bank)
  const sizes = { right: new Set<string>(), wrong: new Set<string>() }
  const random = new SeededRandom(37)
  // in bulk, as a page of save prompts would: one item a guess, a hundred times the same kind of row, each tenth of them right
  for (let round = 0; round < 10; round++) {
    const right = round % 2 === 0
    const rows = Array.from(
      { length: 100 },
      () =>
        `Guess,https://guess.example,u${Buffer.from(random.bytes(4)).toString('hex')},${right ? secret : Buffer.from(random.bytes(3)).toString('hex')}`,
    )
    const { request, batch, ciphertext } = await sizesOf(() =>
      anna.client.importFile({ name: 'chrome.csv', bytes: Buffer.from(['name,url,username,password', ...rows].join('\n')) }),
    )
    expect(ciphertext).toHaveLength(100)
    // the batch itself grows by a byte when its position in the log passes 23 or 255, which everybody can count
    const rest = (request[0] ?? 0) - (batch[0] ?? 0)
    sizes[right ? 'right' : 'wrong'].add(JSON.stringify({ requests: request.length, rest, ciphertext: [...new Set(ciphertext)] }))
  }
  // not a distribution: one single observation, the same for both
  expect(sizes.right.size).toBe(1)
  expect([...sizes.wrong]).toEqual([...sizes.right])
})

it('A36: text of an attacker’s within a private item is in that item alone: it moves no other record, and history is bounded', async () => {
  const id = await anna.client.addItem(note('private', 'x'))
  const others = await sizesOf(() => anna.client.addItem(note('other')))
  expect(others.ciphertext).toHaveLength(1)
  const seen: number[] = []
  for (let n = 0; n < 40; n++) {
    const { batch, ciphertext } = await sizesOf(() =>
      anna.client.editItem(id as ItemId, { set: new Map([['notes', `text number ${String(n).padStart(3, '0')} `.repeat(20)]]) }),
    )
    expect(ciphertext).toHaveLength(1)
    expect(batch).toEqual(others.batch)
    seen.push(ciphertext[0] ?? 0)
  }
  // twenty old values are kept, and then it grows no more
  expect(new Set(seen.slice(25)).size).toBe(1)
})

it('A36: nothing is compressed on the way, in either direction', async () => {
  await anna.client.sync()
  for (const { request, answer } of anna.proxy.heard) {
    expect(request.head).not.toMatch(/^content-encoding: (?!identity)/im)
    expect(answer?.head ?? '').not.toMatch(/^content-encoding: (?!identity)/im)
  }
})
