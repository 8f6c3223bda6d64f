/**
 * A deployment in one process: a sign-in server that issues tokens, n realms on memory stores, and what a client needs to speak to them.
 * Real cryptography throughout, but for the stretching of codes, which costs nothing here. For tests and the simulator.
 */
import { concatBytes, newId, Secret, utf8, type AccountId, type Bytes, type DeviceId, type Random } from '@nokkel/base'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import { sha256 } from '@nokkel/crypto'
import { askingRules, type AskingRules, type RealmEndpoint, type TokenSource } from '../ask-realm.ts'
import { Enrolment, type ReplacedRegistration } from '../enrolment.ts'
import type { EscrowPorts } from '../escrow-ports.ts'
import { prepareRegistration, type PreparedRegistration, type RegistrationPlan } from '../prepare-registration.ts'
import type { OuterOpening } from '../recover.ts'
import { newEscrowId, type RealmId, type RecordSlot } from '../realm/ids.ts'
import { escrowPolicy, type EscrowPolicy } from '../realm/policy.ts'
import type { RealmEvent } from '../realm/ports.ts'
import { RealmCore } from '../realm/realm-core.ts'
import type { Realm } from '../realm/realm.ts'
import { issueToken, type TokenKind } from '../realm/token.ts'
import type { Signer } from '../realm/signer.ts'
import type { RecoveryTarget } from '../survey.ts'
import { createTestKek, createTestSigner, MemoryCounter } from './host-doubles.ts'
import { MemoryRealmDisk } from './memory-realm-store.ts'
import type { KekCipher } from '../realm/ports.ts'

export interface RealmHost {
  readonly id: RealmId
  readonly disk: MemoryRealmDisk
  readonly counter: MemoryCounter
  readonly kek: KekCipher
  readonly signer: Signer
  core: RealmCore
  /** what clients reach; a test may put something else in its place */
  realm: Realm
  readonly events: RealmEvent[]
  /** opens the realm anew on what its disk and counter hold */
  restart(): Promise<void>
}

export interface WorldOptions {
  readonly realms: number
  readonly threshold: number
  readonly seed?: number
  readonly policy?: EscrowPolicy
}

/** SHA-256 instead of Argon2id: for tests alone. */
export const cheapStretch = async (code: string, salt: Bytes): Promise<Secret> => new Secret(sha256(concatBytes(salt, utf8(code))))

export class EscrowWorld {
  readonly clock = new ManualClock()
  readonly random: Random
  readonly hosts: RealmHost[] = []
  readonly threshold: number
  readonly account: AccountId
  readonly slot: RecordSlot
  readonly genesisHash: Bytes
  readonly realmListHash: Bytes
  readonly exportKey: Secret
  readonly issuer: Signer
  readonly #policy: EscrowPolicy

  private constructor(options: WorldOptions) {
    this.random = new SeededRandom(options.seed ?? 1)
    this.threshold = options.threshold
    this.account = newId<AccountId>(this.random)
    this.slot = newId<DeviceId>(this.random) as string as RecordSlot
    this.genesisHash = this.random.bytes(32)
    this.realmListHash = this.random.bytes(32)
    this.exportKey = new Secret(this.random.bytes(32))
    this.issuer = createTestSigner(this.random)
    this.#policy = options.policy ?? escrowPolicy
  }

  static async create(options: WorldOptions): Promise<EscrowWorld> {
    const world = new EscrowWorld(options)
    for (let i = 0; i < options.realms; i++) world.hosts.push(await world.createHost())
    return world
  }

  async createHost(): Promise<RealmHost> {
    const { random, clock } = this
    const parts = {
      id: newEscrowId<RealmId>(random),
      disk: new MemoryRealmDisk(random),
      counter: new MemoryCounter(),
      kek: createTestKek(random),
      signer: createTestSigner(random),
      events: [] as RealmEvent[],
    }
    const open = () =>
      RealmCore.open(
        {
          id: parts.id,
          store: parts.disk.open(),
          counter: parts.counter,
          kek: parts.kek,
          clock,
          random,
          signer: parts.signer,
          tokenIssuers: [this.issuer.publicKey],
          notify: (event) => parts.events.push(event),
        },
        this.#policy,
      )
    const core = await open()
    const host: RealmHost = {
      ...parts,
      core,
      realm: core,
      restart: async () => {
        host.core = await open()
        host.realm = host.core
      },
    }
    return host
  }

  get ports(): EscrowPorts {
    return { random: this.random, stretch: cheapStretch, asking: this.asking }
  }

  /** replaced by tests of slow realms */
  asking: AskingRules = askingRules

  get endpoints(): RealmEndpoint[] {
    return this.hosts.map(({ realm, signer }) => ({ realm, signKey: signer.publicKey }))
  }

  /** Everybody gets what they ask for: the checks before it are the sign-in server's. */
  get tokens(): TokenSource {
    return async (kind, registration, clientKey, realms) => {
      const tokens = new Map<RealmId, Bytes>()
      for (const realm of realms) tokens.set(realm, await this.token(kind, { realm, registration, clientKey }))
      return tokens
    }
  }

  token(
    kind: TokenKind,
    claims: {
      readonly realm: RealmId
      readonly registration: PreparedRegistration['statement']['registration'] | null
      readonly clientKey: Bytes
      readonly account?: AccountId
      readonly expiresMs?: number
    },
  ): Promise<Bytes> {
    return issueToken(this.issuer, kind, {
      account: this.account,
      nonce: this.random.bytes(16),
      expiresMs: this.clock.nowMs() + this.#policy.tokenLifeMs,
      ...claims,
    })
  }

  prepare(code: string, more: Partial<RegistrationPlan> = {}): Promise<PreparedRegistration> {
    return prepareRegistration(this.ports, {
      account: this.account,
      slot: this.slot,
      genesisHash: this.genesisHash,
      codeKind: 'digits',
      code,
      realms: this.hosts.map(({ id }) => id),
      realmListHash: this.realmListHash,
      threshold: this.threshold,
      exportKey: this.threshold === 1 ? this.exportKey : null,
      ...more,
    })
  }

  enrolment(prepared: PreparedRegistration, replaces: ReplacedRegistration | null = null): Enrolment {
    return new Enrolment(this.ports, prepared, this.endpoints, this.tokens, replaces)
  }

  /** Registered, active and recorded. */
  async enrol(code: string, more: Partial<RegistrationPlan> = {}): Promise<PreparedRegistration> {
    const prepared = await this.prepare(code, more)
    const enrolment = this.enrolment(prepared)
    const { step, faults } = await enrolment.advance()
    if (step !== 'record') throw new Error(`${step}: ${JSON.stringify([...faults])}`)
    enrolment.recorded()
    return prepared
  }

  target(prepared: PreparedRegistration, more: Partial<RecoveryTarget> = {}): RecoveryTarget {
    return {
      account: this.account,
      registration: prepared.statement.registration,
      genesisHash: this.genesisHash,
      threshold: this.threshold,
      statementHash: prepared.statementHash,
      realms: this.endpoints,
      ...more,
    }
  }

  outer(prepared: PreparedRegistration): OuterOpening | null {
    return prepared.outerLock === null ? null : { lock: prepared.outerLock, exportKey: this.exportKey }
  }
}
