/**
 * A realm: holds one share of the OPRF key of each registration, counts guesses and answers them. No HTTP and no database here; its host
 * brings the store, the clock, the key-encryption key and the signing key (ports.ts), one `RealmCore` a realm and process.
 *
 * The order of an evaluation is the whole point (F7, A22, A23): the guess is taken and durable in the store, then the counter outside
 * the store goes up, and only then is anything evaluated. Killed in between, the realm has counted too much and never too little, and
 * the client that sends the same request again gets its answer without another charge.
 *
 * A store restored from a backup has its old counts back, so every epoch of the store is held against the counter: whatever had been
 * evaluated or destroyed since the backup makes the counter the higher one, at start and at each further guess, and then every record
 * in the store is locked until the person's devices register anew. Who restores store *and* counter, as in a snapshot of the whole
 * machine, is not noticed: keep the counter elsewhere.
 */
import {
  concatBytes,
  decodeCbor,
  encodeCbor,
  equalBytes,
  NokkelError,
  type AccountId,
  type Bytes,
  type CborReader,
  type CborValue,
} from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'
import { decodeAccount, emptyAccount, encodeAccount, type Registration } from './account-state.ts'
import { encodeEvaluate, encodeInfo, encodeProve, encodeStandingAnswer, encodeStatus, signAnswer, type RecordStanding } from './answers.ts'
import { decideEvaluate, decideInfo, decideProve, decideRemember, type EvaluateVerdict } from './decide-attempt.ts'
import { decideActivate, decideManage, decideRegister, listRecords, type ManageAct } from './decide-registration.ts'
import { dueMs, settle, unchanged, type Decision, type Moment } from './decision.ts'
import { elementBytes, evaluateBlinded, isElement, publicKeyOf, shareBytes } from './evaluate.ts'
import { escrowIdToBytes, type RealmId } from './ids.ts'
import { formatVersion, labels } from './labels.ts'
import { escrowLimits, escrowPolicy, type EscrowPolicy } from './policy.ts'
import type { RealmPorts } from './ports.ts'
import type { Realm } from './realm.ts'
import type { RealmMeta } from './realm-store.ts'
import { decodeActivation, openRequest, refusing, type OpenedRequest, type RequestKind } from './requests.ts'
import { decodeStatement, statementHash, type Statement, type StatementRealm } from './statement.ts'

const hashBytes = 32
const tagBytes = 32
/** accounts settled in one go of `sweep` */
const sweepStep = 64

interface Settled<T> {
  readonly result: T
  readonly meta: RealmMeta
}

export class RealmCore implements Realm {
  readonly id: RealmId
  readonly #ports: RealmPorts
  readonly #policy: EscrowPolicy

  private constructor(ports: RealmPorts, policy: EscrowPolicy) {
    this.id = ports.id
    this.#ports = ports
    this.#policy = policy
  }

  /**
   * Opens the realm and holds its store against the counter; a store that is older than the counter has all its records locked.
   * `policy` is for tests that would otherwise have to wait a day.
   */
  static async open(ports: RealmPorts, policy: EscrowPolicy = escrowPolicy): Promise<RealmCore> {
    const core = new RealmCore(ports, policy)
    // the counter first: it never runs ahead of the store, so another process at work raises no false alarm
    const counter = await ports.counter.read()
    const meta = await ports.store.meta()
    // a counter that has gone missing under a store in use proves nothing: treated as a restored store
    if (counter === null ? meta.epoch > 0 : counter > meta.epoch) await core.#lockAll(counter, meta)
    else await ports.counter.advanceTo(meta.epoch)
    return core
  }

  /** State, evaluations left, and the statement: free, and all that a client needs before it spends a guess. */
  readonly info = async (request: Bytes): Promise<Bytes> => {
    const { claims, hash } = this.#open(request, 'info')
    const { result } = await this.#update(claims.account, (account, moment) => decideInfo(account, moment, claims))
    if (result.kind === 'refused') throw new NokkelError('escrow-refused')
    return this.#answer(hash, encodeInfo(result.info))
  }

  readonly evaluate = async (request: Bytes): Promise<Bytes> => {
    const { claims, hash, blinded } = this.#open(request, 'evaluate', (fields) => {
      const element = fields.bytes(elementBytes)
      // checked before the count: what is no element must not cost a guess
      if (!isElement(element)) fields.fail()
      return { blinded: element }
    })
    // a look first, so that a realm whose key-encryption key is away or wrong says so before it takes a guess
    const seen = await this.#update(claims.account, (account, moment) =>
      unchanged(account, decideEvaluate(account, moment, claims, hash).result),
    )
    if (seen.result.kind !== 'evaluate') return this.#withoutEvaluation(hash, seen.result)
    const { share, own } = await this.#unseal(seen.result.row, seen.result.statement)
    try {
      const { result, meta } = await this.#update(claims.account, (account, moment) => decideEvaluate(account, moment, claims, hash))
      if (result.kind !== 'evaluate') return await this.#withoutEvaluation(hash, result)
      // also where nothing was charged now: the process may have died between the store and the counter
      if (!result.charged) await this.#guard(meta)
      const { row, left, waitMs } = result
      const payload = encodeEvaluate({
        outcome: 'evaluated',
        ...evaluateBlinded(this.#ports.random, share, own.publicKey, blinded),
        left,
        waitMs,
      })
      await this.#update(claims.account, (account) => decideRemember(account, claims, encodeCbor(payload)))
      if (result.charged) this.#ports.notify?.({ type: 'attempted', account: claims.account, slot: row.slot, registration: row.id, left })
      return await this.#answer(hash, payload)
    } finally {
      share.fill(0)
    }
  }

  readonly prove = async (request: Bytes): Promise<Bytes> => {
    const { claims, hash, tag } = this.#open(request, 'prove', (fields) => ({ tag: fields.bytes(tagBytes) }))
    const tagHash = sha256(tag)
    const { result } = await this.#update(claims.account, (account, moment) => decideProve(account, moment, claims, tagHash))
    if (result.kind === 'refused') throw new NokkelError('escrow-refused')
    if (result.kind === 'stands') return this.#answer(hash, encodeProve({ outcome: 'stands', standing: result.standing }))
    const { row, statement } = result
    const { share, part } = await this.#unseal(row, statement)
    share.fill(0)
    this.#ports.notify?.({ type: 'recovered', account: claims.account, slot: row.slot, registration: row.id, left: row.left })
    return this.#answer(hash, encodeProve({ outcome: 'released', part }))
  }

  readonly register = async (request: Bytes): Promise<Bytes> => {
    const { claims, hash, row } = this.#open(request, 'register', (fields) => {
      const encoded = fields.bytesUpTo(escrowLimits.statementBytes)
      return {
        row: {
          encoded,
          statement: decodeStatement(encoded),
          share: fields.bytes(shareBytes),
          tagHash: fields.bytes(hashBytes),
          part: fields.bytesUpTo(escrowLimits.partBytes),
        },
      }
    })
    const { statement, encoded, share, tagHash, part } = row
    const own = this.#own(statement)
    const fits =
      statement.account === claims.account &&
      statement.registration === claims.registration &&
      own !== undefined &&
      equalBytes(
        refusing(() => publicKeyOf(share)),
        own.publicKey,
      ) &&
      equalBytes(sha256(part), own.partHash)
    if (!fits) throw new NokkelError('escrow-refused')
    const secrets = concatBytes(share, part)
    const sealed = await this.#ports.kek.seal(secrets, this.#rowAad(encoded))
    secrets.fill(0)
    share.fill(0)
    const { result } = await this.#update(claims.account, (account, moment) =>
      decideRegister(account, moment, { statement, encoded, sealed, tagHash }),
    )
    if (result.kind === 'refused') throw new NokkelError('escrow-refused')
    return this.#answer(hash, encodeStandingAnswer(result.standing))
  }

  readonly activate = async (request: Bytes): Promise<Bytes> => {
    const { activation, signature, hash } = decodeActivation(request)
    if (activation.realm !== this.id) throw new NokkelError('escrow-refused')
    const { result } = await this.#update(activation.account, (account, moment) => decideActivate(account, moment, activation, signature))
    return this.#standing(hash, result)
  }

  readonly status = async (request: Bytes): Promise<Bytes> => {
    const { claims, hash } = this.#open(request, 'status')
    const { result } = await this.#update(claims.account, (account, moment) => unchanged(account, listRecords(account, moment)))
    return this.#answer(hash, encodeStatus(result))
  }

  readonly destroy = (request: Bytes): Promise<Bytes> => this.#manage('destroy', request)
  readonly freeze = (request: Bytes): Promise<Bytes> => this.#manage('freeze', request)
  readonly thaw = (request: Bytes): Promise<Bytes> => this.#manage('thaw', request)

  /** Destroys what became due and nobody asked for since. For the host's timer, every minute or so; returns the accounts it settled. */
  async sweep(): Promise<number> {
    const due = await this.#ports.store.due(this.#ports.clock.nowMs(), sweepStep)
    for (const account of due) await this.#update(account, (document) => unchanged(document, null))
    return due.length
  }

  async #manage(act: ManageAct, request: Bytes): Promise<Bytes> {
    const { claims, hash } = this.#open(request, act)
    const { result } = await this.#update(claims.account, (account, moment) => decideManage(account, moment, act, claims, hash))
    return this.#standing(hash, result)
  }

  #withoutEvaluation(hash: Bytes, result: Exclude<EvaluateVerdict, { readonly kind: 'evaluate' }>): Promise<Bytes> {
    if (result.kind === 'refused') throw new NokkelError('escrow-refused')
    if (result.kind === 'stands') return this.#answer(hash, encodeEvaluate({ outcome: 'stands', standing: result.standing }))
    return this.#answer(hash, decodeCbor(result.answer, escrowLimits.answerBytes))
  }

  #standing(
    hash: Bytes,
    result: { readonly kind: 'refused' } | { readonly kind: 'stands'; readonly standing: RecordStanding },
  ): Promise<Bytes> {
    if (result.kind === 'refused') throw new NokkelError('escrow-refused')
    return this.#answer(hash, encodeStandingAnswer(result.standing))
  }

  #open<T extends object = object>(request: Bytes, kind: RequestKind, read?: (fields: CborReader) => T): OpenedRequest & T {
    const opened = openRequest(request, kind, {
      realm: this.id,
      issuers: this.#ports.tokenIssuers,
      nowMs: this.#ports.clock.nowMs(),
      policy: this.#policy,
    })
    return refusing(() => {
      const fields = read?.(opened.fields) ?? ({} as T)
      opened.fields.end()
      return { ...opened, ...fields }
    })
  }

  #answer(request: Bytes, payload: CborValue): Promise<Bytes> {
    return signAnswer(this.#ports.signer, this.id, request, payload)
  }

  #own(statement: Statement): StatementRealm | undefined {
    return statement.realms.find((realm) => realm.id === this.id)
  }

  /** A share opens beside its own statement and in its own realm only. */
  #rowAad(statement: Bytes): Bytes {
    return encodeCbor([formatVersion, labels.row, escrowIdToBytes(this.id), statementHash(statement)])
  }

  async #unseal(row: Registration, statement: Statement): Promise<{ share: Bytes; part: Bytes; own: StatementRealm }> {
    const own = this.#own(statement)
    const secrets = await this.#ports.kek.open(row.sealed, this.#rowAad(row.statement))
    const part = secrets.slice(shareBytes)
    if (own === undefined || !equalBytes(sha256(part), own.partHash)) throw new NokkelError('store-damaged', { part: 'escrow' })
    const share = secrets.slice(0, shareBytes)
    secrets.fill(0)
    return { share, part, own }
  }

  /** Runs one decision in the store's transaction, with what time has made due before it, and tells what it destroyed. */
  async #update<T>(
    account: AccountId,
    decide: (document: ReturnType<typeof decodeAccount>, moment: Moment) => Decision<T>,
  ): Promise<Settled<T>> {
    const nowMs = this.#ports.clock.nowMs()
    const { result, meta, burned, advanced } = await this.#ports.store.update(account, (document, current) => {
      const moment: Moment = { nowMs, meta: current, policy: this.#policy }
      const stored = document === null ? emptyAccount : decodeAccount(document)
      const settled = settle(stored, moment)
      const decided = decide(settled.account, moment)
      const next = decided.account
      const advance = settled.advance || decided.advance
      const nextMeta: RealmMeta = advance ? { ...current, epoch: current.epoch + 1 } : current
      const gone = [...settled.burned, ...decided.burned]
      return {
        ...(next === stored ? {} : { document: encodeAccount(next) }),
        ...(advance ? { meta: nextMeta } : {}),
        dueMs: dueMs(next, this.#policy),
        erase: gone.length > 0,
        result: { result: decided.result, meta: nextMeta, burned: gone, advanced: advance },
      }
    })
    for (const { id, slot, reason } of burned) this.#ports.notify?.({ type: 'burned', account, slot, registration: id, reason })
    if (advanced) await this.#guard(meta)
    return { result, meta }
  }

  /**
   * Brings the counter up to the store. The counter follows the store and never leads it, so a counter that is still ahead of the store
   * afterwards has seen a later one: this store is a restored one. Throws `busy` then, before anything was evaluated.
   */
  async #guard(meta: RealmMeta): Promise<void> {
    const counter = await this.#ports.counter.advanceTo(meta.epoch)
    if (counter <= meta.epoch) return
    const current = await this.#ports.store.meta()
    if (counter <= current.epoch) return
    await this.#lockAll(counter, current)
    throw new NokkelError('busy', { what: 'escrow-realm' })
  }

  async #lockAll(counter: number | null, meta: RealmMeta): Promise<void> {
    const { epoch } = await this.#ports.store.updateMeta((now) => {
      const next = Math.max(now.epoch, counter ?? 0) + 1
      return { epoch: next, lockedBefore: next }
    })
    await this.#ports.counter.advanceTo(epoch)
    this.#ports.notify?.({ type: 'rolled-back', storeEpoch: meta.epoch, counter })
  }
}
