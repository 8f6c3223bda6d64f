/**
 * What a background process of ours is told: plain settings and a secret, over its standard input and never in arguments or the
 * environment, which others can read. Layout: length of the JSON (4 bytes, big-endian), JSON, the secret to the end.
 */
import { NokkelError, Secret, utf8, utf8Decode } from '@nokkel/base'

/** Settings are small; the secret is a key or one field of an item. */
const mostBytes = 1_048_576

export function encodeHandover(settings: Readonly<Record<string, string | number>>, secret: Uint8Array): Buffer {
  const json = utf8(JSON.stringify(settings))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(json.length)
  return Buffer.concat([head, json, secret])
}

export interface Handover {
  text(name: string): string
  number(name: string): number
  readonly secret: Secret
}

export function decodeHandover(bytes: Uint8Array): Handover {
  const wrong = (): NokkelError => new NokkelError('malformed', { what: 'handover' })
  if (bytes.length < 4) throw wrong()
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (bytes.length < 4 + length) throw wrong()
  const settings = JSON.parse(utf8Decode(bytes.subarray(4, 4 + length))) as Readonly<Record<string, unknown>>
  const secret = new Secret(bytes.slice(4 + length))
  bytes.fill(0, 4 + length)
  return {
    text(name) {
      const value = settings[name]
      if (typeof value !== 'string') throw wrong()
      return value
    },
    number(name) {
      const value = settings[name]
      if (typeof value !== 'number') throw wrong()
      return value
    },
    secret,
  }
}

export async function readHandover(): Promise<Handover> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes) throw new NokkelError('too-large', { limitBytes: mostBytes })
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks)
  for (const chunk of chunks) chunk.fill(0)
  return decodeHandover(new Uint8Array(whole.buffer, whole.byteOffset, whole.length))
}
