/**
 * Bringing a registration into force, and an older one of the same slot out of it (F3, F6, F7; A21). The steps, each repeatable and each
 * sending the same bytes when repeated:
 *
 *   lay-down     every realm holds its deposit, PENDING; none can be evaluated, nothing older is touched
 *   activate     only when all realms have confirmed; signed by the recovery secret
 *   record       the caller puts the member into the circle (and the outer lock to the sign-in server), then says so with `recorded()`
 *   destroy-old  the registration that this one replaces is destroyed at its realms
 *   done
 *
 * Left in the middle, the older registration is still good, and the realms erase what was laid down and not activated after a day.
 * It never starts over by itself: a new registration with a new count is made only by a person who types a code.
 */
import { NokkelError, type Bytes } from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import { askRealm, createErrand, makeRequest, type Asked, type RealmEndpoint, type RealmFault, type TokenSource } from './ask-realm.ts'
import { askingOf, type EscrowPorts } from './escrow-ports.ts'
import { manageRegistration } from './manage.ts'
import type { PreparedRegistration } from './prepare-registration.ts'
import { readStandingAnswer, type RecordStanding } from './realm/answers.ts'
import type { RealmId, RegistrationId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'
import { activationBody, encodeActivation } from './realm/requests.ts'

export type EnrolmentStep = 'lay-down' | 'activate' | 'record' | 'destroy-old' | 'done'

/** `expected` is what makes a realm's answer a confirmation; whatever else it says is a fault of its own. */
export type EnrolmentFault = RealmFault | RecordStanding['state']

export interface EnrolmentProgress {
  readonly step: EnrolmentStep
  /** realms that still keep it from going on */
  readonly faults: ReadonlyMap<RealmId, EnrolmentFault>
}

export interface ReplacedRegistration {
  readonly registration: RegistrationId
  /** its own realms, which may be others */
  readonly realms: readonly RealmEndpoint[]
}

export class Enrolment {
  readonly prepared: PreparedRegistration
  readonly #ports: EscrowPorts
  readonly #endpoints: readonly RealmEndpoint[]
  readonly #tokens: TokenSource
  readonly #replaces: ReplacedRegistration | null
  readonly #requests = new Map<RealmId, Bytes>()
  readonly #laid = new Set<RealmId>()
  readonly #active = new Set<RealmId>()
  readonly #gone = new Set<RealmId>()
  #recorded = false

  /** `endpoints` must be the realms of the plan. */
  constructor(
    ports: EscrowPorts,
    prepared: PreparedRegistration,
    endpoints: readonly RealmEndpoint[],
    tokens: TokenSource,
    replaces: ReplacedRegistration | null = null,
  ) {
    const known = new Set(endpoints.map(({ realm }) => realm.id))
    if (known.size !== prepared.deposits.length || !prepared.deposits.every(({ realm }) => known.has(realm)))
      throw new NokkelError('internal', { what: 'realms' })
    this.prepared = prepared
    this.#ports = ports
    this.#endpoints = endpoints
    this.#tokens = tokens
    this.#replaces = replaces
  }

  get step(): EnrolmentStep {
    if (this.#laid.size < this.#endpoints.length) return 'lay-down'
    if (this.#active.size < this.#endpoints.length) return 'activate'
    if (!this.#recorded) return 'record'
    return this.#replaces !== null && this.#gone.size < this.#replaces.realms.length ? 'destroy-old' : 'done'
  }

  /** Goes as far as it can without the caller. Call it again while it names faults. */
  async advance(): Promise<EnrolmentProgress> {
    for (;;) {
      const { step } = this
      let faults: ReadonlyMap<RealmId, EnrolmentFault> = new Map()
      if (step === 'lay-down') faults = await this.#layDown()
      else if (step === 'activate') faults = await this.#activate()
      else if (step === 'destroy-old') faults = await this.#destroyOld()
      if (faults.size > 0 || step === this.step) return { step: this.step, faults }
    }
  }

  /** The circle has the entry, and the sign-in server the outer lock: the old one may go. */
  recorded(): void {
    if (this.step !== 'record') throw new NokkelError('internal', { what: 'enrolment' })
    this.#recorded = true
  }

  /** Forgets shares and recovery secret. For the end, and for giving up. */
  destroy(): void {
    for (const { share } of this.prepared.deposits) share.destroy()
    this.prepared.member.kem.seed.destroy()
    this.prepared.member.sign.seed.destroy()
    this.#requests.clear()
  }

  async #layDown(): Promise<ReadonlyMap<RealmId, EnrolmentFault>> {
    const missing = this.#endpoints.filter(({ realm }) => !this.#requests.has(realm.id))
    if (missing.length > 0) {
      const errand = await createErrand(this.#ports.random, this.#tokens, 'register', this.prepared.statement.registration, missing)
      for (const endpoint of missing) {
        const deposit = this.prepared.deposits.find(({ realm }) => realm === endpoint.realm.id)
        if (deposit === undefined) throw new NokkelError('internal', { what: 'realms' })
        const request = makeRequest(this.#ports.random, errand, endpoint, 'register', [
          this.prepared.encoded,
          deposit.share.reveal(),
          deposit.tagHash,
          deposit.part,
        ])
        if (request !== undefined) this.#requests.set(endpoint.realm.id, request)
      }
    }
    return this.#ask(this.#laid, 'register', ({ realm }) => this.#requests.get(realm.id), ['pending', 'active'])
  }

  #activate(): Promise<ReadonlyMap<RealmId, EnrolmentFault>> {
    const { account, registration } = this.prepared.statement
    const request = ({ realm }: RealmEndpoint) => {
      const activation = { account, registration, realm: realm.id }
      return encodeActivation(activation, sign(this.prepared.member.sign, labels.activation, activationBody(activation)))
    }
    return this.#ask(this.#active, 'activate', request, ['active'])
  }

  async #ask(
    done: Set<RealmId>,
    operation: 'register' | 'activate',
    request: (endpoint: RealmEndpoint) => Bytes | undefined,
    confirming: readonly RecordStanding['state'][],
  ): Promise<ReadonlyMap<RealmId, EnrolmentFault>> {
    const faults = new Map<RealmId, EnrolmentFault>()
    const asked = this.#endpoints
      .filter(({ realm }) => !done.has(realm.id))
      .map(async (endpoint): Promise<[RealmId, Asked<RecordStanding>]> => [
        endpoint.realm.id,
        await askRealm(endpoint, operation, request(endpoint), readStandingAnswer, askingOf(this.#ports)),
      ])
    for (const [realm, answer] of await Promise.all(asked)) {
      if (answer.ok && confirming.includes(answer.value.state)) done.add(realm)
      else {
        faults.set(realm, answer.ok ? answer.value.state : answer.fault)
        // a token may have run out meanwhile: the next try asks for a new one, for the same registration
        if (!answer.ok && answer.fault === 'refused') this.#requests.delete(realm)
      }
    }
    return faults
  }

  async #destroyOld(): Promise<ReadonlyMap<RealmId, EnrolmentFault>> {
    if (this.#replaces === null) return new Map()
    const faults = new Map<RealmId, EnrolmentFault>()
    const left = this.#replaces.realms.filter(({ realm }) => !this.#gone.has(realm.id))
    for (const [realm, answer] of await manageRegistration(this.#ports, left, this.#tokens, 'destroy', this.#replaces.registration)) {
      if (answer.ok && answer.value.state === 'burned') this.#gone.add(realm)
      else faults.set(realm, answer.ok ? answer.value.state : answer.fault)
    }
    return faults
  }
}
