/**
 * Framing of the vault log on HTTP (SPEC API-10): a body is a sequence of frames, each a 4-byte big-endian length and that many
 * bytes. The same code serves one frame and ten thousand, so a large import or a first synchronisation is one streamed request.
 */
import { concatBytes, encodeCbor, CborReader, NokkelError, type Bytes } from '@nokkel/base'
import { limits } from './limits.ts'

const lengthBytes = 4

export function encodeFrame(payload: Uint8Array): Bytes {
  const header = new Uint8Array(lengthBytes)
  new DataView(header.buffer).setUint32(0, payload.length)
  return concatBytes(header, payload)
}

/** Cuts a byte stream into frames. Feed it chunks; it holds at most one unfinished frame. */
export class FrameSplitter {
  #pending: Bytes = new Uint8Array(0)

  /** Complete frames so far. Throws `too-large` for a frame over `limits.frameBytes`. */
  push(chunk: Uint8Array): Bytes[] {
    this.#pending = this.#pending.length === 0 ? (chunk.slice() as Bytes) : concatBytes(this.#pending, chunk)
    const frames: Bytes[] = []
    let at = 0
    while (this.#pending.length - at >= lengthBytes) {
      const length = new DataView(this.#pending.buffer, this.#pending.byteOffset + at, lengthBytes).getUint32(0)
      if (length > limits.frameBytes) throw new NokkelError('too-large', { limitBytes: limits.frameBytes })
      if (this.#pending.length - at - lengthBytes < length) break
      frames.push(this.#pending.slice(at + lengthBytes, at + lengthBytes + length))
      at += lengthBytes + length
    }
    if (at > 0) this.#pending = this.#pending.slice(at)
    return frames
  }

  /** Throws `malformed` when the stream ended inside a frame. */
  end(): void {
    if (this.#pending.length > 0) throw new NokkelError('malformed', { what: 'frame' })
  }
}

export function splitFrames(body: Uint8Array): Bytes[] {
  const splitter = new FrameSplitter()
  const frames = splitter.push(body)
  splitter.end()
  return frames
}

/** One batch and the records that it lists, in its order. */
export interface PushFrame {
  readonly batch: Bytes
  readonly records: readonly Bytes[]
}

export function encodePushFrame(frame: PushFrame): Bytes {
  return encodeCbor([frame.batch, [...frame.records]])
}

export function decodePushFrame(bytes: Uint8Array): PushFrame {
  const reader = CborReader.decode(bytes, limits.pushFrameBytes, 'push')
  const frame = {
    batch: reader.bytesUpTo(limits.batchBytes),
    records: reader.list(limits.recordsPerBatch, (r) => r.bytesUpTo(limits.recordBytes)),
  }
  reader.end()
  return frame
}

/**
 * One page of changes: batches after the cursor in log order, and those records whose newest revision was written by one of
 * these batches. A record overwritten later comes with the later batch. `headSeq` is the log's end when the page was read.
 */
export interface ChangesFrame {
  readonly incarnation: string
  readonly headSeq: number
  readonly batches: readonly Bytes[]
  readonly records: readonly Bytes[]
}

export function encodeChangesFrame(frame: ChangesFrame): Bytes {
  return encodeCbor([frame.incarnation, frame.headSeq, [...frame.batches], [...frame.records]])
}

const batchesPerFrame = 2_000
const recordsPerFrame = 2_000

export const changesFrameLimits = { batches: batchesPerFrame, records: recordsPerFrame, bytes: limits.frameBytes - 65_536 } as const

export function decodeChangesFrame(bytes: Uint8Array): ChangesFrame {
  const reader = CborReader.decode(bytes, limits.frameBytes, 'changes')
  const frame = {
    incarnation: reader.text(64),
    headSeq: reader.uint(),
    batches: reader.list(batchesPerFrame, (r) => r.bytesUpTo(limits.batchBytes)),
    records: reader.list(recordsPerFrame, (r) => r.bytesUpTo(limits.recordBytes)),
  }
  reader.end()
  return frame
}

/** An append to the circle: the entry and the sealed keys that it promises, stored all or not at all (SPEC CIR-13). */
export interface CircleAppend {
  /** hash of the circle's head that the entry follows */
  readonly expectedHead: Bytes
  readonly entry: Bytes
  readonly shares: readonly Bytes[]
  readonly wraps: readonly Bytes[]
}

const sharesPerAppend = 80
const wrapsPerAppend = 2 * limits.vaults
export const circleAppendBytes = 524_288

export function encodeCircleAppend(append: CircleAppend): Bytes {
  return encodeCbor([append.expectedHead, append.entry, [...append.shares], [...append.wraps]])
}

export function decodeCircleAppend(bytes: Uint8Array): CircleAppend {
  const reader = CborReader.decode(bytes, circleAppendBytes, 'circle-append')
  const append = {
    expectedHead: reader.bytes(32),
    entry: reader.bytesUpTo(limits.circleEntryBytes),
    shares: reader.list(sharesPerAppend, (r) => r.bytesUpTo(limits.shareBytes)),
    wraps: reader.list(wrapsPerAppend, (r) => r.bytesUpTo(limits.wrapBytes)),
  }
  reader.end()
  return append
}

/** Answer to GET /v1/circle: entries from a position on. */
export function encodeCircleEntries(entries: readonly Uint8Array[]): Bytes {
  return encodeCbor([...entries])
}

export const circlePageEntries = 500
const circlePageBytes = circlePageEntries * limits.circleEntryBytes

export function decodeCircleEntries(bytes: Uint8Array): Bytes[] {
  const value = new CborReader([CborReader.decode(bytes, circlePageBytes, 'circle').rest()], 'circle')
  return value.list(circlePageEntries, (r) => r.bytesUpTo(limits.circleEntryBytes))
}

/** Answer to GET /v1/circle/keys: the caller's own shares of every generation, and all wraps. */
export interface CircleKeys {
  readonly shares: readonly Bytes[]
  readonly wraps: readonly Bytes[]
}

const keysBytes = 16 * 1_048_576
const keysMost = 20_000

export function encodeCircleKeys(keys: CircleKeys): Bytes {
  return encodeCbor([[...keys.shares], [...keys.wraps]])
}

export function decodeCircleKeys(bytes: Uint8Array): CircleKeys {
  const reader = CborReader.decode(bytes, keysBytes, 'circle-keys')
  const keys = {
    shares: reader.list(keysMost, (r) => r.bytesUpTo(limits.shareBytes)),
    wraps: reader.list(keysMost, (r) => r.bytesUpTo(limits.wrapBytes)),
  }
  reader.end()
  return keys
}
