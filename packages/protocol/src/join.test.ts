import { describe, expect, it } from 'vitest'
import { isNokkelError, newId, type Bytes, type RequestId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { ApplicantRun, ApproverRun, createJoinCode, joinWayOf, receiveAdmission, type JoinPlace } from './join.ts'
import { isPinned, joinQrSecretBytes, readJoinQr, writeJoinQr } from './join-qr.ts'
import { deviceRecordOf } from './keys.ts'
import { CircleBuilder } from './testing/circle-builder.ts'

const random = new SeededRandom(21)
const built = new CircleBuilder(22)
const applicant = built.newDevice()
const place: JoinPlace = { account: built.circle.account, request: newId<RequestId>(random) }
const data = { device: built.first.id, circleSeq: built.circle.seq, circleHead: built.circle.head, genesisHash: built.circle.genesisHash }
const admission = { circleSeq: 1, circleHead: random.bytes(32), logs: [{ vault: built.vault, seq: 3, hash: random.bytes(32) }] }
const code = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

describe('approval by code', () => {
  it('JOIN-1 admits a device that shows the code that was typed', () => {
    const approver = new ApproverRun(random, place, '314159', data)
    const run = new ApplicantRun(random, place, '314159', applicant, approver.message1)
    const admitted = approver.receive2(run.message2, place.account)
    expect(admitted.device.id).toBe(applicant.id)
    expect(receiveAdmission(run.state, approver.message3(admission))).toEqual(admission)
  })

  it('JOIN-4 refuses another code on both sides, before anything was handed over', () => {
    const approver = new ApproverRun(random, place, '314159', data)
    const run = new ApplicantRun(random, place, '271828', applicant, approver.message1)
    expect(code(() => approver.receive2(run.message2, place.account))).toBe('code-wrong')
    expect(code(() => approver.message3(admission))).toBe('join-failed')
  })

  it('JOIN-4 a code is good for its own request and account only', () => {
    for (const other of [
      { ...place, request: newId<RequestId>(random) },
      { ...place, account: new CircleBuilder(23).circle.account },
    ]) {
      const approver = new ApproverRun(random, place, '314159', data)
      const run = new ApplicantRun(random, other, '314159', applicant, approver.message1)
      expect(code(() => approver.receive2(run.message2, place.account))).toBe('code-wrong')
    }
  })

  it('JOIN-5 a relay that changes any byte of any message gets nothing (A19)', () => {
    const flipped = (message: Bytes, at: number) => {
      const changed = message.slice()
      changed[at] = (changed[at] as number) ^ 1
      return changed
    }
    const approver = new ApproverRun(random, place, '314159', data)
    for (let at = 0; at < approver.message1.length; at += 5) {
      const outcome = code(() =>
        approver.receive2(new ApplicantRun(random, place, '314159', applicant, flipped(approver.message1, at)).message2, place.account),
      )
      expect(outcome).not.toBe('accepted')
    }
    const run = new ApplicantRun(random, place, '314159', applicant, approver.message1)
    for (let at = 0; at < run.message2.length; at += 29)
      expect(code(() => new ApproverRun(random, place, '314159', data).receive2(flipped(run.message2, at), place.account))).not.toBe(
        'accepted',
      )
    approver.receive2(run.message2, place.account)
    const message3 = approver.message3(admission)
    for (let at = 0; at < message3.length; at += 3)
      expect(code(() => receiveAdmission(run.state, flipped(message3, at)))).not.toBe('accepted')
  })

  it('JOIN-5 a server between the two that does not know the code cannot put its own keys in (A19)', () => {
    const evil = built.newDevice()
    let admitted = 0
    for (let guess = 0; guess < 50; guess++) {
      const approver = new ApproverRun(random, place, '314159', data)
      const run = new ApplicantRun(random, place, String(guess).padStart(6, '0'), evil, approver.message1)
      if (code(() => approver.receive2(run.message2, place.account)) === 'accepted') admitted++
    }
    expect(admitted).toBe(0)
  })

  it('JOIN-11 admits a device whose QR code was scanned', () => {
    const secret = random.bytes(joinQrSecretBytes)
    const qr = readJoinQr(writeJoinQr(place.request, secret, deviceRecordOf(applicant)))
    expect(qr).toMatchObject({ request: place.request, secret })
    const approver = new ApproverRun(random, place, qr.secret, data)
    expect(joinWayOf(approver.message1)).toBe('qr')
    const run = new ApplicantRun(random, place, secret, applicant, approver.message1)
    const { device } = approver.receive2(run.message2, place.account)
    expect(isPinned(qr, device)).toBe(true)
    for (const other of [{ ...device, signKey: random.bytes(32) }, { ...device, class: 'web' as const }, deviceRecordOf(built.newDevice())])
      expect(isPinned(qr, other)).toBe(false)
    expect(receiveAdmission(run.state, approver.message3(admission))).toEqual(admission)
  })

  it('JOIN-11 the way is part of what is agreed on: neither secret does for the other, nor does a changed first message', () => {
    const secret = random.bytes(joinQrSecretBytes)
    const typed = new ApproverRun(random, place, '314159', data)
    const scanned = new ApproverRun(random, place, secret, data)
    expect(code(() => new ApplicantRun(random, place, secret, applicant, typed.message1))).toBe('malformed')
    expect(code(() => new ApplicantRun(random, place, '314159', applicant, scanned.message1))).toBe('malformed')
    const turned = scanned.message1.slice()
    turned[1] = 1
    expect(joinWayOf(turned)).toBe('code')
    const hex = [...secret].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const run = new ApplicantRun(random, place, hex, applicant, turned)
    expect(code(() => scanned.receive2(run.message2, place.account))).toBe('code-wrong')
    for (const wrong of [0, 3, 23]) {
      turned[1] = wrong
      expect(code(() => joinWayOf(turned))).toBe('malformed')
    }
  })

  it('JOIN-2 codes are six digits and cover the space', () => {
    const codes = Array.from({ length: 2_000 }, () => createJoinCode(random))
    expect(codes.every((candidate) => /^[0-9]{6}$/.test(candidate))).toBe(true)
    expect(new Set(codes).size).toBeGreaterThan(1_980)
    expect(new Set(codes.map((candidate) => candidate[0])).size).toBe(10)
  })
})
