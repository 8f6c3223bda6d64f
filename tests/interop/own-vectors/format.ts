/**
 * What all files in `vectors/` share: how values are written in JSON, how a case says what must happen, and how the file is laid
 * out. Tests only. The files are read by other languages, so nothing here may depend on a type of ours beyond plain values.
 */
import { decodeCbor, fromHex, isNokkelError, toHex, type Bytes, type CborValue, type Random } from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import { decodeSigned, encodeSigned, type DeviceKeys } from '@nokkel/protocol'
import { encodeCbor } from '@nokkel/base'

/** A refusal: our error code and, where the code says too little, the rule of docs/SPEC.md. */
export interface Refusal {
  readonly code: string
  readonly rule?: string
}

/** What a reader must have in order to see the fault; a reader without it leaves the case out. */
export type Need = 'signature' | 'aead' | 'group'

export interface Refused {
  readonly name: string
  readonly refuse: Refusal
  readonly needs?: Need
}

export interface Suite {
  readonly about: string
  readonly rules: readonly string[]
}

/** What `run` is refused with, or undefined when it is not. Errors that are not ours go through. */
export function refusalOf(run: () => unknown): Refusal | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (!isNokkelError(error)) throw error
    const { rule } = error.params
    return typeof rule === 'string' ? { code: error.code, rule } : { code: error.code }
  }
}

/** CBOR values in JSON: `{ "uint": 5 }`, `{ "bytes": "00ff" }`, `{ "text": "æ" }`, `{ "array": [ … ] }`, true, false, null. */
export type JsonValue = { uint: number } | { bytes: string } | { text: string } | { array: readonly JsonValue[] } | boolean | null

export function toJsonValue(value: CborValue): JsonValue {
  if (typeof value === 'number') return { uint: value }
  if (typeof value === 'string') return { text: value }
  if (value instanceof Uint8Array) return { bytes: toHex(value) }
  if (typeof value === 'boolean' || value === null) return value
  return { array: value.map(toJsonValue) }
}

export function fromJsonValue(value: JsonValue): CborValue {
  if (value === null || typeof value === 'boolean') return value
  if ('uint' in value) return value.uint
  if ('text' in value) return value.text
  if ('bytes' in value) return fromHex(value.bytes)
  return value.array.map(fromJsonValue)
}

/** A mutable copy of a decoded array: cases are made by changing single elements. */
export type Tree = (CborValue | Tree)[]

export function treeOf(encoded: Uint8Array): Tree {
  return structuredClone(decodeCbor(encoded, 1_048_576)) as Tree
}

export function encodeTree(tree: Tree): Bytes {
  return encodeCbor(tree as CborValue)
}

/** The signed object with its body changed and signed anew, as somebody with the device's key could. */
export function resign(encoded: Uint8Array, signer: DeviceKeys, label: string, change: (body: Tree) => void): Bytes {
  const body = treeOf(decodeSigned(encoded, 1_048_576, 'vector').body)
  change(body)
  return signTree(signer, label, body)
}

export function signTree(signer: DeviceKeys, label: string, tree: Tree): Bytes {
  const body = encodeTree(tree)
  return encodeSigned({ body, signer: signer.id, signature: sign(signer.sign, label, body) })
}

/** One bit of the byte at `at` (from the end when negative) turned over. */
export function flip(bytes: Uint8Array, at: number): Bytes {
  const out = new Uint8Array(bytes)
  const index = at < 0 ? out.length + at : at
  out[index] = (out[index] as number) ^ 1
  return out
}

/** Random numbers that are written in the vector: given out in order, each for exactly the wanted length. */
export class ListedRandom implements Random {
  readonly #left: string[]

  constructor(listed: readonly string[]) {
    this.#left = [...listed]
  }

  bytes(length: number): Bytes {
    const next = this.#left.shift()
    if (next === undefined || next.length !== length * 2) throw new TypeError(`the vector does not list ${length} random bytes here`)
    return fromHex(next)
  }
}

const widest = 140

/** JSON as the project's formatter leaves it, so that a generated file needs no second step. */
export function layOut(value: unknown, indent = 0, before = 0): string {
  const pad = ' '.repeat(indent + 2)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const flat = value.every((element) => typeof element !== 'object' || element === null)
    const line = flat ? `[${value.map((element) => JSON.stringify(element)).join(', ')}]` : undefined
    // one column is left for the comma that may follow
    if (line !== undefined && before + line.length < widest) return line
    const alone = value.length === 1 ? layOut(value[0], indent + 2, indent + 2) : '\n'
    if (!alone.includes('\n') && before + alone.length + 2 < widest) return `[${alone}]`
    return `[\n${value.map((element) => `${pad}${layOut(element, indent + 2, indent + 2)}`).join(',\n')}\n${' '.repeat(indent)}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, element]) => element !== undefined)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([name, element]) => {
    const key = `${pad}${JSON.stringify(name)}: `
    return `${key}${layOut(element, indent + 2, key.length)}`
  })
  return `{\n${lines.join(',\n')}\n${' '.repeat(indent)}}`
}
