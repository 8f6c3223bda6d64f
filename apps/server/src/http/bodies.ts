/** Reading what a client sends: sizes are enforced while it arrives, types before, and JSON is checked before it becomes a value. */
import type { IncomingMessage } from 'node:http'
import * as v from 'valibot'
import { NokkelError, type Bytes } from '@nokkel/base'

const noBody: Bytes = new Uint8Array(0)

/** Compressed bodies are refused: a small one can unfold to any size, and sealed records do not compress. */
export function ensurePlain(incoming: IncomingMessage): void {
  const encoding = incoming.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new NokkelError('malformed', { what: 'content-encoding' })
}

const binaryTypes = ['application/cbor', 'application/octet-stream']

/** A JSON body must say so: a form of another site cannot (and may send only three other types). */
export function ensureType(incoming: IncomingMessage, kind: 'json' | 'binary'): void {
  const type = (incoming.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const fits = kind === 'json' ? type === 'application/json' : type === '' || binaryTypes.includes(type)
  if (!fits) throw new NokkelError('malformed', { what: 'content-type' })
}

function ensureDeclaredLength(incoming: IncomingMessage, mostBytes: number): void {
  const declared = incoming.headers['content-length']
  if (declared !== undefined && Number(declared) > mostBytes) throw new NokkelError('too-large', { limitBytes: mostBytes })
}

/** The body in chunks, at most `mostBytes` in all. Leaving the loop early does not cut the connection: the answer still goes out. */
export async function* readChunks(incoming: IncomingMessage, mostBytes: number): AsyncGenerator<Uint8Array> {
  ensureDeclaredLength(incoming, mostBytes)
  let total = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    total += chunk.length
    if (total > mostBytes) throw new NokkelError('too-large', { limitBytes: mostBytes })
    yield chunk
  }
}

export async function readAll(incoming: IncomingMessage, mostBytes: number): Promise<Bytes> {
  const { 'content-length': length, 'transfer-encoding': coding } = incoming.headers
  if (coding === undefined && (length === undefined || length === '0')) return noBody
  const chunks: Uint8Array[] = []
  for await (const chunk of readChunks(incoming, mostBytes)) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new NokkelError('malformed', { what: 'json' })
  return value
}

export function parseJson(bytes: Uint8Array, schema: v.GenericSchema): unknown {
  let value: unknown
  try {
    // a body nested too deeply for the stack is malformed like any other
    value = JSON.parse(decoder.decode(bytes), refuseProto)
  } catch {
    throw new NokkelError('malformed', { what: 'json' })
  }
  const parsed = v.safeParse(schema, value, { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  // the place in the schema, never what stood there; `unknown` for a member whose name the client chose
  const place = issue.type === 'strict_object' ? 'unknown' : (v.getDotPath(issue) ?? 'body')
  throw new NokkelError('malformed', { what: 'json', place: place.slice(0, 60) })
}
