/**
 * The operators' audit log, kept as a chain (`audit-chain.ts`). Its end is written to a file beside the data folder after each commit; a database that
 * does not reach that end, or reaches it otherwise, is not appended to. The file may be one step behind after a crash: entries beyond it
 * are taken in only if their codes are right.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { hkdfSync } from 'node:crypto'
import * as v from 'valibot'
import { NokkelError, Secret } from '@nokkel/base'
import { writePrivateFile } from '../store/data-folder.ts'
import type { StoreTx } from '../store/store.ts'
import { auditStart, nextEntry, verifyChain, type AuditAct, type AuditEnd } from './audit-chain.ts'
import type { AuditStore } from './audit-store.ts'

const keyBytes = 32
const endShape = v.strictObject({
  n: v.pipe(v.number(), v.integer(), v.minValue(0)),
  code: v.pipe(v.string(), v.regex(/^([0-9a-f]{64})?$/)),
})

/** Beside the data folder, never in it: whoever can write the database cannot write the end. */
export function auditEndFile(data: string): string {
  return join(`${resolve(data)}.audit`, 'end.json')
}

/** From the server's own secret, which is not in the database. */
export function auditKey(serverSecret: Secret): Secret {
  return new Secret(new Uint8Array(hkdfSync('sha256', serverSecret.reveal(), '', 'nk/1/audit-key', keyBytes)))
}

/** Throws `store-damaged` (what: audit) for a file that says nothing of an end. */
export function readAuditEnd(file: string): AuditEnd {
  if (!existsSync(file)) return auditStart
  try {
    return v.parse(endShape, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new NokkelError('store-damaged', { what: 'audit' }, { cause: error })
  }
}

export class AuditLog {
  readonly #key: Secret
  readonly #endFile: string
  #end: AuditEnd | undefined
  #appended: AuditEnd | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(key: Secret, endFile: string) {
    this.#key = key
    this.#endFile = endFile
  }

  /** In a transaction that runs inside `exclusively`. Throws `store-damaged` (what: audit). */
  async append(tx: Pick<StoreTx, 'audit'>, act: AuditAct): Promise<void> {
    const before = this.#appended ?? (await this.#reached(tx.audit))
    const entry = nextEntry(this.#key.reveal(), before, act)
    await tx.audit.append(entry)
    this.#appended = { n: entry.n, code: entry.code }
  }

  /** One piece of work at a time; the new end is written to its file once the work is committed. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(async () => {
      this.#appended = undefined
      try {
        const result = await work()
        if (this.#appended !== undefined) this.#keep(this.#appended)
        return result
      } finally {
        this.#appended = undefined
      }
    })
    this.#queue = run.catch(() => undefined)
    return await run
  }

  #keep(end: AuditEnd): void {
    mkdirSync(dirname(this.#endFile), { recursive: true, mode: 0o700 })
    writePrivateFile(this.#endFile, `${JSON.stringify({ n: end.n, code: end.code })}\n`)
    this.#end = end
  }

  /** The end in the database, checked against the kept one from there on. */
  async #reached(store: AuditStore): Promise<AuditEnd> {
    this.#end ??= readAuditEnd(this.#endFile)
    const finding = verifyChain(this.#key.reveal(), await store.entries(), this.#end)
    if (!finding.sound) throw new NokkelError('store-damaged', { what: 'audit' })
    return finding.end
  }
}
