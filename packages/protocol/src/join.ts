/**
 * Approval of a new device (SPEC JOIN-1 … JOIN-11). The new device (applicant) shows six digits, which the user types on a trusted device
 * (approver), or a QR code, which that device scans. Three messages through the server, which sees neither secret nor anything derived from it:
 *   1 approver -> applicant  [way, run, Ya, ADa]
 *   2 applicant -> approver  [Yb, ADb, confirmation b, seal(device record, reverse signature)]
 *   3 approver -> applicant  [confirmation a, seal(circle head, log ends)]   after the ADD entry is in the circle
 * The approver acts only after the applicant has proved that it knows the secret. An active attacker tests one code per run; both sides count runs.
 */
import {
  concatBytes,
  encodeCbor,
  CborReader,
  idToBytes,
  NokkelError,
  randomBelow,
  readId,
  toHex,
  type Secret,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type Random,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import {
  checkConfirmation,
  cpaceMacBytes,
  cpaceShareBytes,
  deriveSecret,
  finishCpace,
  openOnce,
  sealOnce,
  sha256,
  startCpace,
  type CpaceContext,
  type CpaceKeys,
  type CpaceStarted,
} from '@nokkel/crypto'
import { deviceRecordOf, type DeviceKeys } from './keys.ts'
import { makeReverseSignature } from './make-entry.ts'
import { deviceRecordToCbor, readDeviceRecord, type DeviceRecord } from './wire/device-record.ts'
import type { LogPosition } from './wire/batch.ts'
import { formatVersion, labels } from './wire/labels.ts'
import { limits } from './wire/limits.ts'

const codeSpace = 1_000_000
const runBytes = 16

/** Uniform in 000000 … 999999. */
export function createJoinCode(random: Random): string {
  return randomBelow(random, codeSpace).toString().padStart(6, '0')
}

export interface JoinPlace {
  readonly account: AccountId
  readonly request: RequestId
}

/** What one side shows and the other takes in: six digits that are typed, or the secret in a QR code (JOIN-11). */
export type JoinSecret = string | Uint8Array
export type JoinWay = 'code' | 'qr'

/** first element of message 1 */
const wayNumbers: Readonly<Record<JoinWay, number>> = { code: 1, qr: 2 }
const wayLabels: Readonly<Record<JoinWay, string>> = { code: labels.join, qr: labels.joinQr }

function wayOf(secret: JoinSecret): JoinWay {
  return typeof secret === 'string' ? 'code' : 'qr'
}

function cpaceContext(place: JoinPlace, run: Uint8Array, secret: JoinSecret): CpaceContext {
  return {
    code: typeof secret === 'string' ? secret : toHex(secret),
    session: run,
    channel: encodeCbor([wayLabels[wayOf(secret)], idToBytes(place.account), idToBytes(place.request)]),
  }
}

/** Which secret message 1 asks for; what follows is not looked at. Throws `malformed`. */
export function joinWayOf(message1: Uint8Array): JoinWay {
  return readWay(CborReader.decode(message1, limits.joinMessageBytes, 'join'))
}

function readWay(reader: CborReader): JoinWay {
  return reader.uint(wayNumbers.qr, wayNumbers.code) === wayNumbers.code ? 'code' : 'qr'
}

/** What the approver says of itself in message 1, authenticated by the code exchange. */
export interface ApproverData {
  readonly device: DeviceId
  readonly circleSeq: number
  readonly circleHead: Bytes
  readonly genesisHash: Bytes
}

function approverDataToCbor(data: ApproverData): Bytes {
  return encodeCbor([idToBytes(data.device), data.circleSeq, data.circleHead, data.genesisHash])
}

/** What the applicant learns at the end: the circle and logs must contain exactly these points. */
export interface Admission {
  readonly circleSeq: number
  readonly circleHead: Bytes
  readonly logs: readonly (LogPosition & { readonly vault: VaultId })[]
}

const directionKeys = { applicant: 'nk/1/join/applicant', approver: 'nk/1/join/approver' } as const

function sealFrom(side: keyof typeof directionKeys, keys: CpaceKeys, value: CborValue): Bytes {
  return sealOnce(
    deriveSecret(keys.key, directionKeys[side]).reveal(),
    encodeCbor([formatVersion, labels.joinMessage, side]),
    encodeCbor(value),
  )
}

function openFromSide(side: keyof typeof directionKeys, keys: CpaceKeys, sealed: Uint8Array): CborReader {
  const plaintext = openOnce(
    deriveSecret(keys.key, directionKeys[side]).reveal(),
    encodeCbor([formatVersion, labels.joinMessage, side]),
    sealed,
  )
  return CborReader.decode(plaintext, limits.joinMessageBytes, 'join')
}

/** Approver's side of one run. */
export class ApproverRun {
  readonly #context: CpaceContext
  readonly #started: CpaceStarted
  readonly #data: Bytes
  readonly #way: JoinWay
  #keys: CpaceKeys | null = null
  readonly run: Bytes
  readonly message1: Bytes

  constructor(random: Random, place: JoinPlace, secret: JoinSecret, data: ApproverData) {
    this.run = random.bytes(runBytes)
    this.#way = wayOf(secret)
    this.#context = cpaceContext(place, this.run, secret)
    this.#started = startCpace(random, this.#context)
    this.#data = approverDataToCbor(data)
    this.message1 = encodeCbor([wayNumbers[wayOf(secret)], this.run, this.#started.share, this.#data])
  }

  /** Throws `code-wrong` unless the applicant knows the code; only then do its keys mean anything. */
  receive2(
    message: Uint8Array,
    account: AccountId,
  ): { readonly device: DeviceRecord; readonly transcriptHash: Bytes; readonly reverseSignature: Bytes } {
    const reader = CborReader.decode(message, limits.joinMessageBytes, 'join')
    reader.literal(formatVersion)
    const responderShare = reader.bytes(cpaceShareBytes)
    const responderData = reader.bytesUpTo(64)
    const confirmation = reader.bytes(cpaceMacBytes)
    const sealed = reader.bytesUpTo(limits.joinMessageBytes)
    reader.end()
    const transcript = { initiatorShare: this.#started.share, initiatorData: this.#data, responderShare, responderData }
    const keys = finishCpace('initiator', this.#started, this.#context, transcript)
    checkConfirmation(keys, confirmation)
    const inner = openFromSide('applicant', keys, sealed)
    const device = readDeviceRecord(inner)
    const reverseSignature = inner.bytes(64)
    inner.end()
    this.#keys = keys
    return { device, reverseSignature, transcriptHash: transcriptHash(this.#way, account, this.run, transcript) }
  }

  /** Only after the ADD entry was accepted. */
  message3(admission: Admission): Bytes {
    if (this.#keys === null) throw new NokkelError('join-failed')
    const sealed = sealFrom('approver', this.#keys, [
      admission.circleSeq,
      admission.circleHead,
      admission.logs.map((log) => [idToBytes(log.vault), log.seq, log.hash]),
    ])
    return encodeCbor([formatVersion, this.#keys.confirmation, sealed])
  }
}

/** What an applicant keeps of a run across a restart; sealed in its store. */
export interface ApplicantRunState {
  readonly run: Bytes
  readonly key: Secret
  readonly expectedConfirmation: Bytes
  readonly genesisHash: Bytes
}

/** Opens message 3. Throws `code-wrong`: the approver did not know the code, so nothing that it said counts. */
export function receiveAdmission(state: ApplicantRunState, message: Uint8Array): Admission {
  const reader = CborReader.decode(message, limits.joinMessageBytes, 'join')
  reader.literal(formatVersion)
  const confirmation = reader.bytes(cpaceMacBytes)
  const sealed = reader.bytesUpTo(limits.joinMessageBytes)
  reader.end()
  const keys: CpaceKeys = { key: state.key, expectedConfirmation: state.expectedConfirmation, confirmation: new Uint8Array(0) }
  checkConfirmation(keys, confirmation)
  const inner = openFromSide('approver', keys, sealed)
  const admission = {
    circleSeq: inner.uint(limits.circleEntries),
    circleHead: inner.bytes(32),
    logs: inner.list(limits.vaults, (parent) => {
      const log = parent.tuple()
      const position = { vault: readId<VaultId>(log), seq: log.uint(), hash: log.bytes(32) }
      log.end()
      return position
    }),
  }
  inner.end()
  return admission
}

/** Applicant's side of one run. */
export class ApplicantRun {
  readonly #keys: CpaceKeys
  readonly run: Bytes
  readonly message2: Bytes
  /** as the approver claims; believed only after `receiveAdmission` */
  readonly approver: ApproverData

  /** Throws `malformed` for a message of the other way. */
  constructor(random: Random, place: JoinPlace, secret: JoinSecret, device: DeviceKeys, message1: Uint8Array) {
    const reader = CborReader.decode(message1, limits.joinMessageBytes, 'join')
    if (readWay(reader) !== wayOf(secret)) throw new NokkelError('malformed', { what: 'join' })
    this.run = reader.bytes(runBytes)
    const initiatorShare = reader.bytes(cpaceShareBytes)
    const initiatorData = reader.bytesUpTo(256)
    reader.end()
    const data = CborReader.decode(initiatorData, 256, 'join')
    this.approver = {
      device: readId<DeviceId>(data),
      circleSeq: data.uint(limits.circleEntries),
      circleHead: data.bytes(32),
      genesisHash: data.bytes(32),
    }
    data.end()
    const context = cpaceContext(place, this.run, secret)
    const started = startCpace(random, context)
    const responderData = encodeCbor([idToBytes(device.id)])
    const transcript = { initiatorShare, initiatorData, responderShare: started.share, responderData }
    this.#keys = finishCpace('responder', started, context, transcript)
    const reverseSignature = makeReverseSignature(place.account, device, transcriptHash(wayOf(secret), place.account, this.run, transcript))
    const sealed = sealFrom('applicant', this.#keys, [deviceRecordToCbor(deviceRecordOf(device)), reverseSignature])
    this.message2 = encodeCbor([formatVersion, started.share, responderData, this.#keys.confirmation, sealed])
  }

  /** To be stored before message 2 leaves: message 3 may come when this process is gone. */
  get state(): ApplicantRunState {
    return {
      run: this.run,
      key: this.#keys.key,
      expectedConfirmation: this.#keys.expectedConfirmation,
      genesisHash: this.approver.genesisHash,
    }
  }
}

function transcriptHash(
  way: JoinWay,
  account: AccountId,
  run: Uint8Array,
  transcript: {
    readonly initiatorShare: Uint8Array
    readonly initiatorData: Uint8Array
    readonly responderShare: Uint8Array
    readonly responderData: Uint8Array
  },
): Bytes {
  return sha256(
    concatBytes(
      encodeCbor([
        wayLabels[way],
        idToBytes(account),
        run,
        transcript.initiatorShare,
        transcript.initiatorData,
        transcript.responderShare,
        transcript.responderData,
      ]),
    ),
  )
}
