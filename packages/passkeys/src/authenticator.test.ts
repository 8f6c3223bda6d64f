import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { concatBytes, fromBase64url, fromHex, toBase64url, toHex, utf8Decode, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { describe, expect, it } from 'vitest'
import { answerWithPasskey } from './answer-with-passkey.ts'
import { attestationObject, authenticatorData } from './authenticator-data.ts'
import { clientDataJson, type Caller } from './client-data.ts'
import { sha256, signWith } from './keys.ts'
import { makePasskey } from './make-passkey.ts'
import type { AssertionRequest, CreationRequest } from './requests.ts'

/** Held by others: the vector of the standard (WebAuthn level 3, §16.2 "none.ES256"), and a verifier of other hands. */
const random = new SeededRandom(20)
const caller: Caller = { origin: 'https://login.shop.no', crossOrigin: false }
const creation = (more: Partial<CreationRequest> = {}): CreationRequest => ({
  challenge: random.bytes(32),
  rpId: 'shop.no',
  userHandle: random.bytes(16),
  username: 'kari@example.org',
  displayName: 'Kari',
  exclude: [],
  verification: 'preferred',
  timeoutMs: 60_000,
  credProps: true,
  ...more,
})
const assertion = (): AssertionRequest => ({
  challenge: random.bytes(32),
  rpId: 'shop.no',
  allow: [],
  verification: 'preferred',
  timeoutMs: 60_000,
})

/** P-256 private keys of the vector as PKCS #8. */
function keyOf(scalarHex: string, x: string, y: string): Bytes {
  const part = (hex: string): string => toBase64url(fromHex(hex))
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d: part(scalarHex), x: part(x), y: part(y) } })
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
}

const vector = {
  challenge: '39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408',
  privateKey: '6e68e7a58484a3264f66b77f5d6dc5bc36a47085b615c9727ab334e8c369c2ee',
  aaguid: '8446ccb9ab1db374750b2367ff6f3a1f',
  credentialId: 'f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4',
  x: 'afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61',
  y: '930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
  attestationObject:
    'a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
  clientDataJson:
    '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d',
  authenticatorData: 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000',
  signature:
    '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
}

describe('PK-4 the bytes of the standard', () => {
  const rpIdHash = fromHex('bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5')

  it('the attestation object and the authenticator data are those of the vector, byte for byte', async () => {
    expect(toHex(await sha256(new TextEncoder().encode('example.org')))).toBe(toHex(rpIdHash))
    const attested = {
      aaguid: fromHex(vector.aaguid),
      credentialId: fromHex(vector.credentialId),
      publicKey: fromHex(`04${vector.x}${vector.y}`),
    }
    expect(toHex(attestationObject(authenticatorData(rpIdHash, false, attested)))).toBe(vector.attestationObject)
    expect(toHex(authenticatorData(rpIdHash, false))).toBe(vector.authenticatorData)
    expect(toHex(authenticatorData(rpIdHash, true)).slice(64)).toBe('1d00000000')
  })

  it('the client data are those of the vector, and name the tab where a frame asked', () => {
    const challenge = fromHex(vector.challenge)
    const own = clientDataJson('webauthn.get', challenge, { origin: 'https://example.org', crossOrigin: false })
    expect(toHex(own)).toBe(vector.clientDataJson)
    const framed = clientDataJson('webauthn.get', challenge, {
      origin: 'https://example.org',
      crossOrigin: true,
      topOrigin: 'https://example.com',
    })
    expect(utf8Decode(framed)).toMatch(/"origin":"https:\/\/example\.org","crossOrigin":true,"topOrigin":"https:\/\/example\.com"\}$/)
  })

  it('the key of the vector signs what the key of the vector verifies, in the same form as its own signature', async () => {
    const publicKey = createPublicKey(
      createPrivateKey({ key: Buffer.from(keyOf(vector.privateKey, vector.x, vector.y)), format: 'der', type: 'pkcs8' }),
    )
    const message = concatBytes(fromHex(vector.authenticatorData), await sha256(fromHex(vector.clientDataJson)))
    expect(verify('sha256', message, publicKey, fromHex(vector.signature))).toBe(true)
    for (let turn = 0; turn < 300; turn++) {
      const signature = await signWith(keyOf(vector.privateKey, vector.x, vector.y), message)
      expect(verify('sha256', message, publicKey, signature as Bytes)).toBe(true)
      expect(verify('sha256', concatBytes(message, message), publicKey, signature as Bytes)).toBe(false)
    }
  })
})

describe('PK-4 a verifier of other hands takes what we make', () => {
  it.each([false, true])('creating and signing in, verified: %s', async (verified) => {
    const wanted = creation()
    const { passkey, json } = await makePasskey(wanted, caller, verified, random)
    const registered = await verifyRegistrationResponse({
      response: { ...json, response: { ...json.response, transports: ['internal'] } },
      expectedChallenge: toBase64url(wanted.challenge),
      expectedOrigin: caller.origin,
      expectedRPID: 'shop.no',
      requireUserVerification: verified,
    })
    expect(registered.verified).toBe(true)
    expect(registered.registrationInfo).toMatchObject({
      fmt: 'none',
      aaguid: '4e6f6b6b-b183-4d52-9c1e-72696e672026',
      userVerified: verified,
      credentialDeviceType: 'multiDevice',
      credentialBackedUp: true,
    })
    const credential = registered.registrationInfo?.credential
    expect(credential).toMatchObject({ id: json.id, counter: 0 })

    const asked = assertion()
    const response = await answerWithPasskey(passkey, asked, caller, verified)
    if (credential === undefined) throw new Error('not registered')
    const check = (challenge: Bytes, requireUserVerification: boolean) =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge: toBase64url(challenge),
        expectedOrigin: caller.origin,
        expectedRPID: 'shop.no',
        credential,
        requireUserVerification,
      })
    expect((await check(asked.challenge, verified)).verified).toBe(true)
    expect(response.response.userHandle).toBe(toBase64url(passkey.userHandle))
    if (!verified) await expect(check(asked.challenge, true)).rejects.toThrow(/verif/i)
    await expect(check(random.bytes(32), verified)).rejects.toThrow(/challenge/i)
  })

  it('two passkeys share nothing, and the answer to the page holds no private key', async () => {
    const [first, second] = [await makePasskey(creation(), caller, false, random), await makePasskey(creation(), caller, false, random)]
    expect(toHex(first.passkey.credentialId)).not.toBe(toHex(second.passkey.credentialId))
    expect(toHex(first.passkey.privateKey)).not.toBe(toHex(second.passkey.privateKey))
    const said = JSON.stringify(first.json)
    const secret =
      createPrivateKey({ key: Buffer.from(first.passkey.privateKey), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }).d ?? ''
    expect(secret.length).toBeGreaterThan(40)
    for (const text of [secret, toBase64url(first.passkey.privateKey)]) expect(said).not.toContain(text)
    const sent = fromBase64url(first.json.response.attestationObject)
    expect(toHex(sent)).not.toContain(toHex(fromBase64url(secret)))
  })
})

describe('PK-2 a passkey answers for its own site alone', () => {
  it('refuses another site, and a key of another kind, at the line that signs', async () => {
    const { passkey } = await makePasskey(creation(), caller, false, random)
    await expect(answerWithPasskey({ ...passkey, rpId: 'bank.no' }, assertion(), caller, false)).rejects.toThrow('internal')
    const damaged = { ...passkey, privateKey: passkey.privateKey.slice(1) }
    await expect(answerWithPasskey(damaged, assertion(), caller, false)).rejects.toThrow('malformed')
  })

  it('a passkey that came without a user handle answers without one', async () => {
    const { passkey } = await makePasskey(creation(), caller, false, random)
    const { response } = await answerWithPasskey({ ...passkey, userHandle: undefined }, assertion(), caller, false)
    expect(Object.keys(response).sort()).toEqual(['authenticatorData', 'clientDataJSON', 'signature'])
  })
})
