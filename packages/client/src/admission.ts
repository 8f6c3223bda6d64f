/**
 * The new device's way in (A5, A7): ask, answer the approving device, check everything that it vouched for, pull everything. Each step
 * is stored before the next one begins, so that a crash anywhere continues where it stopped.
 */
import {
  CborReader,
  decodeOwnCbor,
  encodeCbor,
  equalBytes,
  fromBase64url,
  idToBytes,
  isNokkelError,
  NokkelError,
  readId,
  Secret,
  toBase64url,
  toHex,
  type Bytes,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import {
  ApplicantRun,
  Circle,
  createJoinCode,
  deviceRecordOf,
  joinQrSecretBytes,
  joinRules,
  joinWayOf,
  logStart,
  receiveAdmission,
  writeJoinQr,
  type Admission,
  type ApplicantRunState,
  type JoinPlace,
  type JoinSecret,
} from '@nokkel/protocol'
import { sessionOf, syncKeys, type JoinState, type LocalKeychain, type ServerApi } from '@nokkel/sync'
import type { CallOptions, JoinTicket } from './facade.ts'
import type { Platform } from './platform.ts'
import { putJoinEnded } from './traces.ts'

const pollMs = 700
/** a QR code is shown anew after two minutes, and taken for a little longer than it is shown (JOIN-11) */
const qrShownMs = 120_000
const qrTakenMs = 150_000
/** with a live channel the poll is only a safety net */
const slowPollMs = 5_000

function pendingIdentity(keychain: LocalKeychain) {
  const { identity } = keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  if (identity.mode === 'trusted') throw new NokkelError('already-trusted')
  if (identity.mode !== 'pending') throw new NokkelError(identity.mode === 'removed' ? 'device-removed' : 'keychain-off')
  return identity
}

/** A new request with a new code; an earlier one of this device is replaced (no ghost requests). */
export async function requestJoin(keychain: LocalKeychain, api: ServerApi, platform: Platform): Promise<JoinTicket> {
  const identity = pendingIdentity(keychain)
  const { join: earlier } = keychain
  const { requestId, expiresMs } = await api.joinCreate(sessionOf(identity), { name: identity.deviceName }).catch((error: unknown) => {
    // let in already, and only the last message was lost: the same code, typed once more, brings it again
    if (isNokkelError(error, 'already-trusted') && earlier !== null) return earlier
    throw error
  })
  if (requestId === earlier?.requestId) return { requestId: earlier.requestId, code: earlier.code, expiresMs }
  const join: JoinState = { requestId: requestId as RequestId, code: createJoinCode(platform.random), expiresMs, failedRuns: 0 }
  await keychain.update((staged) => {
    staged.setJoin(join)
    staged.putState('join-runs', null)
    staged.putState('join-qr', null)
    putJoinEnded(staged, null)
  })
  return { requestId: join.requestId, code: join.code, expiresMs }
}

/** The QR code of the request that waits, to be shown until `expiresMs`; asked again within its time it is the same. */
export async function joinQr(keychain: LocalKeychain, platform: Platform): Promise<{ readonly text: string; readonly expiresMs: number }> {
  const { keys } = pendingIdentity(keychain)
  const { join } = keychain
  if (join === null) throw new NokkelError('request-not-found')
  const nowMs = keychain.nowMs()
  let qr = await readQr(keychain)
  if (qr === null || nowMs < qr.madeMs || nowMs >= qr.madeMs + qrShownMs) {
    qr = { secret: platform.random.bytes(joinQrSecretBytes), madeMs: nowMs }
    const row = encodeCbor([qr.secret, qr.madeMs])
    await keychain.update((staged) => staged.putState('join-qr', row))
  }
  return { text: writeJoinQr(join.requestId, qr.secret, deviceRecordOf(keys)), expiresMs: Math.min(qr.madeMs + qrShownMs, join.expiresMs) }
}

async function readQr(keychain: LocalKeychain): Promise<{ readonly secret: Bytes; readonly madeMs: number } | null> {
  const row = await keychain.store.get('state', 'join-qr')
  if (row === undefined) return null
  const reader = new CborReader([decodeOwnCbor(row)], 'join-qr').tuple()
  return { secret: reader.bytes(joinQrSecretBytes), madeMs: reader.uint() }
}

/** What this device has to know for a run by QR code. One that is shown no longer, or never was, is answered like a wrong one. */
async function qrSecret(keychain: LocalKeychain, platform: Platform): Promise<Bytes> {
  const qr = await readQr(keychain)
  const ageMs = qr === null ? Number.POSITIVE_INFINITY : keychain.nowMs() - qr.madeMs
  return qr !== null && ageMs >= 0 && ageMs < qrTakenMs ? qr.secret : platform.random.bytes(joinQrSecretBytes)
}

export async function withdrawJoin(keychain: LocalKeychain, api: ServerApi): Promise<void> {
  const identity = pendingIdentity(keychain)
  if (keychain.join !== null) await api.joinDecline(sessionOf(identity), keychain.join.requestId).catch(ignoreGone)
  await keychain.update((staged) => {
    staged.setJoin(null)
    staged.putState('join-qr', null)
  })
}

function ignoreGone(error: unknown): void {
  if (!isNokkelError(error, 'request-not-found', 'request-expired')) throw error
}

/** Waits until a trusted device has let this one in; then the circle is verified and stored, and the device is trusted. */
export async function awaitAdmission(keychain: LocalKeychain, api: ServerApi, platform: Platform, options: CallOptions): Promise<void> {
  const stored = await readAdmission(keychain)
  if (stored !== null) return enter(keychain, api, stored)
  const identity = pendingIdentity(keychain)
  const session = sessionOf(identity)
  if (keychain.join === null) throw new NokkelError('request-not-found')
  let wake = () => {}
  let live: { close(): void } | null = null
  try {
    live = await api.live(session, { onEvent: () => wake(), onClose: () => (live = null) }, { signal: options.signal }).catch(() => null)
    for (;;) {
      if (options.signal?.aborted === true) throw new NokkelError('cancelled')
      options.onProgress?.({ phase: 'waiting', done: 0, total: 0 })
      const admission = await answer(keychain, api, platform).catch((error: unknown) => {
        // the network may come and go while the user fetches the other device
        if (isNokkelError(error, 'offline', 'timeout', 'server-unavailable', 'rate-limited')) return null
        throw error
      })
      if (admission !== null) return await enter(keychain, api, admission)
      const hinted = new Promise<void>((resolve) => (wake = resolve))
      await Promise.race([hinted, platform.pause(live === null ? pollMs : slowPollMs, options.signal)])
    }
  } finally {
    live?.close()
  }
}

/** One look at the mailbox: answers new runs, takes an admission when there is one. */
async function answer(keychain: LocalKeychain, api: ServerApi, platform: Platform): Promise<Admission | null> {
  const identity = pendingIdentity(keychain)
  const { join } = keychain
  if (join === null) throw new NokkelError('request-not-found')
  const session = sessionOf(identity)
  const place: JoinPlace = { account: identity.account, request: join.requestId }
  const { request, messages } = await api.joinReceive(session, join.requestId, null)
  if (request.state === 'declined' || request.state === 'expired') {
    const used = request.state === 'declined' && join.failedRuns >= joinRules.runsPerRequest
    await keychain.update((staged) => {
      staged.setJoin(null)
      putJoinEnded(staged, {
        how: used ? 'attempts-used' : request.state === 'declined' ? 'declined' : 'expired',
        timeMs: keychain.nowMs(),
      })
    })
    if (used) throw new NokkelError('code-attempts-used')
    throw new NokkelError(request.state === 'declined' ? 'request-declined' : 'request-expired')
  }
  const runs = await readRuns(keychain)
  const send = (run: string, message2: Bytes) => api.joinSend(session, join.requestId, { run, step: 2, body: toBase64url(message2) })
  for (const message of messages) {
    // our answer was lost on its way: the same once more, or the other side waits for nothing
    const unanswered = messages.some(({ run, step }) => run === message.run && step === 2)
      ? undefined
      : runs.find((run) => toHex(run.run) === message.run)
    if (message.step === 1 && unanswered !== undefined) await send(message.run, unanswered.message2)
    if (message.step === 1 && !runs.some((run) => toHex(run.run) === message.run)) {
      // each run lets the other side test one code: three wrong ones and this code is spent (JOIN-6)
      if (runs.length >= joinRules.runsPerRequest) {
        await withdrawJoin(keychain, api)
        await keychain.update((staged) => putJoinEnded(staged, { how: 'attempts-used', timeMs: keychain.nowMs() }))
        throw new NokkelError('code-attempts-used')
      }
      let run: ApplicantRun
      let secret: JoinSecret
      try {
        const message1 = fromBase64url(message.body)
        secret = joinWayOf(message1) === 'qr' ? await qrSecret(keychain, platform) : join.code
        run = new ApplicantRun(platform.random, place, secret, identity.keys, message1)
      } catch (error) {
        if (isNokkelError(error, 'malformed', 'code-wrong')) continue
        throw error
      }
      if (toHex(run.run) !== message.run) continue
      runs.push({ ...run.state, message2: run.message2 })
      await keychain.update((staged) => {
        staged.putState('join-runs', encodeRuns(runs))
        // a QR code is good for one run, and so is whatever was seen of it
        if (typeof secret !== 'string') staged.putState('join-qr', null)
        staged.setJoin({ ...join, failedRuns: runs.length })
      })
      await send(message.run, run.message2)
    }
    if (message.step === 3) {
      const run = runs.find((known) => toHex(known.run) === message.run)
      if (run === undefined) continue
      try {
        const admission = receiveAdmission(run, fromBase64url(message.body))
        // the approver's circle must be the one that belongs to the password (SIG-5)
        if (!equalBytes(run.genesisHash, identity.genesisHash)) throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
        await keychain.update((staged) => staged.putState('admission', encodeAdmission(admission)))
        return admission
      } catch (error) {
        if (!isNokkelError(error, 'code-wrong', 'malformed', 'open-failed')) throw error
      }
    }
  }
  return null
}

/** Verifies the circle against what the approver vouched for and becomes trusted (JOIN-8). */
async function enter(keychain: LocalKeychain, api: ServerApi, admission: Admission): Promise<void> {
  const { identity } = keychain
  if (identity === null || identity.mode === 'trusted') return
  const session = sessionOf(identity)
  const entries = await api.circle(session, -1)
  const circle = Circle.replay(entries)
  const vouched = circle.hashAt(admission.circleSeq)
  if (!equalBytes(circle.genesisHash, identity.genesisHash)) throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
  if (vouched === undefined) throw new NokkelError('circle-rolled-back', { seq: admission.circleSeq })
  if (!equalBytes(vouched, admission.circleHead)) throw new NokkelError('circle-forked', { seq: admission.circleSeq })
  const self = circle.devices.get(identity.keys.id)
  if (self?.status !== 'active' || !equalBytes(self.signKey, identity.keys.sign.publicKey)) throw new NokkelError('join-failed')
  const vault = [...circle.vaults.keys()][0]
  if (vault === undefined) throw new NokkelError('join-failed')
  await keychain.update((staged) => {
    staged.setIdentity({ ...identity, mode: 'trusted' })
    staged.setCircle(circle, entries)
    staged.setLog({ vault, ...logStart(circle), incarnation: null, lastSyncMs: null })
    staged.setJoin(null)
    staged.putState('join-runs', null)
    staged.putState('join-qr', null)
  })
  await syncKeys(keychain, api, session, circle)
}

function encodeAdmission(admission: Admission): Bytes {
  return encodeCbor([admission.circleSeq, admission.circleHead, admission.logs.map((log) => [idToBytes(log.vault), log.seq, log.hash])])
}

/** What an approver vouched for, until the first pull has passed it. */
export async function readAdmission(keychain: LocalKeychain): Promise<Admission | null> {
  const row = await keychain.store.get('state', 'admission')
  if (row === undefined) return null
  const reader = new CborReader(decodeOwnCbor(row), 'admission')
  return {
    circleSeq: reader.uint(),
    circleHead: reader.bytes(32),
    logs: reader.list(50, (parent) => {
      const inner = parent.tuple()
      return { vault: readId<VaultId>(inner), seq: inner.uint(), hash: inner.bytes(32) }
    }),
  }
}

/** A run that was answered, with the answer itself. */
interface KeptRun extends ApplicantRunState {
  readonly message2: Bytes
}

function encodeRuns(runs: readonly KeptRun[]): Bytes {
  return encodeCbor(runs.map((run) => [run.run, run.key.reveal(), run.expectedConfirmation, run.genesisHash, run.message2]))
}

async function readRuns(keychain: LocalKeychain): Promise<KeptRun[]> {
  const row = await keychain.store.get('state', 'join-runs')
  if (row === undefined) return []
  return new CborReader([decodeOwnCbor(row)], 'join-runs').list(joinRules.runsPerRequest, (parent) => {
    const inner = parent.tuple()
    return {
      run: inner.bytes(16),
      key: new Secret(inner.bytes(64)),
      expectedConfirmation: inner.bytes(64),
      genesisHash: inner.bytes(32),
      message2: inner.bytesUpTo(Number.MAX_SAFE_INTEGER),
    }
  })
}
