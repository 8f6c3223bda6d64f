import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, systemRandom, toHex, utf8 } from '@nokkel/base'
import { checkConfirmation, cpaceMacBytes, finishCpace, sessionKey, startCpace, type CpaceContext } from './cpace.ts'

const channel = utf8('channel')
const session = systemRandom.bytes(16)

function run(initiatorCode: string, responderCode: string, tamper: (share: Uint8Array) => Uint8Array = (share) => share) {
  const a = { code: initiatorCode, channel, session }
  const b = { code: responderCode, channel, session }
  const started = { a: startCpace(systemRandom, a), b: startCpace(systemRandom, b) }
  const transcript = (mine: 'a' | 'b') => ({
    initiatorShare: mine === 'a' ? started.a.share : tamper(started.a.share),
    initiatorData: utf8('A'),
    responderShare: started.b.share,
    responderData: utf8('B'),
  })
  return { a: finishCpace('initiator', started.a, a, transcript('a')), b: finishCpace('responder', started.b, b, transcript('b')) }
}

describe('CPace', () => {
  it('gives both sides the same key and accepted confirmations for the same code', () => {
    const { a, b } = run('123456', '123456')
    expect(toHex(a.key.reveal())).toBe(toHex(b.key.reveal()))
    checkConfirmation(a, b.confirmation)
    checkConfirmation(b, a.confirmation)
  })

  it('refuses another code with one error (JOIN-4)', () => {
    const { a, b } = run('123456', '123457')
    expect(() => checkConfirmation(a, b.confirmation)).toThrow('code-wrong')
    expect(() => checkConfirmation(b, a.confirmation)).toThrow('code-wrong')
    expect(toHex(a.key.reveal())).not.toBe(toHex(b.key.reveal()))
  })

  it('refuses the identity and non-canonical group elements', () => {
    for (const bad of ['00'.repeat(32), '2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c', 'ff'.repeat(32)])
      expect(() => run('1', '1', () => fromHex(bad))).toThrow('code-wrong')
  })

  it('does not mistake its own confirmation, reflected, for the peer', () => {
    const { a } = run('123456', '123456')
    expect(() => checkConfirmation(a, a.confirmation)).toThrow('code-wrong')
  })

  it('refuses its own share and data sent back to it, with its own confirmation (draft, loopback)', () => {
    const context = { code: '123456', channel, session }
    const started = startCpace(systemRandom, context)
    const reflected = { initiatorShare: started.share, initiatorData: utf8('A'), responderShare: started.share, responderData: utf8('A') }
    for (const role of ['initiator', 'responder'] as const)
      expect(() => {
        const keys = finishCpace(role, started, context, reflected)
        checkConfirmation(keys, keys.confirmation)
      }).toThrow('code-wrong')
  })

  it('refuses another channel or session, and data that changed on the way', () => {
    const meet = (peer: Partial<CpaceContext>, data = utf8('B')) => {
      const contexts = { a: { code: '1', channel, session }, b: { code: '1', channel, session, ...peer } }
      const started = { a: startCpace(systemRandom, contexts.a), b: startCpace(systemRandom, contexts.b) }
      const transcript = {
        initiatorShare: started.a.share,
        initiatorData: utf8('A'),
        responderShare: started.b.share,
        responderData: utf8('B'),
      }
      const a = finishCpace('initiator', started.a, contexts.a, { ...transcript, responderData: data })
      checkConfirmation(a, finishCpace('responder', started.b, contexts.b, transcript).confirmation)
    }
    expect(() => meet({})).not.toThrow()
    expect(() => meet({ channel: utf8('channe1') })).toThrow('code-wrong')
    expect(() => meet({ session: systemRandom.bytes(16) })).toThrow('code-wrong')
    expect(() => meet({ channel: concatBytes(channel, session.subarray(0, 1)), session: session.subarray(1) })).toThrow('code-wrong')
    expect(() => meet({}, utf8('C'))).toThrow('code-wrong')
  })

  it('refuses confirmations of every other length', () => {
    const { a, b } = run('123456', '123456')
    for (const length of [0, 1, 32, cpaceMacBytes - 1])
      expect(() => checkConfirmation(a, b.confirmation.subarray(0, length))).toThrow('code-wrong')
    expect(() => checkConfirmation(a, concatBytes(b.confirmation, new Uint8Array(1)))).toThrow('code-wrong')
  })

  it('draws fresh shares that hide the code', () => {
    const shares = Array.from({ length: 50 }, () => toHex(startCpace(systemRandom, { code: '123456', channel, session }).share))
    expect(new Set(shares).size).toBe(50)
  })

  it('binds the transcript', () => {
    const transcript = { initiatorShare: utf8('x'), initiatorData: utf8('yz'), responderShare: utf8('r'), responderData: utf8('') }
    const moved = { ...transcript, initiatorShare: utf8('xy'), initiatorData: utf8('z') }
    expect(toHex(sessionKey(session, utf8('k'), transcript))).not.toBe(toHex(sessionKey(session, utf8('k'), moved)))
  })
})
