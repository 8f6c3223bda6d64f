/** The trusted device's side of an approval (A5, F2): one code, typed once or scanned, never a bare button (attack A20). */
import {
  CborReader,
  decodeOwnCbor,
  encodeCbor,
  equalBytes,
  fromBase64url,
  isNokkelError,
  NokkelError,
  parseId,
  toBase64url,
  toHex,
  type DeviceId,
  type RequestId,
} from '@nokkel/base'
import { ApproverRun, isPinned, joinRules, makeAdd, readJoinQr, type DeviceRecord, type JoinQr } from '@nokkel/protocol'
import { appendToCircle, sessionOf, syncCircle, type LocalKeychain, type NameOf, type ServerApi } from '@nokkel/sync'
import { ensureMayChangeMembership, ensureMayEnter } from './class-policy.ts'
import type { CallOptions } from './facade.ts'
import type { Platform } from './platform.ts'

const dayMs = 24 * 3_600_000
const pollMs = 200
const defaultTimeoutMs = 60_000

/** Six digits as they were typed, or what a scanned QR code says. */
export type ApprovalProof = { readonly code: string } | { readonly qr: string }

/** Throws `code-wrong` for what cannot be a code, `qr-invalid`, and `qr-outdated` for the QR code of another request. */
async function secretOf(keychain: LocalKeychain, proof: ApprovalProof, request: RequestId): Promise<string | JoinQr> {
  if ('qr' in proof) {
    const qr = readJoinQr(proof.qr)
    if (qr.request !== request) throw new NokkelError('qr-outdated')
    return qr
  }
  if (!/^[0-9]{6}$/.test(proof.code)) throw new NokkelError('code-wrong', { attemptsLeft: await attemptsLeft(keychain) })
  if ((await attemptsLeft(keychain)) <= 0) throw new NokkelError('code-attempts-used')
  return proof.code
}

/** Returns the admitted device. Throws as `Client.approve` says. */
export async function approveDevice(
  keychain: LocalKeychain,
  api: ServerApi,
  platform: Platform,
  nameOf: NameOf,
  requestId: RequestId,
  proof: ApprovalProof,
  round: () => Promise<unknown>,
  options: CallOptions & { readonly timeoutMs?: number },
): Promise<DeviceRecord> {
  const secret = await secretOf(keychain, proof, requestId)
  await syncCircle(keychain, api, nameOf)
  // somebody left: nobody can be let in before the keys are new (CIR-10)
  if (keychain.circle?.rotationDue === true) await round()
  ensureMayChangeMembership(keychain)
  const { identity, circle, account } = keychain.requireTrusted()
  const session = sessionOf(identity)
  const { request } = await api.joinReceive(session, requestId, null)
  if (request.state === 'declined') throw new NokkelError('request-declined')
  if (request.state === 'expired') throw new NokkelError('request-expired')
  // approved, but never heard of: the last message may have been lost, and without it the device would be stuck for ever
  if (request.state === 'approved' && keychain.heard.has(parseId<DeviceId>(request.deviceId))) throw new NokkelError('request-not-found')
  const run = new ApproverRun(platform.random, { account, request: requestId }, typeof secret === 'string' ? secret : secret.secret, {
    device: identity.keys.id,
    circleSeq: circle.seq,
    circleHead: circle.head,
    genesisHash: circle.genesisHash,
  })
  const runId = toHex(run.run)
  await api.joinSend(session, requestId, { run: runId, step: 1, body: toBase64url(run.message1) })
  const message2 = await receive(api, session, requestId, runId, platform, options)
  // counted before it is looked at: a crash must not give a guess away (JOIN-6); nobody guesses what a QR code says
  if (typeof secret === 'string') await countAttempt(keychain, platform.clock.nowMs())
  let admitted: ReturnType<ApproverRun['receive2']>
  try {
    admitted = run.receive2(message2, account)
  } catch (error) {
    if (!(error instanceof NokkelError)) throw error
    await endSpentRequest(api, session, requestId)
    if (typeof secret !== 'string') throw new NokkelError('qr-outdated')
    throw new NokkelError('code-wrong', { attemptsLeft: await attemptsLeft(keychain) })
  }
  if (typeof secret === 'string') await forgiveAttempt(keychain)
  ensureMayEnter(keychain, admitted.device.class)
  // whoever else saw the QR code has other keys (JOIN-11)
  if (typeof secret !== 'string' && !isPinned(secret, admitted.device)) throw new NokkelError('join-failed')
  if (admitted.device.id !== request.deviceId) throw new NokkelError('join-failed')
  const append = () =>
    appendToCircle(keychain, api, nameOf, (present) => {
      const known = present.devices.get(admitted.device.id)
      // an earlier approval got this far and was cut off: the device is in, only the last message is missing
      if (known?.status === 'active' && equalBytes(known.signKey, admitted.device.signKey)) return null
      if (known !== undefined) throw new NokkelError('join-failed')
      const key = keychain.accountKeys.get(present.accountKey.generation)
      if (key === undefined) throw new NokkelError('share-invalid', { rule: 'KEY-7' })
      const made = makeAdd(platform.random, present, identity.keys, key, admitted, platform.clock.nowMs())
      return { entry: made.entry, shares: [made.share], wraps: [] }
    })
  await append().catch(async (error: unknown) => {
    if (!isNokkelError(error, 'circle-moved')) throw error
    await round()
    return append()
  })
  const now = keychain.requireTrusted()
  const message3 = run.message3({
    circleSeq: now.circle.seq,
    circleHead: now.circle.head,
    logs: [{ vault: now.vault, seq: now.log.seq, hash: now.log.hash }],
  })
  await api.joinSend(session, requestId, { run: runId, step: 3, body: toBase64url(message3) })
  return admitted.device
}

/** Three wrong runs and a request's code is spent (JOIN-6): say so to the new device, which would wait for nothing. */
async function endSpentRequest(api: ServerApi, session: ReturnType<typeof sessionOf>, requestId: RequestId): Promise<void> {
  const { messages } = await api.joinReceive(session, requestId, null)
  if (new Set(messages.map(({ run }) => run)).size >= joinRules.runsPerRequest) await api.joinDecline(session, requestId)
}

async function receive(
  api: ServerApi,
  session: ReturnType<typeof sessionOf>,
  requestId: RequestId,
  run: string,
  platform: Platform,
  options: CallOptions & { readonly timeoutMs?: number },
): Promise<Uint8Array> {
  const until = platform.clock.nowMs() + (options.timeoutMs ?? defaultTimeoutMs)
  let waited = 0
  for (;;) {
    if (options.signal?.aborted === true) throw new NokkelError('cancelled')
    const { request, messages } = await api.joinReceive(session, requestId, run)
    const found = messages.find((message) => message.run === run && message.step === 2)
    if (found !== undefined) return fromBase64url(found.body)
    if (request.state !== 'pending' && request.state !== 'approved') throw new NokkelError('request-declined')
    if (platform.clock.nowMs() >= until) throw new NokkelError('applicant-offline')
    options.onProgress?.({ phase: 'waiting', done: waited, total: 0 })
    await platform.pause(waited < 5_000 ? pollMs : 5 * pollMs, options.signal)
    waited += pollMs
  }
}

/** Times of wrong codes typed on this device in the last day. */
async function readAttempts(keychain: LocalKeychain): Promise<number[]> {
  const row = await keychain.store.get('state', 'approve-attempts')
  return row === undefined ? [] : new CborReader([decodeOwnCbor(row)], 'attempts').list(1_000, (r) => r.uint())
}

async function attemptsLeft(keychain: LocalKeychain): Promise<number> {
  const since = keychain.nowMs() - dayMs
  return joinRules.wrongCodesPerDay - (await readAttempts(keychain)).filter((time) => time > since).length
}

async function countAttempt(keychain: LocalKeychain, timeMs: number): Promise<void> {
  await keychain.update(async (staged) => {
    const recent = (await readAttempts(keychain)).filter((time) => time > timeMs - dayMs)
    // asked again here: several approvals may have begun while there was one attempt left
    if (recent.length >= joinRules.wrongCodesPerDay) throw new NokkelError('code-attempts-used')
    staged.putState('approve-attempts', encodeCbor([...recent, timeMs]))
  })
}

async function forgiveAttempt(keychain: LocalKeychain): Promise<void> {
  await keychain.update(async (staged) => staged.putState('approve-attempts', encodeCbor((await readAttempts(keychain)).slice(0, -1))))
}
