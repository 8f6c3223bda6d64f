/**
 * Programs of others that are measured in the same run when this machine has them: nothing is installed for it and nothing is missing
 * without them. Each absence is said once, on standard error.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { note } from './figures.ts'
import { keePassXml, type LoginItem } from './items.ts'
import type { Command, World } from './world.ts'

/** Full path of a program on the PATH. */
export function findProgram(name: string): string | undefined {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
  if (found === undefined) note(`peer left out: ${name} is not on the PATH`)
  return found
}

export const databasePassword = 'riktig hest batteri stift'

/** A KeePassXC database with these items; `run` makes a command on it. */
export interface KeePassXc {
  readonly name: string
  run(command: string, ...args: readonly string[]): Command
}

/** Its key derivation is what its own `import` sets: AES-KDF of about 100 ms. */
export async function keePassXc(world: World, items: readonly LoginItem[]): Promise<KeePassXc | undefined> {
  const file = findProgram('keepassxc-cli')
  if (file === undefined) return undefined
  const env = { QT_QPA_PLATFORM: 'offscreen' }
  const folder = world.place('keepassxc')
  const [xml, database] = [join(folder, 'items.xml'), join(folder, 'items.kdbx')]
  writeFileSync(xml, keePassXml(items))
  await world.timed({ file, args: ['import', '-q', '-p', xml, database], env, input: `${databasePassword}\n${databasePassword}\n` })
  const { stdout } = await world.timed({ file, args: ['--version'], env })
  return {
    name: `keepassxc-cli ${stdout.trim()}`,
    run: (command, ...args) => ({ file, args: [command, '-q', database, ...args], env, input: `${databasePassword}\n` }),
  }
}

interface KdbxEntry {
  readonly fields: Map<string, unknown>
}
export interface Kdbx {
  getDefaultGroup(): { allEntries(): Iterable<KdbxEntry> }
  save(): Promise<ArrayBuffer>
}
interface KdbxWeb {
  readonly Kdbx: {
    loadXml(xml: string, credentials: unknown): Promise<Kdbx & { setVersion(major: 3): void; header: { keyEncryptionRounds: number } }>
    load(bytes: ArrayBuffer, credentials: unknown): Promise<Kdbx>
  }
  readonly Credentials: new (password: unknown) => unknown
  readonly ProtectedValue: { fromString(text: string): unknown }
}

/** kdbxweb, where `require` finds it from here or along NODE_PATH. */
function findKdbxWeb(): KdbxWeb | undefined {
  try {
    return createRequire(import.meta.url)('kdbxweb') as KdbxWeb
  } catch {
    note('peer left out: kdbxweb cannot be resolved (NODE_PATH may say where it is)')
    return undefined
  }
}

const credentialsOf = (module: KdbxWeb): unknown => new module.Credentials(module.ProtectedValue.fromString(databasePassword))

/** A file with these items and next to no key derivation (one round), so that what is measured is not the KDF; undefined without kdbxweb. */
export async function kdbxFile(world: World, items: readonly LoginItem[]): Promise<string | undefined> {
  const module = findKdbxWeb()
  if (module === undefined) return undefined
  const made = await module.Kdbx.loadXml(keePassXml(items), credentialsOf(module))
  made.setVersion(3)
  made.header.keyEncryptionRounds = 1
  const file = join(world.place('kdbxweb'), 'items.kdbx')
  writeFileSync(file, new Uint8Array(await made.save()))
  return file
}

export async function loadKdbx(file: string): Promise<Kdbx> {
  const module = findKdbxWeb()
  if (module === undefined) throw new Error('no kdbxweb')
  return module.Kdbx.load(new Uint8Array(readFileSync(file)).buffer, credentialsOf(module))
}
