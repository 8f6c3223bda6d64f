/** Realms as processes of their own, a token issuer, and a client's half that reaches them over HTTP. Stretching of codes costs nothing here. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId, NokkelError, Secret, systemRandom, toBase64url, type AccountId, type Bytes, type ErrorCode } from '@nokkel/base'
import {
  askingRules,
  attemptRecovery,
  Enrolment,
  newEscrowId,
  prepareRegistration,
  surveyRecovery,
  type AskingRules,
  type AttemptOutcome,
  type EscrowPorts,
  type PreparedRegistration,
  type RealmEndpoint,
  type RealmId,
  type RecordSlot,
  type Survey,
  type TokenSource,
} from '@nokkel/escrow'
import { issueToken, realmOperations, type Realm, type RealmOperation } from '@nokkel/escrow/realm'
import { cheapStretch } from '@nokkel/escrow/testing'
import { ed25519Signer, initRealm, openRealmKey } from 'nokkel-server/realm/testing'

export const realmProgram = fileURLToPath(new URL('./realm-process.ts', import.meta.url))
/** Hundreds of starts: what is compiled once is not compiled again. */
const compiledCode = fileURLToPath(new URL('../../node_modules/.cache/nokkel/compiled', import.meta.url))

/** What a client reaches at `url()`, asked anew for each request. */
export function httpRealm(id: RealmId, url: () => string): Realm {
  const operation = (name: RealmOperation) => async (request: Bytes) => {
    let response: Response
    try {
      const init = { method: 'POST', headers: { 'content-type': 'application/cbor' }, body: request }
      response = await fetch(`${url()}/v1/realm/${name}`, init)
      if (response.ok) return new Uint8Array(await response.arrayBuffer())
    } catch {
      throw new NokkelError('offline')
    }
    throw new NokkelError(((await response.json()) as { code: ErrorCode }).code)
  }
  const operations = Object.fromEntries(realmOperations.map((name) => [name, operation(name)]))
  return { id, ...(operations as Record<RealmOperation, (request: Bytes) => Promise<Bytes>>) }
}

export class RealmPlace {
  readonly folder: string
  readonly id: RealmId
  readonly signKey: Bytes
  readonly #issuer: string
  readonly #program: string
  readonly #children: ChildProcess[] = []
  urls: string[] = []
  /** how far the clock of its processes runs ahead */
  aheadMs = 0
  #turn = 0

  constructor(folder: string, issuer: string, program: string) {
    this.folder = folder
    this.#issuer = issuer
    this.#program = program
    initRealm(this.paths, systemRandom)
    const key = openRealmKey(this.paths.key, systemRandom)
    this.id = key.id
    this.signKey = key.signer.publicKey
  }

  get paths() {
    return {
      database: join(this.folder, 'data', 'realm.db'),
      key: join(this.folder, 'data.realm', 'realm.key'),
      counter: join(this.folder, 'data.realm', 'counter.db'),
    }
  }

  /** One more process on the same database. */
  async start(): Promise<ChildProcess> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: compiledCode,
      NOKKEL_DATA: join(this.folder, 'data'),
      NOKKEL_PORT: '0',
      NOKKEL_LOG_LEVEL: 'warn',
      NOKKEL_RATE_LIMITS: 'off',
      NOKKEL_REALM_ISSUERS: this.#issuer,
    }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', this.#program, String(this.aheadMs)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    let errors = ''
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString('utf8')))
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (data: Buffer) => resolve(data.toString('utf8').trim()))
      child.once('close', (status) => reject(new Error(`realm ended with ${status}: ${errors}`)))
    })
    this.urls.push(url)
    return child
  }

  /** As a power cut would end them. */
  async kill(): Promise<void> {
    const gone = this.#children.splice(0).map((child) => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
      const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()))
      child.kill('SIGKILL')
      return closed
    })
    await Promise.all(gone)
    this.urls = []
  }

  /** The database as a backup would hold it; only while no process runs. */
  backup(): () => void {
    const copy = join(this.folder, 'backup')
    cpSync(join(this.folder, 'data'), copy, { recursive: true })
    return () => {
      rmSync(join(this.folder, 'data'), { recursive: true })
      cpSync(copy, join(this.folder, 'data'), { recursive: true })
    }
  }

  /** Each request goes to the next of its processes. */
  get endpoint(): RealmEndpoint {
    return { realm: httpRealm(this.id, () => this.urls[this.#turn++ % this.urls.length] ?? 'http://127.0.0.1:9'), signKey: this.signKey }
  }
}

export class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), 'nokkel-realms-'))
  places: RealmPlace[]
  readonly threshold: number
  readonly account = newId<AccountId>(systemRandom)
  readonly slot = newEscrowId<RecordSlot>(systemRandom)
  readonly genesisHash = systemRandom.bytes(32)
  readonly realmListHash = systemRandom.bytes(32)
  readonly exportKey = new Secret(systemRandom.bytes(32))
  #issuer = ed25519Signer(systemRandom.bytes(32))
  asking: AskingRules = { ...askingRules, timeoutMs: 60_000 }
  endpoints: RealmEndpoint[]
  aheadMs = 0

  /** `program`: what each realm runs */
  constructor(threshold: number, realms: number, program = realmProgram) {
    this.threshold = threshold
    const issuer = toBase64url(this.#issuer.publicKey)
    this.places = Array.from({ length: realms }, (_, n) => new RealmPlace(join(this.folder, `realm-${n}`), issuer, program))
    this.endpoints = this.places.map(({ endpoint }) => endpoint)
  }

  /** Another account at the same realms. */
  adopt(other: Deployment): void {
    this.places = other.places
    this.endpoints = other.endpoints
    this.#issuer = other.#issuer
  }

  get ports(): EscrowPorts {
    return { random: systemRandom, stretch: cheapStretch, asking: this.asking }
  }

  readonly tokens: TokenSource = async (kind, registration, clientKey, realms) => {
    const claims = { account: this.account, registration, clientKey, expiresMs: Date.now() + this.aheadMs + 590_000 }
    const token = async (realm: RealmId) =>
      [realm, await issueToken(this.#issuer, kind, { ...claims, realm, nonce: systemRandom.bytes(16) })] as const
    return new Map(await Promise.all(realms.map(token)))
  }

  async enrol(code: string): Promise<PreparedRegistration> {
    const { account, slot, genesisHash, realmListHash, threshold } = this
    const prepared = await prepareRegistration(this.ports, {
      account,
      slot,
      genesisHash,
      realmListHash,
      threshold,
      codeKind: code.length === 4 ? 'passcode' : 'digits',
      code,
      realms: this.places.map(({ id }) => id),
      exportKey: threshold === 1 ? this.exportKey : null,
    })
    const enrolment = new Enrolment(this.ports, prepared, this.endpoints, this.tokens)
    const { step, faults } = await enrolment.advance()
    if (step !== 'record') throw new Error(`${step}: ${JSON.stringify([...faults])}`)
    enrolment.recorded()
    return prepared
  }

  survey(prepared: PreparedRegistration): Promise<Survey> {
    const { account, genesisHash, threshold } = this
    const { registration } = prepared.statement
    const target = { account, registration, genesisHash, threshold, statementHash: prepared.statementHash, realms: this.endpoints }
    return surveyRecovery(this.ports, target, this.tokens)
  }

  attempt(prepared: PreparedRegistration, survey: Survey, code: string): Promise<AttemptOutcome> {
    const outer = prepared.outerLock === null ? null : { lock: prepared.outerLock, exportKey: this.exportKey }
    return attemptRecovery(this.ports, survey, code, outer)
  }

  async try(prepared: PreparedRegistration, code: string): Promise<AttemptOutcome> {
    return this.attempt(prepared, await this.survey(prepared), code)
  }

  async dispose(): Promise<void> {
    await Promise.all(this.places.map((place) => place.kill()))
    rmSync(this.folder, { recursive: true, force: true })
  }
}
