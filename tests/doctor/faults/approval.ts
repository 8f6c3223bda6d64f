/** A new device and those that may let it in (A5). */
import { codeOf } from '../../attacks/world.ts'
import { aDayLater, applicant, join, titlesAreHere, works, type Fault } from './fault.ts'

export const approval: readonly Fault[] = [
  {
    name: 'signed in and approval not asked for',
    code: 'approval-not-asked',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    make: applicant,
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approver offline or locked',
    code: 'approval-unseen',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      await patient.device.client.requestJoin()
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approval pending',
    code: 'approval-pending',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      await patient.device.client.requestJoin()
      await ward.anna.device.client.joinRequests()
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approval declined',
    code: 'approval-declined',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      const { requestId } = await patient.device.client.requestJoin()
      await ward.anna.device.client.decline(requestId)
      await codeOf(() => patient.device.client.waitForJoin())
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approval declined, not yet heard of',
    code: 'approval-declined',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      const { requestId } = await patient.device.client.requestJoin()
      await ward.anna.device.client.decline(requestId)
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approval code typed wrong too often',
    code: 'approval-attempts-used',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      const { requestId, code } = await patient.device.client.requestJoin()
      const wrong = code === '000000' ? '111111' : '000000'
      const waiting = codeOf(() => patient.device.client.waitForJoin())
      for (let attempt = 0; attempt < 4; attempt++)
        await codeOf(() => ward.anna.device.client.approve(requestId, wrong, { timeoutMs: 3_000 }))
      await codeOf(() => ward.anna.device.client.decline(requestId))
      await waiting
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'approval expired',
    code: 'approval-expired',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      await patient.device.client.requestJoin()
      await ward.anna.device.client.joinRequests()
      await aDayLater(ward, patient)
      return patient
    },
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'no trusted device left that anybody uses',
    code: 'nobody-answers',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      await patient.device.client.requestJoin()
      await aDayLater(ward, patient)
      return patient
    },
    // somebody finds the old machine again
    remedy: join,
    works: titlesAreHere,
  },
  {
    name: 'ghost request',
    code: 'ghost-request',
    symptom: 'new-device',
    kind: 'requests',
    closes: [],
    turn: 3,
    async make(ward) {
      // the same tablet, emptied and set up again
      for (let again = 0; again < 2; again++) {
        const { device } = await applicant(ward)
        await device.client.requestJoin()
        device.clock.offsetMs += 1
        ward.clock.offsetMs += 1
      }
      return ward.berit
    },
    async remedy(_, { device }) {
      for (const { requestId } of await device.client.joinRequests()) await codeOf(() => device.client.decline(requestId))
    },
    works,
  },
  {
    name: 'a device waits for approval here',
    code: 'request-waiting',
    symptom: 'new-device',
    kind: 'requests',
    closes: [],
    turn: 3,
    async make(ward) {
      await (await applicant(ward)).device.client.requestJoin()
      return ward.berit
    },
    async remedy(_, { device }) {
      for (const { requestId } of await device.client.joinRequests()) await codeOf(() => device.client.decline(requestId))
    },
    works,
  },
]
