/** An operator's own key, in a file of that person's: made by `nokkel-server operator init`, used by `nokkel-server support`. The server never sees it. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as v from 'valibot'
import { fromHex, NokkelError, toBase64url, toHex, type Random } from '@nokkel/base'
import { ed25519Signer } from '../realm/realm-key.ts'
import { writePrivateFile } from '../store/data-folder.ts'
import { operatorHeader, operatorMessage } from './operators.ts'

const seedBytes = 32
const othersMayRead = 0o077
const shape = v.strictObject({
  version: v.literal(1),
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}$/)),
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
})

/** Writes the key and returns the person's entry of the operators' file. Throws `conflict` over an existing file. */
export function createOperatorKey(file: string, name: string, random: Random): { readonly name: string; readonly publicKey: string } {
  if (existsSync(file)) throw new NokkelError('conflict', { what: 'operator-key' })
  if (!v.is(shape.entries.name, name)) throw new NokkelError('usage', { reason: '--name: lower-case letters, digits and hyphens' })
  const seed = random.bytes(seedBytes)
  writePrivateFile(file, `${JSON.stringify({ version: 1, name, seed: toHex(seed) })}\n`)
  return { name, publicKey: toBase64url(ed25519Signer(seed).publicKey) }
}

interface Called {
  readonly serverId: string
  readonly path: string
  readonly timeMs: number
  readonly body: Uint8Array
}

/** The header of a request. Throws `config-invalid` for a file that others may read, or that is none. */
export async function signAsOperator(file: string, { serverId, path, timeMs, body }: Called): Promise<Record<string, string>> {
  const wrong = new NokkelError('config-invalid', {
    setting: '--operator',
    expected: 'your key file, which you alone may read (mode 0600)',
  })
  let key: v.InferOutput<typeof shape>
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & othersMayRead) !== 0) throw wrong
    key = v.parse(shape, JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw wrong
  }
  const signature = await ed25519Signer(fromHex(key.seed)).sign(new Uint8Array(operatorMessage(serverId, path, timeMs, body)))
  return { [operatorHeader]: `${key.name}.${timeMs}.${toBase64url(signature)}` }
}
