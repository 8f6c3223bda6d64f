/** `vectors/join.json`: one approval by code and one by QR code, message by message, and what must lead nowhere (JOIN-1 … JOIN-11). */
import {
  encodeCbor,
  fromHex,
  newId,
  parseId,
  Secret,
  toHex,
  type AccountId,
  type Bytes,
  type DeviceId,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import {
  ApplicantRun,
  ApproverRun,
  createJoinCode,
  deviceRecordOf,
  isPinned,
  readJoinQr,
  receiveAdmission,
  writeJoinQr,
  type Admission,
  type ApplicantRunState,
  type JoinPlace,
  type JoinSecret,
} from '@nokkel/protocol'
import { expect } from 'vitest'
import { fromJsonDevice, makeDevice, toJsonDevice, type JsonDevice } from './devices.ts'
import { encodeTree, flip, ListedRandom, refusalOf, treeOf, type Need, type Refused, type Suite, type Tree } from './format.ts'

interface JsonAdmission {
  readonly circleSeq: number
  readonly circleHead: string
  readonly logs: readonly { readonly vault: string; readonly seq: number; readonly hash: string }[]
}

interface JoinSuite extends Suite {
  readonly account: string
  readonly request: string
  readonly code: string
  readonly applicant: JsonDevice
  readonly approver: { readonly device: string; readonly circleSeq: number; readonly circleHead: string; readonly genesisHash: string }
  /** the run's id, then 64 bytes from which the scalar is reduced */
  readonly approverRandom: readonly string[]
  readonly applicantRandom: readonly string[]
  readonly accept: {
    readonly message1: string
    readonly message2: string
    readonly message3: string
    /** CPace's session key, from which both directions are derived */
    readonly sessionKey: string
    readonly expectedConfirmation: string
    readonly transcriptHash: string
    readonly reverseSignature: string
    readonly admission: JsonAdmission
  }
  /** the same two devices and random bytes, by QR code */
  readonly qr: {
    readonly secret: string
    readonly pin: string
    readonly text: string
    readonly message1: string
    readonly message2: string
    readonly message3: string
    readonly sessionKey: string
    readonly expectedConfirmation: string
    readonly transcriptHash: string
    /** texts that are no such QR code */
    readonly refuse: readonly string[]
  }
  readonly codes: readonly { readonly random: readonly string[]; readonly code: string }[]
  /** `to` says who must refuse it; message 1 goes to the applicant, 2 to the approver, 3 to the applicant */
  readonly refuse: readonly (Refused & { readonly to: 'applicant-1' | 'approver-2' | 'applicant-3'; readonly message: string })[]
}

const admissionOf = (admission: Admission): JsonAdmission => ({
  circleSeq: admission.circleSeq,
  circleHead: toHex(admission.circleHead),
  logs: admission.logs.map(({ vault, seq, hash }) => ({ vault, seq, hash: toHex(hash) })),
})
const fromJsonAdmission = (admission: JsonAdmission): Admission => ({
  circleSeq: admission.circleSeq,
  circleHead: fromHex(admission.circleHead),
  logs: admission.logs.map(({ vault, seq, hash }) => ({ vault: parseId<VaultId>(vault), seq, hash: fromHex(hash) })),
})

function placeOf(suite: Pick<JoinSuite, 'account' | 'request'>): JoinPlace {
  return { account: parseId<AccountId>(suite.account), request: parseId<RequestId>(suite.request) }
}

function approverRun(suite: JoinSuite, code: JoinSecret = suite.code): ApproverRun {
  const { device, circleSeq, circleHead, genesisHash } = suite.approver
  return new ApproverRun(new ListedRandom(suite.approverRandom), placeOf(suite), code, {
    device: parseId<DeviceId>(device),
    circleSeq,
    circleHead: fromHex(circleHead),
    genesisHash: fromHex(genesisHash),
  })
}

function applicantRun(suite: JoinSuite, message1: Bytes, code: JoinSecret = suite.code, place = placeOf(suite)): ApplicantRun {
  return new ApplicantRun(new ListedRandom(suite.applicantRandom), place, code, fromJsonDevice(suite.applicant), message1)
}

function stateOf(suite: JoinSuite): ApplicantRunState {
  const [run = ''] = suite.approverRandom
  return {
    run: fromHex(run),
    key: new Secret(fromHex(suite.accept.sessionKey)),
    expectedConfirmation: fromHex(suite.accept.expectedConfirmation),
    genesisHash: fromHex(suite.approver.genesisHash),
  }
}

export function build(): JoinSuite {
  const random = new SeededRandom(606)
  const applicant = makeDevice(random, 'web')
  const logs = [{ vault: newId<VaultId>(random) as string, seq: 12, hash: toHex(random.bytes(32)) }]
  const start = {
    account: newId<AccountId>(random) as string,
    request: newId<RequestId>(random) as string,
    code: '031337',
    applicant: toJsonDevice(applicant),
    approver: {
      device: newId<DeviceId>(random) as string,
      circleSeq: 4,
      circleHead: toHex(random.bytes(32)),
      genesisHash: toHex(random.bytes(32)),
    },
    approverRandom: [toHex(random.bytes(16)), toHex(random.bytes(64))],
    applicantRandom: [toHex(random.bytes(64))],
  }
  const secret = new SeededRandom(607).bytes(32)
  const admission: JsonAdmission = { circleSeq: 5, circleHead: toHex(random.bytes(32)), logs }
  const suite: JoinSuite = {
    about:
      'One run of the code exchange with every value on the way, and messages that must be refused. All random bytes are listed in the order in which they are drawn; a scalar is 64 of them, little-endian, modulo the group order.',
    rules: ['JOIN-1', 'JOIN-2', 'JOIN-3', 'JOIN-4', 'JOIN-5', 'JOIN-7', 'JOIN-8', 'JOIN-11'],
    ...start,
    accept: {
      message1: '',
      message2: '',
      message3: '',
      sessionKey: '',
      expectedConfirmation: '',
      transcriptHash: '',
      reverseSignature: '',
      admission,
    },
    qr: {
      secret: '',
      pin: '',
      text: '',
      message1: '',
      message2: '',
      message3: '',
      sessionKey: '',
      expectedConfirmation: '',
      transcriptHash: '',
      refuse: [],
    },
    codes: [
      { random: ['00000000'], code: '000000' },
      { random: ['00000001'], code: '000001' },
      { random: ['000f423f'], code: '999999' },
      { random: ['000f4240'], code: '000000' },
      // 2^32 = 4294 * 1000000 + 967296: numbers from 4294000000 on are drawn again, or small codes would come more often
      { random: ['fff13d80', '000003e7'], code: '000999' },
    ],
    refuse: [],
  }
  const approver = approverRun(suite)
  const answer = applicantRun(suite, approver.message1)
  const received = approver.receive2(answer.message2, placeOf(suite).account)
  const accept = {
    message1: toHex(approver.message1),
    message2: toHex(answer.message2),
    message3: toHex(approver.message3(fromJsonAdmission(admission))),
    sessionKey: toHex(answer.state.key.reveal()),
    expectedConfirmation: toHex(answer.state.expectedConfirmation),
    transcriptHash: toHex(received.transcriptHash),
    reverseSignature: toHex(received.reverseSignature),
    admission,
  }
  const scanning = approverRun(suite, secret)
  const shown = applicantRun(suite, scanning.message1, secret)
  const byQr = scanning.receive2(shown.message2, placeOf(suite).account)
  const text = writeJoinQr(placeOf(suite).request, secret, deviceRecordOf(applicant))
  const qr = {
    secret: toHex(secret),
    pin: toHex(readJoinQr(text).pin),
    text,
    message1: toHex(scanning.message1),
    message2: toHex(shown.message2),
    message3: toHex(scanning.message3(fromJsonAdmission(admission))),
    sessionKey: toHex(shown.state.key.reveal()),
    expectedConfirmation: toHex(shown.state.expectedConfirmation),
    transcriptHash: toHex(byQr.transcriptHash),
    refuse: ['', text.slice(0, -2), `${text}00`, text.toLowerCase(), text.replace('NOKKEL1', 'NOKKEL2'), `${text} `],
  }
  const refuse: JoinSuite['refuse'][number][] = []
  const add = (to: JoinSuite['refuse'][number]['to'], name: string, message: Bytes, code: string, needs?: Need) =>
    refuse.push({ name, to, message: toHex(message), refuse: { code }, ...(needs === undefined ? {} : { needs }) })
  const changed = (
    to: JoinSuite['refuse'][number]['to'],
    name: string,
    message: string,
    change: (tree: Tree) => void,
    code: string,
    needs?: Need,
  ) => {
    const tree = treeOf(fromHex(message))
    change(tree)
    add(to, name, encodeTree(tree), code, needs)
  }
  const bit = (tree: Tree, place: number, index: number) => (tree[place] = flip(tree[place] as Bytes, index))
  const identity = new Uint8Array(32)
  const first = 'applicant-1'
  changed(first, 'message 1: by QR code, where the digits are meant', accept.message1, (tree) => (tree[0] = 2), 'malformed')
  changed(first, 'message 1: a third way', accept.message1, (tree) => (tree[0] = 3), 'malformed')
  changed(first, 'message 1: a run of 15 bytes', accept.message1, (tree) => (tree[1] = new Uint8Array(15)), 'malformed')
  changed(first, 'message 1: a share of 31 bytes', accept.message1, (tree) => (tree[2] = new Uint8Array(31)), 'malformed')
  changed(first, 'message 1: the neutral element', accept.message1, (tree) => (tree[2] = identity), 'code-wrong')
  changed(
    first,
    'message 1: a share that is no element',
    accept.message1,
    (tree) => (tree[2] = new Uint8Array(32).fill(255)),
    'code-wrong',
    'group',
  )
  changed(first, 'message 1: data that is no CBOR', accept.message1, (tree) => (tree[3] = new Uint8Array([255])), 'malformed')
  changed(
    first,
    'message 1: data with an element too many',
    accept.message1,
    (tree) => (tree[3] = encodeTree([...treeOf(tree[3] as Bytes), 0])),
    'malformed',
  )
  changed(first, 'message 1: data longer than 256 bytes', accept.message1, (tree) => (tree[3] = new Uint8Array(257)), 'malformed')
  changed(first, 'message 1: an element too many', accept.message1, (tree) => tree.push(0), 'malformed')
  add(first, 'message 1: nothing', encodeCbor([]), 'malformed')

  const second = 'approver-2'
  add(second, 'message 2: by somebody with another code', applicantRun(suite, approver.message1, '031338').message2, 'code-wrong', 'group')
  const otherPlace = { ...placeOf(suite), request: newId<RequestId>(random) }
  add(
    second,
    'message 2: for another request',
    applicantRun(suite, approver.message1, suite.code, otherPlace).message2,
    'code-wrong',
    'group',
  )
  const otherAccount = { ...placeOf(suite), account: newId<AccountId>(random) }
  add(
    second,
    'message 2: for another account',
    applicantRun(suite, approver.message1, suite.code, otherAccount).message2,
    'code-wrong',
    'group',
  )
  changed(
    second,
    'message 2: the approver’s own share',
    accept.message2,
    (tree) => (tree[1] = treeOf(approver.message1)[2] ?? null),
    'code-wrong',
  )
  changed(second, 'message 2: the neutral element', accept.message2, (tree) => (tree[1] = identity), 'code-wrong')
  changed(second, 'message 2: other data', accept.message2, (tree) => bit(tree, 2, -1), 'code-wrong', 'group')
  changed(second, 'message 2: a bit of the confirmation turned over', accept.message2, (tree) => bit(tree, 3, 0), 'code-wrong', 'group')
  changed(second, 'message 2: a bit of the sealed part turned over', accept.message2, (tree) => bit(tree, 4, 0), 'open-failed', 'aead')
  changed(second, 'message 2: version 2', accept.message2, (tree) => (tree[0] = 2), 'malformed')
  changed(second, 'message 2: a confirmation of 63 bytes', accept.message2, (tree) => (tree[3] = new Uint8Array(63)), 'malformed')
  changed(second, 'message 2: data longer than 64 bytes', accept.message2, (tree) => (tree[2] = new Uint8Array(65)), 'malformed')
  changed(second, 'message 2: an element too many', accept.message2, (tree) => tree.push(0), 'malformed')

  const third = 'applicant-3'
  changed(third, 'message 3: a bit of the confirmation turned over', accept.message3, (tree) => bit(tree, 1, 0), 'code-wrong')
  changed(
    third,
    'message 3: the applicant’s own confirmation',
    accept.message3,
    (tree) => (tree[1] = treeOf(answer.message2)[3] ?? null),
    'code-wrong',
  )
  changed(third, 'message 3: a bit of the sealed part turned over', accept.message3, (tree) => bit(tree, 2, -1), 'open-failed', 'aead')
  changed(
    third,
    'message 3: what the applicant sealed',
    accept.message3,
    (tree) => (tree[2] = treeOf(answer.message2)[4] ?? null),
    'open-failed',
    'aead',
  )
  changed(third, 'message 3: version 2', accept.message3, (tree) => (tree[0] = 2), 'malformed')
  changed(third, 'message 3: a confirmation of 65 bytes', accept.message3, (tree) => (tree[1] = new Uint8Array(65)), 'malformed')
  changed(third, 'message 3: an element too many', accept.message3, (tree) => tree.push(0), 'malformed')
  add(third, 'message 3: message 2 sent back', answer.message2, 'malformed')
  add(third, 'message 3: bytes after it', new Uint8Array([...fromHex(accept.message3), 0]), 'malformed')
  add(third, 'message 3: longer than 16,384 bytes', new Uint8Array(16_385), 'too-large')
  const turned = applicantRun(suite, encodeTree([1, ...treeOf(scanning.message1).slice(1)]), toHex(secret))
  add(second, 'message 2: to the first message of a QR code, turned into one for digits', turned.message2, 'code-wrong', 'group')
  return { ...suite, accept, qr, refuse }
}

export function check(suite: JoinSuite): number {
  const { accept } = suite
  const approver = approverRun(suite)
  expect(toHex(approver.message1)).toBe(accept.message1)
  const applicant = applicantRun(suite, fromHex(accept.message1))
  expect(toHex(applicant.message2)).toBe(accept.message2)
  expect([toHex(applicant.state.key.reveal()), toHex(applicant.state.expectedConfirmation)]).toEqual([
    accept.sessionKey,
    accept.expectedConfirmation,
  ])
  const received = approver.receive2(fromHex(accept.message2), placeOf(suite).account)
  expect(received.device).toEqual(deviceRecordOf(fromJsonDevice(suite.applicant)))
  expect([toHex(received.transcriptHash), toHex(received.reverseSignature)]).toEqual([accept.transcriptHash, accept.reverseSignature])
  expect(toHex(approver.message3(fromJsonAdmission(accept.admission)))).toBe(accept.message3)
  expect(admissionOf(receiveAdmission(stateOf(suite), fromHex(accept.message3)))).toEqual(accept.admission)
  const { qr } = suite
  const secret = fromHex(qr.secret)
  const scanning = approverRun(suite, secret)
  const shown = applicantRun(suite, fromHex(qr.message1), secret)
  expect([toHex(scanning.message1), toHex(shown.message2)]).toEqual([qr.message1, qr.message2])
  expect([toHex(shown.state.key.reveal()), toHex(shown.state.expectedConfirmation)]).toEqual([qr.sessionKey, qr.expectedConfirmation])
  const byQr = scanning.receive2(fromHex(qr.message2), placeOf(suite).account)
  expect(toHex(byQr.transcriptHash)).toBe(qr.transcriptHash)
  expect(toHex(scanning.message3(fromJsonAdmission(accept.admission)))).toBe(qr.message3)
  expect(isPinned(readJoinQr(qr.text), byQr.device)).toBe(true)
  expect(readJoinQr(qr.text)).toEqual({ request: suite.request, secret, pin: fromHex(qr.pin) })
  for (const text of qr.refuse)
    expect(
      refusalOf(() => readJoinQr(text)),
      text,
    ).toEqual({ code: 'qr-invalid' })
  for (const { random, code } of suite.codes) expect(createJoinCode(new ListedRandom(random))).toBe(code)
  for (const { name, to, message, refuse } of suite.refuse) {
    const bytes = fromHex(message)
    const receive = {
      'applicant-1': () => applicantRun(suite, bytes),
      'approver-2': () => approverRun(suite).receive2(bytes, placeOf(suite).account),
      'applicant-3': () => receiveAdmission(stateOf(suite), bytes),
    }[to]
    expect(refusalOf(receive), name).toEqual(refuse)
  }
  return 6 + qr.refuse.length + suite.codes.length + suite.refuse.length
}
