import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toBase64url, toHex, utf8 } from './bytes.ts'
import { encodeCbor, type CborValue } from './cbor.ts'
import { Secret } from './secret.ts'

const marker = 'SENTINEL-7f3a91c2'
const shown = '[secret]'

/** Every way in which the bytes of a key have been seen in a log: text, hex, base64 of both kinds, Buffers, lists of numbers. */
const traces = [
  marker,
  toHex(utf8(marker)),
  toBase64url(utf8(marker)),
  Buffer.from(marker).toString('base64'),
  toHex(utf8(marker)).replaceAll(/(..)/g, '$1 ').slice(0, 20),
]
/** its first four bytes as numbers, in whatever columns, with or without their indices between them */
const numbers = /\b83\D+(?:\d\D+)?69\D+(?:\d\D+)?78\D+(?:\d\D+)?84\b/

describe('Secret (house rule 9)', () => {
  const secret = new Secret(utf8(marker))
  const holder = { name: 'k', secret, list: [secret], map: new Map([['secret', secret]]), set: new Set([secret]) }
  const ways: Record<string, () => string> = {
    template: () => `${secret as unknown as string}`,
    'concatenation, right': () => 'key ' + (secret as unknown as string),
    'concatenation, left': () => (secret as unknown as string) + ' key',
    String: () => String(secret),
    toString: () => secret.toString(),
    toLocaleString: () => (secret as object).toLocaleString(),
    join: () => [secret, secret].join('-'),
    'array to string': () => String([[secret]]),
    JSON: () => JSON.stringify(secret),
    'JSON, nested': () => JSON.stringify(holder),
    'JSON, entries': () => JSON.stringify([...holder.map, ...holder.set]),
    inspect: () => inspect(secret),
    'inspect, nested': () => inspect(holder, { depth: null, showHidden: true, compact: false }),
    'inspect without custom': () => inspect(holder, { depth: null, showHidden: true, customInspect: false, getters: true }),
    'format %s': () => format('%s', secret),
    'format %o': () => format('%o %O %j %d', secret, secret, secret, secret),
    'format rest': () => format('x', secret, holder),
    'error message': () => String(new Error(`failed with ${secret as unknown as string}`)),
    'error cause': () => inspect(new Error('failed', { cause: holder })),
    spread: () => JSON.stringify({ ...secret }),
    'own names': () => JSON.stringify([Object.getOwnPropertyNames(secret), Object.entries(secret), Reflect.ownKeys(secret).map(String)]),
    'property key': () => JSON.stringify({ [secret as unknown as string]: 1 }),
    'structured clone': () => inspect(structuredClone({ secret })),
    URL: () => new URL(`https://x.example/?k=${encodeURIComponent(secret as unknown as string)}`).href,
  }

  it.each(Object.entries(ways))('does not show itself through %s', (_, print) => {
    const text = print()
    for (const trace of traces) expect(text.toLowerCase()).not.toContain(trace.toLowerCase())
    expect(text).not.toMatch(numbers)
  })

  it('would be caught if it did', () => {
    const bytes = utf8(marker)
    const leaks = [
      inspect(bytes),
      inspect({ bytes }, { compact: false }),
      JSON.stringify({ bytes }),
      String(bytes),
      bytes.join(' '),
      JSON.stringify([...bytes]),
    ]
    for (const leak of leaks) expect(leak).toMatch(numbers)
    expect(inspect(Buffer.from(bytes))).toContain(traces.at(-1))
  })

  it('has no own properties', () => {
    expect(Reflect.ownKeys(secret)).toEqual([])
  })

  it('shows the same word everywhere it is shown', () => {
    for (const way of ['template', 'String', 'toString', 'toLocaleString', 'inspect', 'format %s']) expect(ways[way]?.(), way).toBe(shown)
    expect(JSON.stringify({ secret })).toBe(`{"secret":"${shown}"}`)
  })

  it('is no number and is not equal to another with the same bytes', () => {
    expect(Number(secret)).toBeNaN()
    expect(Object.is(secret, new Secret(utf8(marker)))).toBe(false)
  })

  it('cannot be encoded by mistake', () => {
    expect(() => encodeCbor(secret as unknown as CborValue)).toThrow('malformed')
    expect(() => encodeCbor([1, secret as unknown as CborValue])).toThrow('malformed')
  })

  it('reveals its own bytes, then zeroes them and says locked', () => {
    const bytes = utf8(marker)
    const own = new Secret(bytes)
    expect(own.reveal()).toBe(bytes)
    expect(own.destroyed).toBe(false)
    own.destroy()
    expect(own.destroyed).toBe(true)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
    expect(() => own.reveal()).toThrow('locked')
    own.destroy()
    expect(String(own)).toBe(shown)
  })
})
