import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js'
import { concatBytes, fromHex, Secret, toHex, utf8, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { blindInput, combineEvaluations, evaluateOwn, isEvaluationTrue } from './oprf.ts'
import { evaluateBlinded, isElement, publicKeyOf } from './realm/evaluate.ts'
import { combineShares, randomScalar, splitScalar } from './shamir.ts'

/** RFC 9497 A.1.2: ristretto255-SHA512, VOPRF mode */
const rfc = {
  key: 'e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909',
  publicKey: 'c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e',
  blind: '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706',
  proofScalar: '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e',
  cases: [
    {
      input: '00',
      blinded: '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945',
      evaluated: 'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e',
      proof:
        'ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d',
      output:
        'b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c',
    },
    {
      input: '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a',
      blinded: 'cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c',
      evaluated: '60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468',
      proof:
        '401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02',
      output:
        '8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6',
    },
  ],
}

/** Random bytes that noble reduces to exactly this scalar (its draws are `scalar - 1` modulo `order - 1`). */
function drawing(scalarHex: string) {
  const { Fn } = ristretto255.Point
  return {
    bytes: (length: number): Bytes => concatBytes(Fn.toBytes(Fn.sub(Fn.fromBytes(fromHex(scalarHex)), 1n)), new Uint8Array(length - 32)),
  }
}

const random = new SeededRandom(11)
const input = new Secret(utf8('a stretched code'))

describe('VOPRF(ristretto255, SHA-512), RFC 9497', () => {
  it.each(rfc.cases)('gives the values of A.1.2 for input $input', ({ input: text, blinded, evaluated, proof, output }) => {
    const own = new Secret(fromHex(text))
    const blinding = blindInput(drawing(rfc.blind), own)
    expect(toHex(blinding.blind)).toBe(rfc.blind)
    expect(toHex(blinding.blinded)).toBe(blinded)
    expect(toHex(publicKeyOf(fromHex(rfc.key)))).toBe(rfc.publicKey)
    const evaluation = evaluateBlinded(drawing(rfc.proofScalar), fromHex(rfc.key), fromHex(rfc.publicKey), blinding.blinded)
    expect(toHex(evaluation.evaluated)).toBe(evaluated)
    expect(toHex(evaluation.proof)).toBe(proof)
    expect(isEvaluationTrue(own, blinding, evaluation, fromHex(rfc.publicKey))).toBe(true)
    expect(toHex(combineEvaluations(own, blinding, [{ index: 1, evaluated: evaluation.evaluated }]).reveal())).toBe(output)
    expect(toHex(evaluateOwn(random, fromHex(rfc.key), own).reveal())).toBe(output)
  })

  it('has one output whatever the blind, and another for another input or key', () => {
    const key = randomScalar(random)
    const once = toHex(evaluateOwn(random, key, input).reveal())
    expect(toHex(evaluateOwn(random, key, input).reveal())).toBe(once)
    expect(toHex(evaluateOwn(random, key, new Secret(utf8('another'))).reveal())).not.toBe(once)
    expect(toHex(evaluateOwn(random, randomScalar(random), input).reveal())).not.toBe(once)
    expect(toHex(blindInput(random, input).blinded)).not.toBe(toHex(blindInput(random, input).blinded))
  })

  it.each([
    [2, 3],
    [3, 5],
    [2, 2],
    [5, 5],
  ])('%i of %i: every subset of shares gives the value of the unshared key', (threshold, shares) => {
    const key = randomScalar(random)
    const values = splitScalar(random, key, threshold, shares)
    const expected = toHex(evaluateOwn(random, key, input).reveal())
    const blinding = blindInput(random, input)
    const evaluations = values.map((share, i) => ({
      index: i + 1,
      evaluated: evaluateBlinded(random, share, publicKeyOf(share), blinding.blinded).evaluated,
    }))
    let subsets = 0
    for (let mask = 0; mask < 1 << shares; mask++) {
      const chosen = evaluations.filter((_, i) => mask & (1 << i))
      if (chosen.length === 0) continue
      const output = toHex(combineEvaluations(input, blinding, chosen).reveal())
      // fewer than the threshold give some other value; so do they as shares
      expect(output === expected).toBe(chosen.length >= threshold)
      expect(toHex(combineShares(chosen.map(({ index }) => ({ index, value: values[index - 1] as Bytes })))) === toHex(key)).toBe(
        chosen.length >= threshold,
      )
      subsets++
    }
    expect(subsets).toBe(2 ** shares - 1)
  })

  it('A25: a proof holds for its own key, element and evaluation only', () => {
    const [share, other] = splitScalar(random, randomScalar(random), 2, 2) as [Bytes, Bytes]
    const blinding = blindInput(random, input)
    const good = evaluateBlinded(random, share, publicKeyOf(share), blinding.blinded)
    expect(isEvaluationTrue(input, blinding, good, publicKeyOf(share))).toBe(true)
    expect(isEvaluationTrue(input, blinding, good, publicKeyOf(other))).toBe(false)
    expect(isEvaluationTrue(input, blindInput(random, input), good, publicKeyOf(share))).toBe(false)
    expect(
      isEvaluationTrue(
        input,
        blinding,
        { ...good, evaluated: evaluateBlinded(random, other, publicKeyOf(other), blinding.blinded).evaluated },
        publicKeyOf(share),
      ),
    ).toBe(false)
    for (let bit = 0; bit < good.proof.length * 8; bit += 37) {
      const proof = good.proof.slice()
      proof[bit >> 3] = (proof[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(isEvaluationTrue(input, blinding, { ...good, proof }, publicKeyOf(share))).toBe(false)
    }
    expect(isEvaluationTrue(input, blinding, { ...good, evaluated: new Uint8Array(32) }, publicKeyOf(share))).toBe(false)
    expect(isEvaluationTrue(input, blinding, { ...good, proof: good.proof.slice(1) }, publicKeyOf(share))).toBe(false)
  })

  it('takes canonical elements only, and not the identity (§3.3)', () => {
    expect(isElement(blindInput(random, input).blinded)).toBe(true)
    expect(isElement(new Uint8Array(32))).toBe(false)
    expect(isElement(new Uint8Array(32).fill(0xff))).toBe(false)
    expect(isElement(new Uint8Array(31))).toBe(false)
    expect(isElement(fromHex(`01${'00'.repeat(31)}`))).toBe(false)
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31)])
      expect(() => publicKeyOf(bad)).toThrow('malformed')
    expect(() => combineShares([{ index: 1, value: new Uint8Array(32).fill(0xff) }])).toThrow('malformed')
  })

  it('is the suite of its name', () => {
    expect(ristretto255_oprf.name).toBe('ristretto255-SHA512')
  })
})
