/**
 * Before a guess is spent: what the realms say of the registration, which of them agree, and what is left (F7: the number is shown first).
 * Costs nothing. A survey serves one attempt, since the tokens in it do.
 */
import { equalBytes, isNokkelError, toHex, type AccountId, type Bytes } from '@nokkel/base'
import {
  askRealm,
  createErrand,
  makeRequest,
  type Asked,
  type AskingRules,
  type Errand,
  type RealmEndpoint,
  type RealmFault,
  type TokenSource,
} from './ask-realm.ts'
import { askingOf, type EscrowPorts } from './escrow-ports.ts'
import { readInfo, type InfoAnswer, type RecordStanding } from './realm/answers.ts'
import type { RegistrationId } from './realm/ids.ts'
import { decodeStatement, statementHash, type Statement } from './realm/statement.ts'

/** What the circle says of a registration, and what no realm is believed in. */
export interface RecoveryTarget {
  readonly account: AccountId
  readonly registration: RegistrationId
  readonly genesisHash: Bytes
  readonly threshold: number
  /**
   * Hash of the statement, as the circle has it. Null where there is no circle to ask: then a threshold of realms must show the same
   * one, and realms of whom so many are hostile can test one code for each code that the person types.
   */
  readonly statementHash: Bytes | null
  /** all realms of the registration, with keys from a checked realm list */
  readonly realms: readonly RealmEndpoint[]
}

export interface RealmView {
  readonly endpoint: RealmEndpoint
  readonly standing: RecordStanding | null
  readonly fault: RealmFault | null
}

export type SurveyVerdict =
  /** enough realms would make an evaluation now */
  | 'ready'
  /** they would after `waitMs` */
  | 'wait'
  | 'locked'
  | 'burned'
  /** too few realms answer, or too few agree */
  | 'unavailable'

export interface Survey {
  readonly target: RecoveryTarget
  readonly errand: Errand
  readonly statement: Statement | null
  readonly views: readonly RealmView[]
  readonly verdict: SurveyVerdict
  /** full guesses that the answering realms still allow together */
  readonly attemptsLeft: number
  readonly waitMs: number
}

export async function surveyRecovery(ports: EscrowPorts, target: RecoveryTarget, tokens: TokenSource): Promise<Survey> {
  const errand = await createErrand(ports.random, tokens, 'recover', target.registration, target.realms)
  const rules = askingOf(ports)
  const answers: (Asked<InfoAnswer> | null)[] = target.realms.map(() => null)
  const asking = target.realms.map(async (endpoint, i) => {
    answers[i] = await askRealm(endpoint, 'info', makeRequest(ports.random, errand, endpoint, 'info', []), readInfo, rules)
  })
  await allOrEnough(asking, () => readAnswers(target, answers).verdict === 'ready', rules)
  return { target, errand, ...readAnswers(target, answers) }
}

/** A realm that has not answered yet counts as one that does not. */
function readAnswers(target: RecoveryTarget, answers: readonly (Asked<InfoAnswer> | null)[]): Omit<Survey, 'target' | 'errand'> {
  const statements = answers.map((answer) => (answer?.ok === true ? fittingStatement(answer.value, target) : null))
  const agreed = mostShown(statements, target)
  const views = target.realms.map((endpoint, i): RealmView => {
    const answer = answers[i] ?? null
    if (answer?.ok !== true) return { endpoint, standing: null, fault: answer === null ? 'unreachable' : answer.fault }
    // a burned or locked one shows no statement, and may say so
    if (answer.value.statement === null && answer.value.state !== 'active') return { endpoint, standing: answer.value, fault: null }
    const shown = statements[i] ?? null
    return shown !== null && shown.hash === agreed?.hash
      ? { endpoint, standing: answer.value, fault: null }
      : { endpoint, standing: null, fault: 'differs' }
  })
  return { statement: agreed?.statement ?? null, views, ...judge(views, target.threshold, agreed !== null) }
}

/** All have ended; or `isEnough` held, and the others had their time of grace. Rejects as they do. */
function allOrEnough(tasks: readonly Promise<void>[], isEnough: () => boolean, rules: AskingRules): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancel: (() => void) | null = null
    const check = () => {
      if (cancel === null && isEnough()) cancel = rules.timers.after(rules.graceMs, resolve)
    }
    for (const task of tasks) task.then(check, reject)
    Promise.all(tasks)
      .then(() => resolve(), reject)
      .finally(() => cancel?.())
  })
}

interface Shown {
  readonly hash: string
  readonly statement: Statement
}

/** A statement that could be the one that is looked for. */
function fittingStatement(info: InfoAnswer, target: RecoveryTarget): Shown | null {
  if (info.statement === null) return null
  const hash = statementHash(info.statement)
  if (target.statementHash !== null && !equalBytes(hash, target.statementHash)) return null
  let statement: Statement
  try {
    statement = decodeStatement(info.statement)
  } catch (error) {
    if (isNokkelError(error)) return null
    throw error
  }
  const fits =
    statement.account === target.account &&
    statement.registration === target.registration &&
    statement.threshold === target.threshold &&
    equalBytes(statement.genesisHash, target.genesisHash) &&
    statement.realms.length === target.realms.length &&
    statement.realms.every(({ id }) => target.realms.some(({ realm }) => realm.id === id))
  return fits ? { hash: toHex(hash), statement } : null
}

/** The pinned one if anybody shows it; else the one that a threshold shows, which is a majority and so only one. */
function mostShown(shown: readonly (Shown | null)[], target: RecoveryTarget): Shown | null {
  const least = target.statementHash === null ? target.threshold : 1
  return shown.find((each) => each !== null && shown.filter((other) => other?.hash === each.hash).length >= least) ?? null
}

export function judge(views: readonly RealmView[], threshold: number, known: boolean): Pick<Survey, 'verdict' | 'attemptsLeft' | 'waitMs'> {
  const standings = views.flatMap(({ standing, fault }) => (standing === null || fault !== null ? [] : [standing]))
  const active = known ? standings.filter(({ state, left }) => state === 'active' && left > 0) : []
  const attemptsLeft = fullGuesses(
    active.map(({ left }) => left),
    threshold,
  )
  if (active.length >= threshold) {
    const waitMs = active.map((standing) => standing.waitMs).sort((a, b) => a - b)[threshold - 1] as number
    return { verdict: waitMs === 0 ? 'ready' : 'wait', attemptsLeft, waitMs }
  }
  // said of the record only when it holds whatever the silent realms would say
  const lost = (states: readonly RecordStanding['state'][]) =>
    views.length - standings.filter(({ state }) => states.includes(state)).length < threshold
  if (lost(['burned'])) return { verdict: 'burned', attemptsLeft: 0, waitMs: 0 }
  if (lost(['burned', 'locked'])) return { verdict: 'locked', attemptsLeft: 0, waitMs: 0 }
  const spent = standings.filter(({ state, left }) => state === 'active' && left === 0)
  if (known && active.length + spent.length >= threshold)
    return { verdict: 'wait', attemptsLeft: 0, waitMs: Math.max(...spent.map(({ waitMs }) => waitMs)) }
  return { verdict: 'unavailable', attemptsLeft, waitMs: 0 }
}

/** The most guesses g such that each uses `threshold` different realms: sum of min(left, g) >= threshold * g. */
export function fullGuesses(left: readonly number[], threshold: number): number {
  let guesses = 0
  while (left.reduce((sum, each) => sum + Math.min(each, guesses + 1), 0) >= threshold * (guesses + 1)) guesses++
  return guesses
}
