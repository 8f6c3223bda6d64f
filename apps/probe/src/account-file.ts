/**
 * The synthetic account between two runs: its address, its secrets and where its devices live, in one file of mode 0600. It has nothing but
 * a counter in its keychain; who reads this file learns that number.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom, toBase64url, toHex } from '@nokkel/base'

export interface ProbeAccount {
  readonly version: 1
  readonly server: string
  readonly email: string
  readonly password: string
  readonly passcode: string
  /** unlocks the devices' stores, as an agent would: the passcode's stretching is no service of the server */
  readonly unlockKeys: Readonly<Record<string, string>>
  readonly item: string | null
  readonly recoveryKey: string | null
  readonly count: number
  /** when the long checks were last done, and how many more must be done at once because one failed */
  readonly longMs: number
  readonly eager: number
  /** runs in a row that failed with it */
  readonly failures: number
}

const fileName = 'account.json'

export function newAccount(server: string): ProbeAccount {
  return {
    version: 1,
    server,
    // a name that nobody can register (RFC 2606 §2)
    email: `probe-${toHex(systemRandom.bytes(8))}@status.invalid`,
    password: toBase64url(systemRandom.bytes(24)),
    passcode: toBase64url(systemRandom.bytes(12)),
    unlockKeys: {},
    item: null,
    recoveryKey: null,
    count: 0,
    longMs: 0,
    eager: 0,
    failures: 0,
  }
}

/** Undefined where there is none, or none that belongs to this server. */
export function readAccount(home: string, server: string): ProbeAccount | undefined {
  const file = join(home, fileName)
  if (!existsSync(file)) return undefined
  try {
    const account = JSON.parse(readFileSync(file, 'utf8')) as ProbeAccount
    return account.version === 1 && account.server === server ? account : undefined
  } catch {
    return undefined
  }
}

export function writeAccount(home: string, account: ProbeAccount): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const beside = join(home, `${fileName}.new`)
  writeFileSync(beside, `${JSON.stringify(account)}\n`, { mode: 0o600 })
  renameSync(beside, join(home, fileName))
}

export const deviceHome = (home: string, name: string): string => join(home, 'devices', name)

export function forgetDevice(home: string, name: string): void {
  rmSync(deviceHome(home, name), { recursive: true, force: true })
}

/** Next time an account is made anew. */
export function forgetAccount(home: string): void {
  rmSync(join(home, fileName), { force: true })
  rmSync(join(home, 'devices'), { recursive: true, force: true })
}
