/** A real server on a free port for tests: own folder, no pace limits unless a test asks for them, log kept for inspection. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig, type Config } from '../config.ts'
import { startServer, type RunningServer, type ServeParts } from '../serve.ts'

export interface TestServer extends RunningServer {
  readonly folder: string
  readonly logLines: readonly string[]
  /** Stops it and removes its folder. */
  dispose(): Promise<void>
}

type Settings = Partial<Omit<Config, 'rateLimits' | 'live' | 'database' | 'sms'>> & {
  readonly rateLimits?: Partial<Config['rateLimits']>
  readonly sms?: Partial<Config['sms']>
  readonly live?: Partial<Config['live']>
  readonly database?: Partial<Config['database']>
}

export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), 'nokkel-server-'))
}

type Database = { readonly url: string; readonly passwordFile: string }
let newDatabase: (() => Promise<Database>) | undefined
const databases = new Map<string, Database>()

/** From now on, servers of this test file have databases like these instead of SQLite. */
export function useDatabases(make: () => Promise<Database>): void {
  newDatabase = make
}

/** A folder that a server comes back to has the database that it had. */
async function databaseOf(folder: string): Promise<{ database?: Database }> {
  if (newDatabase === undefined) return {}
  const database = databases.get(folder) ?? (await newDatabase())
  databases.set(folder, database)
  return { database }
}

export async function startTestServer(settings: Settings = {}, parts: Omit<ServeParts, 'logTo'> = {}): Promise<TestServer> {
  const folder = settings.data ?? testFolder()
  const logLines: string[] = []
  const config = checkConfig({
    port: 0,
    data: folder,
    ...(await databaseOf(folder)),
    ...settings,
    rateLimits: { enabled: false, ...settings.rateLimits },
  })
  const server = await startServer(config, { ...parts, logTo: { write: (line: string) => void logLines.push(line) } })
  return {
    ...server,
    folder,
    logLines,
    async dispose() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
      for (const beside of ['realm', 'audit']) rmSync(`${folder}.${beside}`, { recursive: true, force: true })
    },
  }
}
