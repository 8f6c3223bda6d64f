/**
 * Every published vector for a primitive in use, through both backends where there are two (house rule 17, attack A39).
 * Each suite asserts how many vectors ran, so that an empty or shortened file is a failure and not a pass.
 * OPAQUE's own vectors are run by `opaque-rfc9807.test.ts`.
 */
import { ristretto255_oprf, x25519 } from '@noble/curves/ed25519.js'
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { concatBytes, Secret, systemRandom, toHex, utf8, utf8Decode } from '@nokkel/base'
import {
  checkConfirmation,
  finishCpace,
  kemCiphertextBytes,
  kemKeyFromSeed,
  openFrom,
  sealTo,
  sessionKey,
  startCpace,
} from '@nokkel/crypto'
import { nobleBackend, platformBackend } from '@nokkel/crypto/backends'
import { describe, expect, it } from 'vitest'
import { rngYielding } from './opaque-rfc9807.ts'
import { attempt, hex, hexList, readVectors, vectorsMissing, wycheproof } from './vectors.ts'

const backends = [platformBackend, nobleBackend]
const none = new Uint8Array(0)

it('runs two different backends', () => {
  expect(backends.map((backend) => backend.name)).toEqual(['node', 'noble'])
})

// skipped where the checkout has no ../shared/vectors beside it: the files belong to their publishers and are not in git
describe.skipIf(vectorsMissing('Wycheproof'))('Wycheproof', () => {
  describe.each(backends)('backend $name', (backend) => {
    it('Ed25519: 151 verdicts (A39)', () => {
      const tests = wycheproof<{ msg: string; sig: string }, { publicKey: { pk: string } }>('ed25519')
      const wrong = tests.filter(
        ({ msg, sig, result, group }) => backend.ed25519Verify(hex(group.publicKey.pk), hex(msg), hex(sig)) !== (result === 'valid'),
      )
      expect(wrong).toEqual([])
      expect(tests.length).toBe(151)
    })

    it('AES-GCM: 66 with 256-bit keys, 96-bit nonces and 128-bit tags; 250 of other sizes are out of scope', () => {
      interface Test {
        readonly key: string
        readonly iv: string
        readonly aad: string
        readonly msg: string
        readonly ct: string
        readonly tag: string
      }
      const all = wycheproof<Test, { ivSize: number; keySize: number; tagSize: number }>('aes_gcm')
      const tests = all.filter(({ group }) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128)
      const wrong = tests.filter(({ key, iv, aad, msg, ct, tag, result }) => {
        const opened = backend.aesGcmOpen(hex(key), hex(iv), hex(aad), hex(ct + tag))
        if (result !== 'valid') return opened !== undefined
        return (
          opened === undefined || toHex(opened) !== msg || toHex(backend.aesGcmSeal(hex(key), hex(iv), hex(aad), hex(msg))) !== ct + tag
        )
      })
      expect(wrong).toEqual([])
      expect(tests.length).toBe(66)
      expect(tests.filter(({ result }) => result === 'invalid').length).toBe(27)
      expect(all.length - tests.length).toBe(250)
    })

    it('HKDF-SHA256: 86, three of them too long to be derived', () => {
      const tests = wycheproof<{ ikm: string; salt: string; info: string; size: number; okm: string }>('hkdf_sha256')
      const wrong = tests.filter(({ ikm, salt, info, size, okm, result }) => {
        const derived = attempt(() => backend.hkdfSha256(hex(ikm), hex(salt), hex(info), size))
        return result === 'valid' ? derived === undefined || toHex(derived) !== okm : derived !== undefined
      })
      expect(wrong).toEqual([])
      expect(tests.length).toBe(86)
      expect(tests.filter(({ result }) => result === 'invalid').length).toBe(3)
    })

    it('HMAC-SHA256: 174, half of them with tags cut to 128 bits', () => {
      const tests = wycheproof<{ key: string; msg: string; tag: string }, { tagSize: number }>('hmac_sha256')
      const wrong = tests.filter(({ key, msg, tag, result, group }) => {
        const computed = toHex(backend.hmacSha256(hex(key), hex(msg)).subarray(0, group.tagSize / 8))
        return (computed === tag) !== (result === 'valid')
      })
      expect(wrong).toEqual([])
      expect(tests.length).toBe(174)
    })
  })

  it('X25519: 518; a shared secret of zeros is refused, every other one is the published one', () => {
    const tests = wycheproof<{ public: string; private: string; shared: string }>('x25519')
    const zero = '00'.repeat(32)
    const wrong = tests.filter((test) => {
      const shared = attempt(() => x25519.getSharedSecret(hex(test.private), hex(test.public)))
      return test.shared === zero ? shared !== undefined : shared === undefined || toHex(shared) !== test.shared
    })
    expect(wrong).toEqual([])
    expect(tests.length).toBe(518)
    expect(tests.filter(({ shared }) => shared === zero).length).toBe(31)
  })

  it('ML-KEM-768 key generation: 100', () => {
    const tests = wycheproof<{ seed: string; ek: string; dk: string }>('mlkem_768_keygen_seed_test')
    const wrong = tests.filter(({ seed, ek, dk }) => {
      const pair = ml_kem768.keygen(hex(seed))
      return toHex(pair.publicKey) !== ek || toHex(pair.secretKey) !== dk
    })
    expect(wrong.map(({ tcId }) => tcId)).toEqual([])
    expect(tests.length).toBe(100)
  })

  it('ML-KEM-768 encapsulation: 265, 132 of them to malformed keys', () => {
    const tests = wycheproof<{ m: string; ek: string; c: string; K: string }>('mlkem_768_encaps_test')
    const wrong = tests.filter(({ m, ek, c, K, result }) => {
      const made = attempt(() => ml_kem768.encapsulate(hex(ek), hex(m)))
      return result === 'valid' ? made === undefined || toHex(made.cipherText) !== c || toHex(made.sharedSecret) !== K : made !== undefined
    })
    expect(wrong.map(({ tcId }) => tcId)).toEqual([])
    expect(tests.length).toBe(265)
    expect(tests.filter(({ result }) => result === 'invalid').length).toBe(132)
  })

  it('ML-KEM-768 decapsulation: 193 from seeds and 9 from expanded keys', () => {
    interface Test {
      readonly seed?: string
      readonly dk?: string
      readonly c: string
      readonly K?: string
    }
    const tests = [...wycheproof<Test>('mlkem_768_test'), ...wycheproof<Test>('mlkem_768_semi_expanded_decaps_test')]
    const wrong = tests.filter(({ seed, dk, c, K, result }) => {
      const shared = attempt(() => {
        const secretKey = seed === undefined ? hex(dk ?? '') : ml_kem768.keygen(hex(seed)).secretKey
        return ml_kem768.decapsulate(hex(c), secretKey)
      })
      return result === 'valid' ? shared === undefined || toHex(shared) !== K : shared !== undefined
    })
    expect(wrong.map(({ tcId }) => tcId)).toEqual([])
    expect(tests.length).toBe(202)
    expect(tests.filter(({ result }) => result === 'invalid').length).toBe(46)
  })
})

describe.skipIf(vectorsMissing('X-Wing draft'))('X-Wing draft', () => {
  it('gives the three published key pairs, ciphertexts and secrets, alone and inside our sealing', () => {
    const tests = readVectors<{ sk: string; pk: string; eseed: string; ct: string; ss: string }[]>('xwing-draft.json')
    for (const { sk, pk, eseed, ct, ss } of tests) {
      const made = xwing.encapsulate(hex(pk), hex(eseed))
      expect(toHex(made.cipherText)).toBe(ct)
      expect(toHex(made.sharedSecret)).toBe(ss)
      expect(toHex(xwing.decapsulate(hex(ct), hex(sk)))).toBe(ss)

      const kemKey = kemKeyFromSeed(new Secret(hex(sk)))
      expect(toHex(kemKey.publicKey)).toBe(pk)
      const sealed = sealTo({ bytes: () => hex(eseed) }, kemKey.publicKey, none, none, utf8('share'))
      expect(toHex(sealed.subarray(0, kemCiphertextBytes))).toBe(ct)
      expect(utf8Decode(openFrom(kemKey, none, none, sealed))).toBe('share')
    }
    expect(tests.length).toBe(3)
  })
})

describe.skipIf(vectorsMissing('CPace draft'))('CPace draft, ristretto255', () => {
  const fileName = 'cpace-draft.json'
  interface Valid {
    readonly s: string
    readonly X: string
    readonly 'G.scalar_mult_vfy(s,X)': string
  }
  interface File {
    readonly G_Coffee25519: Readonly<
      Record<'PRS' | 'CI' | 'sid' | 'g' | 'ya' | 'ADa' | 'Ya' | 'yb' | 'ADb' | 'Yb' | 'K' | 'ISK_IR', string>
    >
    readonly G_Coffee25519_points: { readonly Valid: Valid; readonly 'Invalid Y1': string; readonly 'Invalid Y2': string }
  }
  /** the draft writes scalars as little-endian integers */
  const scalarOf = (digits: string): bigint => BigInt(`0x${toHex(hex(digits).toReversed())}`)

  it('gives the published generator, shares and key for both roles', () => {
    const vector = readVectors<File>(fileName).G_Coffee25519
    const context = { code: utf8Decode(hex(vector.PRS)), channel: hex(vector.CI), session: hex(vector.sid) }
    expect(toHex(startCpace(systemRandom, context, 1n).share)).toBe(vector.g.toLowerCase())
    const a = startCpace(systemRandom, context, scalarOf(vector.ya))
    const b = startCpace(systemRandom, context, scalarOf(vector.yb))
    expect(toHex(a.share)).toBe(vector.Ya.toLowerCase())
    expect(toHex(b.share)).toBe(vector.Yb.toLowerCase())
    const transcript = { initiatorShare: a.share, initiatorData: hex(vector.ADa), responderShare: b.share, responderData: hex(vector.ADb) }
    const keys = [finishCpace('initiator', a, context, transcript), finishCpace('responder', b, context, transcript)] as const
    const expectedKey = vector.ISK_IR.toLowerCase()
    expect(keys.map(({ key }) => toHex(key.reveal()))).toEqual([expectedKey, expectedKey])
    expect(toHex(sessionKey(context.session, hex(vector.K), transcript))).toBe(expectedKey)
    checkConfirmation(keys[0], keys[1].confirmation)
    checkConfirmation(keys[1], keys[0].confirmation)
  })

  it('multiplies the published valid point and refuses the two invalid ones', () => {
    const points = readVectors<File>(fileName).G_Coffee25519_points
    const context = { code: '', channel: none, session: none }
    const finish = (share: string) => {
      const transcript = { initiatorShare: none, initiatorData: none, responderShare: hex(share), responderData: none }
      const keys = finishCpace('initiator', { scalar: scalarOf(points.Valid.s), share: none }, context, transcript)
      return { key: toHex(keys.key.reveal()), expected: toHex(sessionKey(none, hex(points.Valid['G.scalar_mult_vfy(s,X)']), transcript)) }
    }
    const { key, expected } = finish(points.Valid.X)
    expect(key).toBe(expected)
    expect(() => finish(points['Invalid Y1'])).toThrow('code-wrong')
    expect(() => finish(points['Invalid Y2'])).toThrow('code-wrong')
  })
})

describe.skipIf(vectorsMissing('RFC 9497'))('RFC 9497, ristretto255-SHA512', () => {
  interface Vector {
    readonly Blind: string
    readonly BlindedElement: string
    readonly EvaluationElement: string
    readonly Input: string
    readonly Output: string
    readonly Info: string
    readonly Proof: { readonly proof: string; readonly r: string }
  }
  interface Suite {
    readonly identifier: string
    readonly mode: 0 | 1 | 2
    readonly seed: string
    readonly keyInfo: string
    readonly skSm: string
    readonly pkSm: string
    readonly vectors: readonly Vector[]
  }
  const suiteOf = (mode: Suite['mode']): Suite => {
    const found = readVectors<Suite[]>('voprf-rfc9497.json').filter(
      (suite) => suite.identifier === ristretto255_oprf.name && suite.mode === mode,
    )
    expect(found.length).toBe(1)
    return found[0] as Suite
  }
  const digits = (list: readonly Uint8Array[]): string => list.map(toHex).join(',')
  const items = (vector: Vector) => {
    const [blinds, blinded, evaluated] = [hexList(vector.Blind), hexList(vector.BlindedElement), hexList(vector.EvaluationElement)]
    return hexList(vector.Input).map((input, i) => ({
      input,
      blind: blinds[i] ?? none,
      blinded: blinded[i] ?? none,
      evaluated: evaluated[i] ?? none,
    }))
  }
  const flipped = (proof: Uint8Array): Uint8Array => proof.map((byte, i) => (i === 40 ? byte ^ 1 : byte))

  it('OPRF: 2', () => {
    const { oprf } = ristretto255_oprf
    const suite = suiteOf(0)
    const { secretKey } = oprf.deriveKeyPair(hex(suite.seed), hex(suite.keyInfo))
    expect(toHex(secretKey)).toBe(suite.skSm)
    for (const vector of suite.vectors) {
      const { blind, blinded } = oprf.blind(hex(vector.Input), rngYielding(hex(vector.Blind)))
      expect(toHex(blind)).toBe(vector.Blind)
      expect(toHex(blinded)).toBe(vector.BlindedElement)
      const evaluated = oprf.blindEvaluate(secretKey, blinded)
      expect(toHex(evaluated)).toBe(vector.EvaluationElement)
      expect(toHex(oprf.finalize(hex(vector.Input), blind, evaluated))).toBe(vector.Output)
    }
    expect(suite.vectors.length).toBe(2)
  })

  it('VOPRF: 3, one of them a batch', () => {
    const { voprf } = ristretto255_oprf
    const suite = suiteOf(1)
    const { secretKey, publicKey } = voprf.deriveKeyPair(hex(suite.seed), hex(suite.keyInfo))
    expect([toHex(secretKey), toHex(publicKey)]).toEqual([suite.skSm, suite.pkSm])
    for (const vector of suite.vectors) {
      const batch = items(vector)
      expect(digits(batch.map(({ input, blind }) => voprf.blind(input, rngYielding(blind)).blinded))).toBe(vector.BlindedElement)
      const made = voprf.blindEvaluateBatch(
        secretKey,
        publicKey,
        batch.map(({ blinded }) => blinded),
        rngYielding(hex(vector.Proof.r)),
      )
      expect(digits(made.evaluated)).toBe(vector.EvaluationElement)
      expect(toHex(made.proof)).toBe(vector.Proof.proof)
      expect(digits(voprf.finalizeBatch(batch, publicKey, made.proof))).toBe(vector.Output)
      expect(() => voprf.finalizeBatch(batch, publicKey, flipped(made.proof))).toThrow()
    }
    expect(suite.vectors.length).toBe(3)
  })

  it('POPRF: 3, one of them a batch', () => {
    const suite = suiteOf(2)
    for (const vector of suite.vectors) {
      const poprf = ristretto255_oprf.poprf(hex(vector.Info))
      const { secretKey, publicKey } = poprf.deriveKeyPair(hex(suite.seed), hex(suite.keyInfo))
      expect([toHex(secretKey), toHex(publicKey)]).toEqual([suite.skSm, suite.pkSm])
      const batch = items(vector)
      const blinds = batch.map(({ input, blind }) => poprf.blind(input, publicKey, rngYielding(blind)))
      expect(digits(blinds.map(({ blinded }) => blinded))).toBe(vector.BlindedElement)
      const made = poprf.blindEvaluateBatch(
        secretKey,
        batch.map(({ blinded }) => blinded),
        rngYielding(hex(vector.Proof.r)),
      )
      expect(digits(made.evaluated)).toBe(vector.EvaluationElement)
      expect(toHex(made.proof)).toBe(vector.Proof.proof)
      const tweakedKey = blinds[0]?.tweakedKey ?? none
      expect(digits(poprf.finalizeBatch(batch, made.proof, tweakedKey))).toBe(vector.Output)
      expect(() => poprf.finalizeBatch(batch, flipped(made.proof), tweakedKey)).toThrow()
    }
    expect(suite.vectors.length).toBe(3)
  })

  it('refuses the group identity and elements that do not decode', () => {
    const { oprf } = ristretto255_oprf
    const { secretKey } = oprf.generateKeyPair()
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(255), concatBytes(new Uint8Array(31)), none])
      expect(attempt(() => oprf.blindEvaluate(secretKey, bad))).toBeUndefined()
  })
})
