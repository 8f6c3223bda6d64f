/**
 * One attempt at recovery (protocol 4.9, F7; A24, A25). The order protects the person:
 *
 *   1. stretch and blind the code;
 *   2. `threshold` realms evaluate, each proving that it used the key of the statement; where one is silent, lies or waits, the same
 *      blinded element goes to another. A realm is asked again with the same bytes first, since that is never charged twice;
 *   3. the commitment is compared. Only a right code gets further: a hostile realm never sees a tag to try codes against;
 *   4. the tag goes to the realms, which reset their counts and release their parts;
 *   5. the secret is opened and must have the public key that the statement has.
 *
 * It spends no guess that cannot succeed: with fewer ready realms than the threshold nothing is sent at all.
 */
import { equalBytes, isNokkelError, NokkelError, type Bytes, type Secret } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto'
import { answerKeys, destroyAnswerKeys, tagFor, type AnswerKeys } from './answer-keys.ts'
import { askRealm, makeRequest, type RealmFault } from './ask-realm.ts'
import { askingOf, stretchOf, type EscrowPorts } from './escrow-ports.ts'
import { blindInput, combineEvaluations, isEvaluationTrue, type Blinding } from './oprf.ts'
import { evaluationInput, unlockOuterKey } from './outer-layer.ts'
import { readEvaluate, readProve, type RecordStanding } from './realm/answers.ts'
import type { RealmId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'
import type { Statement } from './realm/statement.ts'
import { destroyMember, memberFromSecret, type RecoveryMember } from './recovery-member.ts'
import { joinSecret } from './secret-blob.ts'
import { canonicalCode } from './security-code.ts'
import { saltOf } from './stretch.ts'
import { judge, type RealmView, type Survey } from './survey.ts'

export type AttemptOutcome =
  | {
      readonly kind: 'recovered'
      readonly member: RecoveryMember
      readonly statement: Statement
      /** done when the realms beyond the threshold have been told too, or cannot be; a process that ends before leaves their counts lower */
      readonly settled: Promise<void>
    }
  /** the code is wrong, and a guess is gone */
  | { readonly kind: 'wrong-code'; readonly attemptsLeft: number; readonly waitMs: number; readonly faults: RealmFaults }
  /**
   * Too few realms answered truly. `codeRight`: the code was right and the counts are reset where a realm heard of it; try again later.
   * `charged`: realms that may have counted a guess.
   */
  | { readonly kind: 'unavailable'; readonly codeRight: boolean; readonly charged: number; readonly faults: RealmFaults }

export type RealmFaults = ReadonlyMap<RealmId, RealmFault | RecordStanding['state']>

/** For a lone realm: the lock from the sign-in server, and K_out. */
export interface OuterOpening {
  readonly lock: Bytes
  readonly exportKey: Secret
}

/** A realm that evaluated truly, and its place among the realms of the statement. */
interface TrueEvaluation {
  readonly view: RealmView
  readonly index: number
  readonly evaluated: Bytes
  readonly left: number
  readonly waitMs: number
}

/**
 * Throws before a guess is spent: `usage` for a survey that is not `ready` or was used, `weak-passcode` for what cannot be a code of this
 * kind, `open-failed` where the outer layer does not open with this password. Throws `open-failed` after the code was found
 * right only for a record that was damaged when it was made.
 */
export async function attemptRecovery(
  ports: EscrowPorts,
  survey: Survey,
  code: string,
  outer: OuterOpening | null = null,
): Promise<AttemptOutcome> {
  const { target, statement, verdict } = survey
  if (verdict !== 'ready' || statement === null || used.has(survey)) throw new NokkelError('usage', { reason: 'survey' })
  const canonical = canonicalCode(statement.codeKind, code)
  if (statement.outerLayer && outer === null) throw new NokkelError('open-failed')
  const outerKey = statement.outerLayer && outer !== null ? unlockOuterKey(outer.exportKey, target, outer.lock) : null
  used.add(survey)

  const stretched = await stretchOf(ports)(canonical, saltOf(target.account, target.registration))
  const input = evaluationInput(stretched, outerKey)
  stretched.destroy()
  const run = new Attempt(ports, survey, statement, input, outerKey)
  try {
    return await run.go()
  } finally {
    input.destroy()
    outerKey?.destroy()
  }
}

const used = new WeakSet<Survey>()

class Attempt {
  readonly #ports: EscrowPorts
  readonly #survey: Survey
  readonly #statement: Statement
  readonly #input: Secret
  readonly #outerKey: Secret | null
  readonly #faults = new Map<RealmId, RealmFault | RecordStanding['state']>()
  #charged = 0

  constructor(ports: EscrowPorts, survey: Survey, statement: Statement, input: Secret, outerKey: Secret | null) {
    this.#ports = ports
    this.#survey = survey
    this.#statement = statement
    this.#input = input
    this.#outerKey = outerKey
    for (const { endpoint, fault } of survey.views) if (fault !== null) this.#faults.set(endpoint.realm.id, fault)
  }

  async go(): Promise<AttemptOutcome> {
    const { threshold } = this.#statement
    const blinding = blindInput(this.#ports.random, this.#input)
    const evaluations = await this.#evaluate(blinding)
    if (evaluations.length < threshold) return this.#unavailable(false)
    const output = combineEvaluations(this.#input, blinding, evaluations)
    blinding.blind.fill(0)
    const keys = answerKeys(output)
    output.destroy()
    try {
      if (!equalBytes(keys.commitment, this.#statement.commitment)) return this.#wrongCode(evaluations)
      return await this.#prove(keys)
    } finally {
      destroyAnswerKeys(keys)
    }
  }

  /** Those with most left first, so that no realm runs out while others still have some. */
  #candidates(): RealmView[] {
    return this.#survey.views
      .filter(({ standing, fault }) => fault === null && standing?.state === 'active' && standing.left > 0 && standing.waitMs === 0)
      .toSorted((a, b) => (b.standing?.left ?? 0) - (a.standing?.left ?? 0))
  }

  async #evaluate(blinding: Blinding): Promise<TrueEvaluation[]> {
    const queue = this.#candidates()
    const one = async (): Promise<TrueEvaluation | null> => {
      for (let view = queue.shift(); view !== undefined; view = queue.shift()) {
        const evaluation = await this.#evaluateAt(view, blinding)
        if (evaluation !== null) return evaluation
      }
      return null
    }
    const evaluations = await Promise.all(Array.from({ length: this.#statement.threshold }, one))
    return evaluations.filter((evaluation) => evaluation !== null)
  }

  async #evaluateAt(view: RealmView, blinding: Blinding): Promise<TrueEvaluation | null> {
    const { realm } = view.endpoint
    const index = this.#statement.realms.findIndex(({ id }) => id === realm.id) + 1
    const publicKey = this.#statement.realms[index - 1]?.publicKey
    if (publicKey === undefined) throw new NokkelError('internal', { what: 'realms' })
    const request = makeRequest(this.#ports.random, this.#survey.errand, view.endpoint, 'evaluate', [blinding.blinded])
    const answer = await askRealm(view.endpoint, 'evaluate', request, readEvaluate, askingOf(this.#ports))
    if (!answer.ok) {
      // silent, or lying about what it did: it may have counted
      if (answer.fault === 'unreachable' || answer.fault === 'lying') this.#charged++
      this.#faults.set(realm.id, answer.fault)
      return null
    }
    if (answer.value.outcome === 'stands') {
      this.#faults.set(realm.id, answer.value.standing.state)
      return null
    }
    this.#charged++
    if (!isEvaluationTrue(this.#input, blinding, answer.value, publicKey)) {
      this.#faults.set(realm.id, 'lying')
      return null
    }
    return { view, index, evaluated: answer.value.evaluated, left: answer.value.left, waitMs: answer.value.waitMs }
  }

  #wrongCode(evaluations: readonly TrueEvaluation[]): AttemptOutcome {
    const views = this.#survey.views.map((view): RealmView => {
      const evaluation = evaluations.find((each) => each.view === view)
      if (evaluation === undefined || view.standing === null) return view
      return { ...view, standing: { ...view.standing, left: evaluation.left, waitMs: evaluation.waitMs } }
    })
    const { attemptsLeft, waitMs } = judge(views, this.#statement.threshold, true)
    return { kind: 'wrong-code', attemptsLeft, waitMs, faults: this.#faults }
  }

  /** To every realm that shows the statement: also those that were not needed must hear that the code was right. */
  async #prove(keys: AnswerKeys): Promise<AttemptOutcome> {
    const { threshold, registration, realms } = this.#statement
    const parts: { index: number; part: Bytes }[] = []
    const told = this.#survey.views
      .filter(({ standing, fault }) => fault === null && standing?.state === 'active')
      .map(({ endpoint }) => ({ endpoint, tag: tagFor(keys, endpoint.realm.id, registration) }))
      .map(async ({ endpoint, tag }) => {
        const request = makeRequest(this.#ports.random, this.#survey.errand, endpoint, 'prove', [tag])
        const answer = await askRealm(endpoint, 'prove', request, readProve, askingOf(this.#ports))
        const index = realms.findIndex(({ id }) => id === endpoint.realm.id) + 1
        if (!answer.ok) this.#faults.set(endpoint.realm.id, answer.fault)
        else if (answer.value.outcome === 'stands') this.#faults.set(endpoint.realm.id, answer.value.standing.state)
        else if (!equalBytes(sha256(answer.value.part), realms[index - 1]?.partHash ?? answer.value.part))
          this.#faults.set(endpoint.realm.id, 'lying')
        else parts.push({ index, part: answer.value.part })
      })
    await enough(told, () => parts.length >= threshold)
    if (parts.length < threshold) return this.#unavailable(true)
    const member = this.#openMember(parts.slice(0, threshold), keys)
    const settled = Promise.allSettled(told).then(() => undefined)
    return { kind: 'recovered', member, statement: this.#statement, settled }
  }

  #openMember(parts: readonly { readonly index: number; readonly part: Bytes }[], keys: AnswerKeys): RecoveryMember {
    const { account, registration, genesisHash, threshold, limit, realms, signKey } = this.#statement
    let secret: Secret
    try {
      secret = joinSecret(parts, keys.inner, this.#outerKey, {
        account,
        registration,
        genesisHash,
        threshold,
        realms: realms.length,
        limit,
      })
    } catch (error) {
      throw isNokkelError(error, 'malformed', 'too-large') ? new NokkelError('open-failed') : error
    }
    const member = memberFromSecret(secret, labels.secret)
    secret.destroy()
    if (equalBytes(member.sign.publicKey, signKey)) return member
    destroyMember(member)
    throw new NokkelError('open-failed')
  }

  #unavailable(codeRight: boolean): AttemptOutcome {
    return { kind: 'unavailable', codeRight, charged: this.#charged, faults: this.#faults }
  }
}

/** Resolves as soon as `isEnough` holds after one of `tasks`, or when all have ended; rejects as they do. */
function enough(tasks: readonly Promise<void>[], isEnough: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (isEnough()) resolve()
    }
    for (const task of tasks) task.then(check, reject)
    Promise.all(tasks).then(() => resolve(), reject)
  })
}
