/** `nokkel-server`: serve (default), backup, restore, config check, version, help. */
import { watchFile } from 'node:fs'
import { parseArgs } from 'node:util'
import { isNokkelError, NokkelError, systemRandom } from '@nokkel/base'
import { readConfig, type Config } from './config.ts'
import { builtWebApp } from './http/web-app.ts'
import { auditCommand, operatorCommand, supportCommand } from './operator/operator-commands.ts'
import { realmCommand } from './realm/realm-commands.ts'
import { serverVersion, startServer } from './serve.ts'
import { probeOnce } from './status/probe-runner.ts'
import { statusCommand } from './status/status-commands.ts'
import { backup, restore } from './store/backup.ts'
import { freshIdentity } from './store/identity.ts'
import { openPostgresDatabase, openPostgresStore } from './store/open-postgres.ts'
import { abandonMove, migrateStore } from './store/migrate-store.ts'

const help = `nokkel-server ${serverVersion}

  nokkel-server [serve] [--port P] [--host H] [--data DIR]   start the server
  nokkel-server backup --data DIR --to FILE                  copy the database while the server runs; the key goes to FILE.key
  nokkel-server restore --from FILE --data DIR [--force]     put a backup in place (server stopped)
  nokkel-server migrate-store --from sqlite:DIR --to postgres://…
                                                             move everything to PostgreSQL while the server goes on reading
  nokkel-server migrate-store --from sqlite:DIR --abandon    let that server write again (docs/guide/scaling-out.md)
  nokkel-server restored                                     after restoring a PostgreSQL backup or promoting an older standby: say so to clients
  nokkel-server config check                                 check the settings and print them
  nokkel-server status list [--json]                         what the status page says, with the ids of events
  nokkel-server status post --services sync,sign-in --level issue|outage|maintenance --title T [--title-nb T] [--text T]
                            [--text-nb T] [--from TIME] [--until TIME]   announce something; maintenance needs --until
  nokkel-server status update ID --text T [--text-nb T] [--state identified|monitoring]
  nokkel-server status resolve ID [--text T] [--text-nb T]
  nokkel-server status serve                                 the status page alone, for when the server is down
  nokkel-server probe --server URL [--report-to URL]         measure once, from this or another machine
  nokkel-server realm [serve]                                run a realm of recovery by itself (docs/guide/recovery-realms.md)
  nokkel-server realm init | public-key [--url URL]          make its key file; print its entry for the realm list
  nokkel-server realm list-sign --list FILE                  sign the realm list with this realm's key
  nokkel-server realm issuer --data DIR                      print the key with which this sign-in server signs its tokens
  nokkel-server operator page --operator FILE                address of the operators' page, good once and for a minute
  nokkel-server operator init --name NAME --operator FILE    make an operator's key; prints the entry of the operators' file
  nokkel-server support open --email E --number N            open a case: a verification number is to be re-opened (F5)
  nokkel-server support approve CASE | cancel CASE | list    as another operator; each with --operator FILE [--server URL]
  nokkel-server audit verify | show                          check, or print, the operators' audit log
  nokkel-server version | help

Settings come from the environment (NOKKEL_PORT, NOKKEL_DATA, NOKKEL_HOST, NOKKEL_CONFIG …): docs/guide/self-hosting.md
`

const exitUsage = 2
const configCheckMs = 1_000

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  force: { type: 'boolean' },
  abandon: { type: 'boolean' },
  url: { type: 'string' },
  list: { type: 'string' },
  operator: { type: 'string' },
  name: { type: 'string' },
  email: { type: 'string' },
  number: { type: 'string' },
  server: { type: 'string' },
  services: { type: 'string' },
  level: { type: 'string' },
  title: { type: 'string' },
  'title-nb': { type: 'string' },
  text: { type: 'string' },
  'text-nb': { type: 'string' },
  state: { type: 'string' },
  until: { type: 'string' },
  'report-to': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

function readArguments(): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    throw new NokkelError('usage', { reason: error instanceof Error ? (error.message.split('. ')[0] ?? '') : '' })
  }
}

function required(value: string | undefined, flag: string): string {
  if (value === undefined || value === '') throw new NokkelError('usage', { reason: `${flag} is missing` })
  return value
}

async function serve(flags: { port?: string | undefined; host?: string | undefined; data?: string | undefined }): Promise<void> {
  const read = (): Config => readConfig(process.env, flags)
  const server = await startServer(read(), { processMetrics: true, webApp: builtWebApp, secrets: takeSecrets() })
  const stop = (): void => {
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        server.services.log.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const reload = (): void => void server.reload(read)
  // a terminal that closes sends the same signal, and then it is to end the server as it ends everything
  if (process.stdin.isTTY !== true) process.on('SIGHUP', reload)
  const file = process.env['NOKKEL_CONFIG']
  // looked at by its name: editors and configuration managers put another file in its place
  if (file !== undefined) watchFile(file, { interval: configCheckMs, persistent: false }, reload)
  // last: whoever waits for this line may end the server at once, and that must be a clean end
  process.stdout.write(`Nøkkelring: ${server.url}\n`)
}

async function migrateStoreCommand(from: string, to: string | undefined, abandon: boolean): Promise<void> {
  const folder = /^sqlite:(.+)$/.exec(from)?.[1]
  if (folder === undefined) throw new NokkelError('usage', { reason: '--from: expected sqlite: and the data folder' })
  if (abandon) return await abandonMove(folder)
  const { url, passwordFile, connections } = readConfig({ ...process.env, NOKKEL_DATABASE: required(to, '--to') }).database
  if ((url ?? null) === null) throw new NokkelError('usage', { reason: '--to is missing' })
  const report = await migrateStore(
    folder,
    { url: url as string, passwordFile: passwordFile ?? null, connections: connections ?? 10 },
    (done, all) => {
      if (done % 1_000 === 0) process.stderr.write(`${done} of ${all} accounts\n`)
    },
  )
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

/** Out of the environment, where programs that this one starts, and whoever looks at it, would find them. */
function takeSecrets(): { readonly sms: string | undefined; readonly mail: string | undefined } {
  const secrets = { sms: process.env['NOKKEL_SMS_SECRET'], mail: process.env['NOKKEL_MAIL_SECRET'] }
  delete process.env['NOKKEL_SMS_SECRET']
  delete process.env['NOKKEL_MAIL_SECRET']
  return secrets
}

/** With no server running: they read the incarnation once. */
async function noteRestored({ database }: Config): Promise<void> {
  const { url = null, passwordFile = null } = database
  if (url === null) throw new NokkelError('usage', { reason: 'NOKKEL_DATABASE is missing; nokkel-server restore does it for SQLite' })
  const store = await openPostgresStore(
    openPostgresDatabase({ url, passwordFile, connections: 2 }, () => undefined),
    systemRandom,
  )
  await store.setMeta('incarnation', freshIdentity(systemRandom))
  await store.close()
}

async function run(): Promise<void> {
  // everything we write is for this user alone: database, backups, keys
  process.umask(0o077)
  const { values, positionals } = readArguments()
  const [command = 'serve', ...rest] = positionals
  if (values.help === true || command === 'help') return void process.stdout.write(help)
  if (values.version === true || command === 'version') return void process.stdout.write(`${serverVersion}\n`)
  if (rest.length > 0 && !['config', 'realm', 'status', 'operator', 'support', 'audit'].includes(command))
    throw new NokkelError('usage', { reason: `unexpected: ${rest.join(' ')}` })
  switch (command) {
    case 'serve':
      return await serve(values)
    case 'backup':
      await backup(required(values.data ?? process.env['NOKKEL_DATA'], '--data'), required(values.to, '--to'))
      return
    case 'restore':
      await restore(required(values.from, '--from'), required(values.data ?? process.env['NOKKEL_DATA'], '--data'), values.force === true)
      return
    case 'migrate-store':
      return await migrateStoreCommand(required(values.from, '--from'), values.to, values.abandon === true)
    case 'restored':
      return await noteRestored(readConfig(process.env, values))
    case 'realm':
      if (rest.length > 1) throw new NokkelError('usage', { reason: `unexpected: ${rest.slice(1).join(' ')}` })
      return await realmCommand(rest[0] ?? 'serve', readConfig(process.env, values), values)
    case 'operator':
      return await operatorCommand(rest, values)
    case 'support':
      return await supportCommand(rest, values)
    case 'audit':
      process.exitCode = await auditCommand(rest, readConfig(process.env, values))
      return
    case 'status':
      if (rest.length > 2) throw new NokkelError('usage', { reason: `unexpected: ${rest.slice(2).join(' ')}` })
      return await statusCommand(rest[0] ?? 'list', rest[1], readConfig(process.env, values), values)
    case 'probe':
      return await probeOnce(readConfig(process.env, values).data, required(values.server, '--server'), values['report-to'])
    case 'config':
      if (rest.join(' ') !== 'check') throw new NokkelError('usage', { reason: 'nokkel-server config check' })
      return void process.stdout.write(`${JSON.stringify(readConfig(process.env, values), null, 2)}\n`)
    default:
      throw new NokkelError('usage', { reason: `unknown command ${command}` })
  }
}

/** For the operator at the terminal, in English like the logs: what is wrong and which setting to change. */
function explain(error: NokkelError): string {
  const { setting, expected, reason, what } = error.params
  switch (error.code) {
    case 'config-invalid':
      return `${setting}: expected ${expected}`
    case 'usage':
      return `${reason}\n\n${help}`
    case 'home-in-use':
      return 'the data folder (NOKKEL_DATA) is in use by another server'
    case 'store-too-new':
      return 'the database was written by a newer version of nokkel-server; install that version or a newer one'
    case 'store-damaged':
      if (what === 'audit') return 'the audit log is not whole: nokkel-server audit verify says where'
      if (what === 'realm-key')
        return 'the realm’s key file is missing or damaged. Put it back (NOKKEL_REALM_KEY), or move realm.db away: then recovery must be set up anew by everybody'
      if (what === 'realm-counter')
        return 'the realm’s counter cannot be read (NOKKEL_REALM_COUNTER). Repair its medium, or remove the file: then every record is locked until it is set up anew'
      if (what === 'status') return 'the status file (status.db) is damaged: move it away, it is made anew'
      if (what === 'realm') return 'the realm’s database is damaged. Restore it: every record will be locked until it is set up anew'
      return what === 'server-key'
        ? 'server.key is missing, damaged or belongs to another database. Put back the one that belongs to it (a backup has it in FILE.key): without it no password works'
        : 'the database cannot be opened or is damaged: restore a backup'
    case 'ambiguous':
      return 'several events begin with that id'
    case 'quota-exceeded':
      return 'too many open events, or too many updates of one'
    case 'conflict':
      if (what === 'moving') return 'a store is being moved to this database: let migrate-store finish first'
      if (what === 'target') return 'the database to move to holds something else: name an empty one'
      if (what === 'schema') return 'the database is of an older version: start this version on it once'
      if (what === 'copy') return 'the copy differs from its source: run migrate-store again'
      if (what === 'case') return 'there is another case of this account, or this one is not in that state (support list)'
      if (what === 'operator') return 'another operator must agree than the one who opened the case'
      if (what === 'operator-key') return 'the file exists already'
      if (what === 'resolved') return 'that event is over'
      return 'the folder already holds a database; --force replaces it'
    case 'signature-invalid':
      return 'the server does not know this operator and key (NOKKEL_OPERATORS), or a clock is wrong'
    case 'server-unavailable':
      return 'the server does not answer (--server)'
    case 'not-found':
      return `not found: ${what}`
    default:
      return error.code
  }
}

run().catch((error: unknown) => {
  if (isNokkelError(error)) {
    process.stderr.write(`nokkel-server: ${explain(error)}\n`)
    process.exit(error.group === 'usage' ? exitUsage : 1)
  }
  process.stderr.write(`nokkel-server: ${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})
