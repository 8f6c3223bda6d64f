/** `vectors/request.json`: what a device signs for a request (API-5) and at sign-in (SIG-4), and requests that the proof does not fit. */
import { fromHex, newId, parseId, toBase64url, toHex, utf8, type AccountId, type DeviceId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { sign, signedMessage, verifySignature } from '@nokkel/crypto'
import { labels, requestProofBody, signInProofBody, type RequestProof } from '@nokkel/protocol'
import { expect } from 'vitest'
import { fromJsonDevice, makeDevice, toJsonDevice, type JsonDevice } from './devices.ts'
import type { Suite } from './format.ts'

interface JsonRequest {
  readonly method: string
  readonly target: string
  readonly timeMs: number
  readonly body: string
  readonly token: string
}
interface JsonSignIn {
  readonly loginId: string
  readonly account: string
  readonly device: string
  readonly finishLoginRequest: string
}

interface RequestSuite extends Suite {
  readonly device: JsonDevice
  readonly accept: readonly {
    readonly name: string
    readonly request: JsonRequest
    readonly signed: string
    readonly message: string
    readonly header: string
  }[]
  /** the header of the first case must not fit these */
  readonly refuse: readonly { readonly name: string; readonly request: JsonRequest; readonly signed: string }[]
  readonly signIn: {
    readonly accept: JsonSignIn & { readonly signed: string; readonly message: string; readonly proof: string }
    readonly refuse: readonly (JsonSignIn & { readonly name: string; readonly signed: string })[]
  }
}

const fromJsonRequest = (request: JsonRequest): RequestProof => ({ ...request, body: fromHex(request.body) })
const signInBody = ({ loginId, account, device, finishLoginRequest }: JsonSignIn) =>
  signInProofBody(fromHex(loginId), fromHex(account), fromHex(device), finishLoginRequest)

export function build(): RequestSuite {
  const random = new SeededRandom(707)
  const keys = makeDevice(random)
  const token = toBase64url(random.bytes(32))
  const timeMs = 1_760_000_000_000
  const request: JsonRequest = { method: 'POST', target: '/v1/join', timeMs, body: toHex(utf8('{"name":"Mac på kjøkkenet"}')), token }
  const proven = (name: string, proof: JsonRequest) => {
    const body = requestProofBody(fromJsonRequest(proof))
    return {
      name,
      request: proof,
      signed: toHex(body),
      message: toHex(signedMessage(labels.request, body)),
      header: `${proof.timeMs}.${toBase64url(sign(keys.sign, labels.request, body))}`,
    }
  }
  const other = (name: string, change: Partial<JsonRequest>) => ({
    name,
    request: { ...request, ...change },
    signed: toHex(requestProofBody(fromJsonRequest({ ...request, ...change }))),
  })
  const signIn: JsonSignIn = {
    loginId: toHex(random.bytes(16)),
    account: newId<AccountId>(random),
    device: keys.id,
    finishLoginRequest: toBase64url(random.bytes(64)),
  }
  const body = signInBody(signIn)
  const otherSignIn = (name: string, change: Partial<JsonSignIn>) => ({
    name,
    ...signIn,
    ...change,
    signed: toHex(signInBody({ ...signIn, ...change })),
  })
  return {
    about:
      '"signed" is the body that the signature covers, "message" what goes into Ed25519, "header" the value of nokkel-proof. Under "refuse" the same header stands on another request.',
    rules: ['API-5', 'SIG-4', 'ENC-5'],
    device: toJsonDevice(keys),
    accept: [
      proven('a request with a body', request),
      proven('no body', { ...request, method: 'DELETE', target: `/v1/join/${newId<DeviceId>(random)}`, body: '' }),
      proven('a query', { ...request, target: '/v1/join?x=1', timeMs: 0 }),
    ],
    refuse: [
      other('another method', { method: 'PUT' }),
      other('another path', { target: '/v1/joi' }),
      other('a query added', { target: '/v1/join?' }),
      other('a millisecond later', { timeMs: timeMs + 1 }),
      other('a millisecond earlier', { timeMs: timeMs - 1 }),
      other('another body', { body: toHex(utf8('{"name":"Mac"}')) }),
      other('no body', { body: '' }),
      other('a byte more in the body', { body: `${request.body}0a` }),
      other('another token', { token: toBase64url(random.bytes(32)) }),
      other('no token', { token: '' }),
    ],
    signIn: {
      accept: {
        ...signIn,
        signed: toHex(body),
        message: toHex(signedMessage(labels.signIn, body)),
        proof: toBase64url(sign(keys.sign, labels.signIn, body)),
      },
      refuse: [
        otherSignIn('another sign-in', { loginId: toHex(random.bytes(16)) }),
        otherSignIn('another account', { account: toHex(random.bytes(16)) }),
        otherSignIn('another device', { device: toHex(random.bytes(16)) }),
        otherSignIn('another last message', { finishLoginRequest: toBase64url(random.bytes(64)) }),
      ],
    },
  }
}

export function check(suite: RequestSuite): number {
  const keys = fromJsonDevice(suite.device)
  const { publicKey } = keys.sign
  const [first] = suite.accept
  if (first === undefined) throw new TypeError('no case')
  const signatureOf = (header: string) => fromHex(toHex(Buffer.from(header.split('.')[1] ?? '', 'base64url')))
  for (const { name, request, signed, message, header } of suite.accept) {
    const body = requestProofBody(fromJsonRequest(request))
    expect([toHex(body), toHex(signedMessage(labels.request, body))], name).toEqual([signed, message])
    expect(`${request.timeMs}.${toBase64url(sign(keys.sign, labels.request, body))}`, name).toBe(header)
    expect(verifySignature(publicKey, labels.request, body, signatureOf(header)), name).toBe(true)
    // a proof of a request is no proof of a sign-in, nor an entry of the circle
    for (const label of [labels.signIn, labels.circleEntry])
      expect(verifySignature(publicKey, label, body, signatureOf(header)), name).toBe(false)
  }
  for (const { name, request, signed } of suite.refuse) {
    const body = requestProofBody(fromJsonRequest(request))
    expect(toHex(body), name).toBe(signed)
    expect(verifySignature(publicKey, labels.request, body, signatureOf(first.header)), name).toBe(false)
  }
  const { accept, refuse } = suite.signIn
  expect(parseId<DeviceId>(accept.device)).toBe(keys.id)
  const proof = new Uint8Array(Buffer.from(accept.proof, 'base64url'))
  expect([toHex(signInBody(accept)), toHex(signedMessage(labels.signIn, signInBody(accept)))]).toEqual([accept.signed, accept.message])
  expect(verifySignature(publicKey, labels.signIn, signInBody(accept), proof)).toBe(true)
  for (const one of refuse) {
    expect(toHex(signInBody(one)), one.name).toBe(one.signed)
    expect(verifySignature(publicKey, labels.signIn, signInBody(one), proof), one.name).toBe(false)
  }
  return suite.accept.length + suite.refuse.length + 1 + refuse.length
}
