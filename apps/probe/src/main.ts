/**
 * `nokkel-probe`: looks at all services of a server once and reports what it found. Started by the server beside itself, or by a timer on
 * another machine, which then sees what people see: names, certificates, proxies. Prints the findings; exit status 0 when it could report.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { isNokkelError } from '@nokkel/base'
import { probe, type Findings, type ServiceName } from './probe.ts'

const services: readonly ServiceName[] = ['sign-in', 'sync', 'approval', 'recovery', 'notifications']
const reportPatienceMs = 10_000

function required(value: string | undefined, name: string): string {
  if (value !== undefined && value !== '') return value
  process.stderr.write(`nokkel-probe: --${name} is missing\n`)
  process.exit(2)
}

/** Two at once would take each other's sessions. The system lets go of it whatever way this process ends. */
function lockHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(home, 'lock.db'))
  try {
    lock.exec('pragma locking_mode = exclusive; pragma busy_timeout = 0; begin exclusive')
  } catch {
    process.stderr.write('nokkel-probe: another one is at work in this folder\n')
    process.exit(1)
  }
}

async function main(): Promise<void> {
  process.umask(0o077)
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      'report-to': { type: 'string' },
      home: { type: 'string' },
      'token-file': { type: 'string' },
      'long-every': { type: 'string', default: '1800' },
    },
  })
  const home = required(values.home, 'home')
  lockHome(home)
  const server = new URL(required(values.server, 'server')).origin
  const token = readFileSync(required(values['token-file'], 'token-file'), 'utf8').trim()
  let results: Findings
  try {
    results = await probe({
      server,
      home,
      token,
      longEveryMs: Number(values['long-every']) * 1_000,
      nowMs: Date.now,
    })
  } catch (error) {
    if (!isNokkelError(error)) throw error
    // not even the first question was answered: nothing works for anybody
    results = Object.fromEntries(services.map((service) => [service, { outcome: 'failed', ms: 0, code: error.code }]))
  }
  process.stdout.write(`${JSON.stringify(results)}\n`)
  const response = await fetch(`${values['report-to'] ?? server}/status/report`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ results }),
    redirect: 'error',
    signal: AbortSignal.timeout(reportPatienceMs),
  })
  if (!response.ok) throw new Error(`the report was refused with ${response.status}`)
}

process.on('SIGTERM', () => process.exit(143))
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`nokkel-probe: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
