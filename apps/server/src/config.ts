/**
 * Configuration: one JSON file (NOKKEL_CONFIG), environment over it, flags over that. Checked at start; an error names the setting
 * and what it should be. Nothing here is secret: keys live in the data folder, passwords in files of their own.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { NokkelError } from '@nokkel/base'

const port = v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(0, 'at least 0'), v.maxValue(65_535, 'at most 65535'))
const text = (most: number) => v.pipe(v.string('text'), v.minLength(1, 'not empty'), v.maxLength(most, `at most ${most} characters`))
const version = v.pipe(v.string('text'), v.regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/, 'a version such as 0.1.0'))
const amount = (least: number, most: number) =>
  v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(least, `at least ${least}`), v.maxValue(most, `at most ${most}`))
const perTime = amount(1, 1_000_000_000)

/** A password in an address would be in process lists, in `config check` and in logs of others. */
function isPostgresUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) && url.password === '' && !url.searchParams.has('password')
}

function isCollectorUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === ''
}

function isNatsUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && ['nats:', 'tls:'].includes(url.protocol) && url.username === '' && url.password === ''
}

/** Plain HTTP only from this machine; a folder, so nothing stands behind its path. */
function isFeedUrl(value: string): boolean {
  const url = URL.parse(value)
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
}

const rateLimits = v.strictObject({
  enabled: v.optional(v.boolean('true or false'), true),
  signInPerMinutePerAddress: v.optional(perTime, 60),
  signInPerHourPerAccount: v.optional(perTime, 20),
  accountsPerHourPerAddress: v.optional(perTime, 60),
  pushFramesPerMinutePerDevice: v.optional(perTime, 600),
  requestsPerMinute: v.optional(perTime, 1_200),
  realmPerMinutePerAddress: v.optional(perTime, 240),
})

const host = text(255)
const pathOrNone = v.nullable(text(4_096))
const callingCode = v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,6}$/, 'calling codes without plus, such as 47, split by commas'))

/** How codes and notices leave (docs/guide/verification.md). Passwords and tokens are not settings: they come from files or the environment. */
const sms = v.strictObject({
  gateway: v.optional(v.picklist(['outbox', 'twilio', 'smpp'], 'outbox, twilio or smpp'), 'outbox'),
  /** calling codes that messages may go to; null: all */
  callingCodes: v.optional(v.nullable(v.array(callingCode)), null),
  perDay: v.optional(perTime, 1_000),
  newNumbersPerDay: v.optional(perTime, 200),
  perBlockPerDay: v.optional(perTime, 20),
  /** sender: a number, or up to 11 letters where the gateway takes them */
  from: v.optional(
    v.pipe(v.string(), v.regex(/^(\+[0-9]{6,15}|[A-Za-z0-9 ]{1,11})$/, 'a number with plus, or up to 11 letters')),
    'Nokkelring',
  ),
  secretFile: v.optional(pathOrNone, null),
  twilioAccount: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(/^AC[0-9a-f]{32}$/, 'an account SID, AC and 32 hexadecimal digits'))),
    null,
  ),
  /** another origin in the place of Twilio’s, for a proxy */
  twilioOrigin: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^https?:\/\/[A-Za-z0-9.:[\]-]{1,255}$/, 'an origin'))), null),
  smppHost: v.optional(v.nullable(host), null),
  smppPort: v.optional(port, 2_775),
  smppTls: v.optional(v.boolean('on or off'), true),
  smppSystemId: v.optional(v.nullable(text(15)), null),
})
const mail = v.strictObject({
  transport: v.optional(v.picklist(['outbox', 'smtp'], 'outbox or smtp'), 'outbox'),
  from: v.optional(v.pipe(v.string(), v.regex(/^[^\s@<>]{1,64}@[^\s@<>]{1,189}$/, 'a mail address')), 'nokkelring@localhost'),
  host: v.optional(v.nullable(host), null),
  port: v.optional(port, 587),
  tls: v.optional(v.picklist(['implicit', 'starttls', 'none'], 'implicit, starttls or none'), 'starttls'),
  user: v.optional(v.nullable(text(254)), null),
  secretFile: v.optional(pathOrNone, null),
})

const schema = v.strictObject({
  host: v.optional(text(255), '127.0.0.1'),
  port: v.optional(port, 8787),
  data: v.optional(text(4_096), './nokkel-data'),
  name: v.optional(text(100), 'Nøkkelring'),
  registration: v.optional(v.picklist(['open', 'closed'], 'open or closed'), 'open'),
  /** ISO 3166-1 alpha-2; null: everywhere (A2) */
  regions: v.optional(
    v.nullable(v.array(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, 'two-letter codes such as NO')), 'a list of two-letter codes')),
    null,
  ),
  minimumClient: v.optional(
    v.strictObject({ cli: v.optional(version, '0.1.0'), web: v.optional(version, '0.1.0'), extension: v.optional(version, '0.1.0') }),
    {},
  ),
  /** the address at which people and SMS gateways reach this server; null: not told to anybody */
  publicUrl: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(/^https?:\/\/[A-Za-z0-9.:[\]-]{1,255}$/, 'an origin such as https://keys.example.org'))),
    null,
  ),
  sms: v.optional(sms, {}),
  mail: v.optional(mail, {}),
  /** JSON file with the names and public keys of those who may act for the support; null: nobody */
  operators: v.optional(pathOrNone, null),
  trustProxy: v.optional(v.boolean('on or off'), false),
  /** header in which a trusted proxy names the visitor's country */
  countryHeader: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,60}$/, 'a header name in lower case'))), null),
  logLevel: v.optional(
    v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'trace, debug, info, warn, error or silent'),
    'info',
  ),
  metrics: v.optional(v.picklist(['on', 'off', 'loopback'], 'on, off or loopback'), 'loopback'),
  quota: v.optional(
    v.strictObject({
      records: v.optional(amount(1, 10_000_000), 200_000),
      bytes: v.optional(amount(65_536, Number.MAX_SAFE_INTEGER), 1_073_741_824),
    }),
    {},
  ),
  rateLimits: v.optional(rateLimits, {}),
  signIn: v.optional(
    v.strictObject({
      /** of the processor, for what passwords cost; null: as many as it has cores */
      threads: v.optional(v.nullable(amount(1, 64)), null),
    }),
    {},
  ),
  /** `url` null: SQLite in the data folder, and one server; else PostgreSQL, and any number of them */
  database: v.optional(
    v.strictObject({
      url: v.optional(
        v.nullable(v.pipe(v.string('text'), v.check(isPostgresUrl, 'postgres://user@host/database, without a password'))),
        null,
      ),
      passwordFile: v.optional(v.nullable(text(4_096)), null),
      connections: v.optional(amount(2, 1_000), 10),
    }),
    {},
  ),
  push: v.optional(
    v.strictObject({
      /** whom a push service may write to about this server (RFC 8292, 2.1) */
      contact: v.optional(
        v.pipe(v.string(), v.regex(/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, 'mailto: or https:')),
        'mailto:nokkelring@localhost.invalid',
      ),
      /** `any`: also plain HTTP and private networks */
      endpoints: v.optional(v.picklist(['public', 'any'], 'public or any'), 'public'),
    }),
    {},
  ),
  /** path of the signed realm list; null: the realm in this process alone */
  realms: v.optional(v.nullable(text(4_096)), null),
  realm: v.optional(
    v.strictObject({
      key: v.optional(v.nullable(text(4_096)), null),
      counter: v.optional(v.nullable(text(4_096)), null),
      /** Ed25519 keys of the sign-in servers whose tokens `nokkel-server realm` takes; base64url */
      issuers: v.optional(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/, 'public keys in base64url, split by commas'))), []),
    }),
    {},
  ),
  /** folder with the files of Apple's password-manager-resources, or a copy of them; null: clients have their starter list */
  siteData: v.optional(
    v.strictObject({
      url: v.optional(
        v.nullable(v.pipe(text(2_048), v.check(isFeedUrl, 'an https address of a folder, without a password, a query or a fragment'))),
        null,
      ),
      everyHours: v.optional(amount(1, 720), 24),
    }),
    {},
  ),
  /** the status page's own measurements (A1) */
  status: v.optional(
    v.strictObject({
      probe: v.optional(v.boolean('on or off'), false),
      everySeconds: v.optional(amount(1, 3_600), 60),
      /** where the prober goes; null: straight to this process */
      url: v.optional(v.nullable(v.pipe(text(300), v.regex(/^https?:\/\/[^/?#\s]+$/, 'an origin such as https://keys.example.org'))), null),
    }),
    {},
  ),
  /** OpenTelemetry, by its own variables; `endpoint` null: no traces */
  traces: v.optional(
    v.strictObject({
      endpoint: v.optional(
        v.nullable(v.pipe(v.string('text'), v.check(isCollectorUrl, 'an http or https address without a password'))),
        null,
      ),
      service: v.optional(text(100), 'nokkel-server'),
    }),
    {},
  ),
  live: v.optional(
    v.strictObject({
      connections: v.optional(amount(1, 1_000_000), 20_000),
      perAccount: v.optional(amount(1, 10_000), 128),
      /** below the idle time of whatever proxy is in front */
      beatSeconds: v.optional(amount(1, 300), 30),
      /** NATS between several servers; null: this one is alone */
      nats: v.optional(
        v.nullable(
          v.array(v.pipe(v.string(), v.check(isNatsUrl, 'nats://host:port or tls://host:port, split by commas, without a password'))),
        ),
        null,
      ),
      natsCredentials: v.optional(v.nullable(text(4_096)), null),
    }),
    {},
  ),
})

export type Config = v.InferOutput<typeof schema>

interface Setting {
  readonly path: readonly [string] | readonly [string, string]
  readonly read: (text: string) => unknown
}

const asText = (value: string): unknown => value
const asNumber = (value: string): unknown => (/^-?\d+$/.test(value) ? Number(value) : value)
const asSwitch = (value: string): unknown => (value === 'on' ? true : value === 'off' ? false : value)
const asList = (value: string): unknown => value.split(',').map((each) => each.trim())
const asRegions = (value: string): unknown => (value === 'all' ? null : value.split(',').map((code) => code.trim()))

/** Environment variable -> place in the configuration. The table of docs/guide/self-hosting.md follows this one. */
export const environmentSettings: Readonly<Record<string, Setting>> = {
  NOKKEL_PORT: { path: ['port'], read: asNumber },
  NOKKEL_HOST: { path: ['host'], read: asText },
  NOKKEL_DATA: { path: ['data'], read: asText },
  NOKKEL_NAME: { path: ['name'], read: asText },
  NOKKEL_REGISTRATION: { path: ['registration'], read: asText },
  NOKKEL_REGIONS: { path: ['regions'], read: asRegions },
  NOKKEL_MIN_CLI: { path: ['minimumClient', 'cli'], read: asText },
  NOKKEL_MIN_WEB: { path: ['minimumClient', 'web'], read: asText },
  NOKKEL_MIN_EXTENSION: { path: ['minimumClient', 'extension'], read: asText },
  NOKKEL_PUBLIC_URL: { path: ['publicUrl'], read: asText },
  NOKKEL_SMS: { path: ['sms', 'gateway'], read: asText },
  NOKKEL_SMS_FROM: { path: ['sms', 'from'], read: asText },
  NOKKEL_SMS_CALLING_CODES: { path: ['sms', 'callingCodes'], read: asRegions },
  NOKKEL_SMS_PER_DAY: { path: ['sms', 'perDay'], read: asNumber },
  NOKKEL_SMS_NEW_NUMBERS_PER_DAY: { path: ['sms', 'newNumbersPerDay'], read: asNumber },
  NOKKEL_SMS_PER_BLOCK_PER_DAY: { path: ['sms', 'perBlockPerDay'], read: asNumber },
  NOKKEL_SMS_SECRET_FILE: { path: ['sms', 'secretFile'], read: asText },
  NOKKEL_TWILIO_ACCOUNT: { path: ['sms', 'twilioAccount'], read: asText },
  NOKKEL_TWILIO_ORIGIN: { path: ['sms', 'twilioOrigin'], read: asText },
  NOKKEL_SMPP_HOST: { path: ['sms', 'smppHost'], read: asText },
  NOKKEL_SMPP_PORT: { path: ['sms', 'smppPort'], read: asNumber },
  NOKKEL_SMPP_TLS: { path: ['sms', 'smppTls'], read: asSwitch },
  NOKKEL_SMPP_SYSTEM_ID: { path: ['sms', 'smppSystemId'], read: asText },
  NOKKEL_MAIL: { path: ['mail', 'transport'], read: asText },
  NOKKEL_MAIL_FROM: { path: ['mail', 'from'], read: asText },
  NOKKEL_MAIL_HOST: { path: ['mail', 'host'], read: asText },
  NOKKEL_MAIL_PORT: { path: ['mail', 'port'], read: asNumber },
  NOKKEL_MAIL_TLS: { path: ['mail', 'tls'], read: asText },
  NOKKEL_MAIL_USER: { path: ['mail', 'user'], read: asText },
  NOKKEL_MAIL_SECRET_FILE: { path: ['mail', 'secretFile'], read: asText },
  NOKKEL_OPERATORS: { path: ['operators'], read: asText },
  NOKKEL_TRUST_PROXY: { path: ['trustProxy'], read: asSwitch },
  NOKKEL_COUNTRY_HEADER: { path: ['countryHeader'], read: asText },
  NOKKEL_LOG_LEVEL: { path: ['logLevel'], read: asText },
  NOKKEL_METRICS: { path: ['metrics'], read: asText },
  NOKKEL_QUOTA_RECORDS: { path: ['quota', 'records'], read: asNumber },
  NOKKEL_QUOTA_BYTES: { path: ['quota', 'bytes'], read: asNumber },
  NOKKEL_SIGN_IN_THREADS: { path: ['signIn', 'threads'], read: asNumber },
  NOKKEL_RATE_LIMITS: { path: ['rateLimits', 'enabled'], read: asSwitch },
  NOKKEL_DATABASE: { path: ['database', 'url'], read: asText },
  NOKKEL_DATABASE_PASSWORD_FILE: { path: ['database', 'passwordFile'], read: asText },
  NOKKEL_DATABASE_CONNECTIONS: { path: ['database', 'connections'], read: asNumber },
  NOKKEL_NATS: { path: ['live', 'nats'], read: asList },
  NOKKEL_NATS_CREDENTIALS: { path: ['live', 'natsCredentials'], read: asText },
  NOKKEL_PUSH_CONTACT: { path: ['push', 'contact'], read: asText },
  NOKKEL_PUSH_ENDPOINTS: { path: ['push', 'endpoints'], read: asText },
  OTEL_EXPORTER_OTLP_ENDPOINT: { path: ['traces', 'endpoint'], read: asText },
  OTEL_SERVICE_NAME: { path: ['traces', 'service'], read: asText },
  NOKKEL_REALMS: { path: ['realms'], read: asText },
  NOKKEL_REALM_KEY: { path: ['realm', 'key'], read: asText },
  NOKKEL_REALM_COUNTER: { path: ['realm', 'counter'], read: asText },
  NOKKEL_REALM_ISSUERS: { path: ['realm', 'issuers'], read: asList },
  NOKKEL_SITE_DATA_URL: { path: ['siteData', 'url'], read: asText },
  NOKKEL_SITE_DATA_EVERY: { path: ['siteData', 'everyHours'], read: asNumber },
  NOKKEL_STATUS_PROBE: { path: ['status', 'probe'], read: asSwitch },
  NOKKEL_STATUS_EVERY: { path: ['status', 'everySeconds'], read: asNumber },
  NOKKEL_STATUS_URL: { path: ['status', 'url'], read: asText },
  NOKKEL_LIVE_CONNECTIONS: { path: ['live', 'connections'], read: asNumber },
  NOKKEL_LIVE_BEAT: { path: ['live', 'beatSeconds'], read: asNumber },
}

type Tree = Record<string, unknown>

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readFile(file: string): Tree {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_CONFIG', expected: 'the path of a readable JSON file' })
  }
  if (!isTree(value)) throw new NokkelError('config-invalid', { setting: 'NOKKEL_CONFIG', expected: 'a JSON object' })
  return value
}

function put(tree: Tree, path: Setting['path'], value: unknown): void {
  const [first, second] = path
  if (second === undefined) tree[first] = value
  else tree[first] = { ...(isTree(tree[first]) ? tree[first] : {}), [second]: value }
}

export interface Flags {
  readonly port?: string | undefined
  readonly data?: string | undefined
  readonly host?: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Throws `config-invalid` with `setting` and `expected`. */
export function readConfig(env: Environment, flags: Flags = {}): Config {
  const tree: Tree = env['NOKKEL_CONFIG'] === undefined ? {} : readFile(env['NOKKEL_CONFIG'])
  const names = new Map<string, string>()
  const set = (name: string, setting: Setting, value: string | undefined): void => {
    if (value === undefined || value === '') return
    put(tree, setting.path, setting.read(value))
    names.set(setting.path.join('.'), name)
  }
  for (const [name, setting] of Object.entries(environmentSettings)) set(name, setting, env[name])
  set('--port', { path: ['port'], read: asNumber }, flags.port)
  set('--data', { path: ['data'], read: asText }, flags.data)
  set('--host', { path: ['host'], read: asText }, flags.host)
  return checkConfig(tree, names)
}

/** Fills defaults in. `names` says which variable or flag a value came from, for the error. */
export function checkConfig(tree: unknown, names: ReadonlyMap<string, string> = new Map()): Config {
  const parsed = v.safeParse(schema, tree, { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const path = v.getDotPath(issue) ?? ''
  const parent = path.split('.').slice(0, -1).join('.')
  const expected = issue.type === 'strict_object' ? 'a known setting' : issue.message
  throw new NokkelError('config-invalid', { setting: names.get(path) ?? names.get(parent) ?? path, expected })
}
