/** `nokkel-server operator init|page`, `support open|approve|cancel|list` (through the running server) and `audit verify|show` (on its files). */
import * as v from 'valibot'
import { NokkelError, systemClock, systemRandom, isErrorCode } from '@nokkel/base'
import { auditEndFile, auditKey, readAuditEnd } from '../audit/audit-log.ts'
import { verifyChain } from '../audit/audit-chain.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log/log.ts'
import { openServerKey } from '../store/data-folder.ts'
import { openStore } from '../store/open-store.ts'
import { createOperatorKey, signAsOperator } from './operator-key.ts'

export interface OperatorFlags {
  readonly operator?: string | undefined
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly number?: string | undefined
  readonly server?: string | undefined
}

const defaultServer = 'http://127.0.0.1:8787'

function required(value: string | undefined, flag: string): string {
  if (value === undefined || value === '') throw new NokkelError('usage', { reason: `${flag} is missing` })
  return value
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export async function operatorCommand(words: readonly string[], flags: OperatorFlags): Promise<void> {
  if (words.join(' ') === 'page') {
    const { code } = v.parse(v.object({ code: v.string() }), await ask(flags, 'page-open', {}))
    return void process.stdout.write(`${flags.server ?? defaultServer}/operator?code=${code}\n`)
  }
  if (words.join(' ') !== 'init')
    throw new NokkelError('usage', { reason: 'nokkel-server operator init --name NAME --operator FILE | page --operator FILE' })
  print(createOperatorKey(required(flags.operator, '--operator'), required(flags.name, '--name'), systemRandom))
}

const problem = v.object({ code: v.string(), params: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))) })

async function ask(flags: OperatorFlags, action: string, json: unknown): Promise<unknown> {
  const origin = flags.server ?? defaultServer
  const { hostname } = new URL(origin)
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw new NokkelError('usage', { reason: '--server: the server on this machine; from elsewhere, through a tunnel (ssh -L)' })
  const key = required(flags.operator, '--operator')
  try {
    const { serverId } = v.parse(v.object({ serverId: v.string() }), await (await fetch(`${origin}/v1/server`)).json())
    const path = `/v1/operator/${action}`
    const body = new TextEncoder().encode(JSON.stringify(json))
    const signed = await signAsOperator(key, { serverId, path, timeMs: systemClock.nowMs(), body })
    const response = await fetch(origin + path, { method: 'POST', headers: { ...signed, 'content-type': 'application/json' }, body })
    const answer: unknown = await response.json()
    if (response.ok) return answer
    const refused = v.safeParse(problem, answer)
    if (refused.success && isErrorCode(refused.output.code)) throw new NokkelError(refused.output.code, refused.output.params)
    throw new NokkelError('server-unavailable')
  } catch (error) {
    if (error instanceof NokkelError) throw error
    throw new NokkelError('server-unavailable', {}, { cause: error })
  }
}

export async function supportCommand(words: readonly string[], flags: OperatorFlags): Promise<void> {
  const [action, caseId, ...rest] = words
  if (rest.length > 0) throw new NokkelError('usage', { reason: `unexpected: ${rest.join(' ')}` })
  switch (action) {
    case 'open': {
      const number = required(flags.number, '--number').replaceAll(/[\s().-]/g, '')
      return print(await ask(flags, 'support-open', { email: required(flags.email, '--email'), number }))
    }
    case 'approve':
    case 'cancel':
      return print(await ask(flags, `support-${action}`, { case: required(caseId, 'CASE') }))
    case 'list':
      return print(await ask(flags, 'support-list', {}))
    default:
      throw new NokkelError('usage', { reason: 'nokkel-server support open | approve CASE | cancel CASE | list' })
  }
}

/** Exit status 0: sound; 1: not, and the first wrong entry is named. */
export async function auditCommand(words: readonly string[], config: Config): Promise<number> {
  const [action = '', ...rest] = words
  if (!['verify', 'show'].includes(action) || rest.length > 0)
    throw new NokkelError('usage', { reason: 'nokkel-server audit verify | show' })
  const key = openServerKey(config.data, false, systemRandom, () => '')
  const { store } = await openStore(config, systemRandom, createLog('silent', undefined))
  try {
    const entries = await store.audit.entries()
    if (action === 'show') {
      print(entries.map(({ code: _code, ...entry }) => ({ ...entry, time: new Date(entry.timeMs).toISOString() })))
      return 0
    }
    const finding = verifyChain(auditKey(key.decoy).reveal(), entries, readAuditEnd(auditEndFile(config.data)))
    print(finding.sound ? { sound: true, entries: finding.entries } : finding)
    return finding.sound ? 0 : 1
  } finally {
    await store.close()
  }
}
