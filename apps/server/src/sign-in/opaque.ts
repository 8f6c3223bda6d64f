/**
 * The server's half of OPAQUE (RFC 9807) as its routes see it. The steps that cost milliseconds of processor run on threads of their own
 * (opaque-thread.ts), so that a flood of sign-ins holds up sign-ins, and no pull, push or live channel; the others run here.
 */
import { createHmac } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { ready, server } from '@serenity-kit/opaque'
import Tinypool from 'tinypool'
import { NokkelError, type AccountId, type Secret } from '@nokkel/base'
import type { OpaqueStep, OpaqueSteps } from './opaque-thread.ts'
import { identifiersOf } from './opaque-identifiers.ts'

export interface OpaqueServer {
  /** Throws `malformed`, `rate-limited`. */
  registrationResponse(account: AccountId, registrationRequest: string): Promise<string>
  /** Throws `malformed` for a record that no sign-in could use, `rate-limited`. */
  ensureUsableRecord(account: AccountId, registrationRecord: string): Promise<void>
  /** `record` null: an account that does not exist, with an answer of the same shape and cost. Throws `malformed`, `rate-limited`. */
  startLogin(
    account: AccountId,
    record: string | null,
    startLoginRequest: string,
  ): Promise<{ readonly serverLoginState: string; readonly loginResponse: string }>
  finishLogin(account: AccountId, serverLoginState: string, finishLoginRequest: string): boolean
  /** The account id that an unknown address always gets. */
  decoyAccount(emailKey: string): AccountId
  /** Ends the threads; after the last request, for what is still begun fails. */
  close(): Promise<void>
}

export interface OpaqueSetup {
  readonly serverId: string
  /** the server's keys, as `createOpaqueSetup` makes them */
  readonly setup: string
  readonly decoy: Secret
  /** null: as many as there are cores */
  readonly threads: number | null
  /** a thread ended that had nothing to do; the next one takes its place */
  readonly onError: (error: unknown) => void
}

export async function createOpaqueSetup(): Promise<() => string> {
  await ready
  return () => server.createSetup()
}

const decoyHexDigits = 32
/** Some two seconds of one thread: who comes after it is told to come again. */
const mostWaiting = 512
const idleMs = 60_000

export async function opaqueServer({ serverId, setup, decoy, threads, onError }: OpaqueSetup): Promise<OpaqueServer> {
  await ready
  const pool = new Tinypool({
    filename: new URL('./opaque-thread.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads ?? availableParallelism(),
    idleTimeout: idleMs,
    maxQueue: mostWaiting,
    workerData: { serverId, setup },
  })
  pool.on('error', onError)

  async function run<Name extends keyof OpaqueSteps>(name: Name, ...input: OpaqueStep<Name>['input']): Promise<OpaqueStep<Name>['output']> {
    // threads that are being made count as well: a wave that finds none of them ready is no longer than that
    if (pool.queueSize >= mostWaiting) throw new NokkelError('rate-limited', { retryAfterSeconds: 1 })
    const output = (await pool.run(input, { name })) as OpaqueStep<Name>['output'] | null
    if (output === null) throw new NokkelError('malformed', { what: 'opaque' })
    return output
  }

  return {
    registrationResponse: (account, registrationRequest) => run('registrationResponse', account, registrationRequest),
    async ensureUsableRecord(account, registrationRecord) {
      await run('tryRecord', account, registrationRecord)
    },
    startLogin: (account, record, startLoginRequest) => run('startLogin', account, record, startLoginRequest),
    finishLogin(account, serverLoginState, finishLoginRequest) {
      try {
        server.finishLogin({ serverLoginState, finishLoginRequest, identifiers: identifiersOf(account, serverId) })
        return true
      } catch {
        return false
      }
    },
    decoyAccount(emailKey) {
      return createHmac('sha256', decoy.reveal()).update(emailKey).digest('hex').slice(0, decoyHexDigits) as AccountId
    },
    async close() {
      await pool.destroy()
    },
  }
}
