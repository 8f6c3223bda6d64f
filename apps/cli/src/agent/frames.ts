/** What goes over the agent's socket: fixed frames of bytes, so that there is nothing to parse and no key ever becomes text. */

export const tokenBytes = 32
export const keyBytes = 32
const version = 1

/** Requests: version, operation, token. */
export const requestBytes = 2 + tokenBytes
/** `key` and `lock` say what they do; `ask` tells the time left without counting as use. */
const operations = ['key', 'ask', 'lock'] as const
export type Operation = (typeof operations)[number]

export function encodeRequest(operation: Operation, token: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([version, operations.indexOf(operation)]), token])
}

export function decodeRequest(frame: Uint8Array): { readonly operation: Operation; readonly token: Uint8Array } | undefined {
  const operation = operations[frame[1] as number]
  if (frame.length !== requestBytes || frame[0] !== version || operation === undefined) return undefined
  return { operation, token: frame.subarray(2) }
}

/** Answers: version, seconds until it locks (4 bytes, big-endian), and the key where it was asked for. */
const headBytes = 5

export function encodeAnswer(secondsLeft: number, key?: Uint8Array): Buffer {
  const frame = Buffer.alloc(headBytes + (key?.length ?? 0))
  frame[0] = version
  frame.writeUInt32BE(Math.max(0, Math.floor(secondsLeft)), 1)
  if (key !== undefined) frame.set(key, headBytes)
  return frame
}

/** `undefined` for anything that an agent of this version would not say. */
export function decodeAnswer(frame: Uint8Array): { readonly secondsLeft: number; readonly key: Uint8Array | undefined } | undefined {
  if ((frame.length !== headBytes && frame.length !== headBytes + keyBytes) || frame[0] !== version) return undefined
  const secondsLeft = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
  return { secondsLeft, key: frame.length === headBytes ? undefined : frame.slice(headBytes) }
}
