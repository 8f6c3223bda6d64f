/** Where a device stands: not set up, locked, off, removed, reset, and what is laid down for it. */
import { rmSync } from 'node:fs'
import { Cut } from '../../attacks/evil-proxy.ts'
import { codeOf, passcode, password } from '../../attacks/world.ts'
import { noWayOut } from '../dead-ends.ts'
import { email } from '../lab.ts'
import { aDayLater, applicant, join, ofServer, ofSession, startAnew, titlesAreHere, turnOnAgain, works, type Fault } from './fault.ts'

export const standing: readonly Fault[] = [
  {
    name: 'not set up; extension and app not paired (an extension is a device of its own)',
    code: 'not-set-up',
    symptom: 'not-turning-on',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await ward.newDevice('Ny')
      await patient.device.open()
      return patient
    },
    async remedy(ward, patient) {
      await patient.device.signIn(email)
      await join(ward, patient)
    },
    works: titlesAreHere,
  },
  {
    name: 'restored and not turned on',
    code: 'restored-not-on',
    symptom: 'items-missing',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await ward.newDevice('Gjenopprettet')
      await (await patient.device.open()).prepareDevice(passcode, { server: patient.device.proxy.url })
      return patient
    },
    async remedy(ward, patient) {
      await patient.device.signIn(email)
      await join(ward, patient)
    },
    works: titlesAreHere,
  },
  {
    name: 'locked, so changes wait',
    code: 'locked',
    symptom: 'see-password',
    kind: 'standing',
    closes: ['keychain', 'network', ...ofServer],
    turn: 9,
    async make(ward) {
      ward.berit.device.client.lock()
      return ward.berit
    },
    remedy: (_, { device }) => device.client.unlock(passcode),
    works: titlesAreHere,
  },
  {
    name: 'off everywhere, seen on the last device',
    code: 'off-everywhere',
    symptom: 'items-missing',
    kind: 'standing',
    closes: ofSession,
    async make(ward) {
      await ward.berit.device.client.turnOff({ copy: 'keep', everywhere: true })
      return ward.berit
    },
    remedy: startAnew,
    works: titlesAreHere,
  },
  {
    name: 'off everywhere, seen on a device that signs in',
    code: 'off-everywhere',
    symptom: 'new-device',
    kind: 'standing',
    closes: ofSession,
    async make(ward) {
      await ward.anna.device.client.turnOff({ copy: 'delete', everywhere: true })
      return applicant(ward)
    },
    remedy: startAnew,
    works,
  },
  {
    name: 'reset begun here, its answer lost',
    code: 'reset-unfinished',
    symptom: 'not-syncing',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const { device } = ward.berit
      device.proxy.on('keychainReplace', async ({ forward }) => {
        await forward()
        throw new Cut()
      })
      await codeOf(() => device.client.resetKeychain({ password, from: 'device' }))
      device.proxy.honest()
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
  {
    name: 'reset by device X at time T',
    code: 'keychain-reset',
    symptom: 'items-missing',
    kind: 'standing',
    closes: ofSession,
    turn: 8,
    async make(ward) {
      await ward.anna.device.client.resetKeychain({ password, from: 'device' })
      await codeOf(() => ward.berit.device.client.sync())
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient, 'merge'),
    works: titlesAreHere,
  },
  {
    name: 'reset by another device, not yet heard of',
    code: 'keychain-reset',
    symptom: 'not-syncing',
    kind: 'standing',
    closes: ofSession,
    async make(ward) {
      await ward.anna.device.client.resetKeychain({ password, from: 'device' })
      return ward.berit
    },
    async remedy(ward, patient) {
      await codeOf(() => patient.device.client.sync())
      await turnOnAgain(ward, patient, 'discard')
    },
    works: titlesAreHere,
  },
  {
    name: 'device removed',
    code: 'device-removed',
    symptom: 'not-syncing',
    kind: 'standing',
    closes: ofSession,
    turn: 8,
    async make(ward) {
      await ward.anna.device.client.removeDevice(await ward.berit.device.id(), { deleteCopy: false })
      await codeOf(() => ward.berit.device.client.sync())
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
  {
    name: 'device removed, not yet heard of',
    code: 'device-removed',
    symptom: 'not-syncing',
    kind: 'standing',
    closes: ofSession,
    async make(ward) {
      await ward.anna.device.client.removeDevice(await ward.berit.device.id(), { deleteCopy: false })
      return ward.berit
    },
    async remedy(ward, patient) {
      await codeOf(() => patient.device.client.sync())
      await turnOnAgain(ward, patient)
    },
    works: titlesAreHere,
  },
  {
    name: 'local-only frozen copy',
    code: 'off-here-copy',
    symptom: 'not-syncing',
    kind: 'standing',
    closes: ofSession,
    turn: 8,
    async make(ward) {
      await ward.berit.device.client.turnOff({ copy: 'keep' })
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
  {
    name: 'switch off on this device',
    code: 'off-here',
    symptom: 'items-missing',
    kind: 'standing',
    closes: ofSession,
    async make(ward) {
      await ward.berit.device.client.turnOff({ copy: 'delete' })
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
  {
    name: 'the server shows an older circle than this device has seen',
    code: 'server-misbehaved',
    symptom: 'not-syncing',
    kind: 'alarm',
    closes: [],
    turn: 4,
    async make(ward) {
      const { device } = ward.berit
      device.proxy.editCircle(() => [])
      await codeOf(() => device.client.sync())
      device.proxy.honest()
      return ward.berit
    },
    async remedy(_, { device }) {
      const { notices } = await device.client.status()
      await device.client.acknowledge(notices.map(({ id }) => id))
    },
    works,
  },
  {
    name: 'escrow record stale',
    code: 'recovery-stale',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      // the realms are out of reach while it is changed
      ward.berit.road.detour = noWayOut.url
      await ward.berit.device.client.changePasscode(passcode, '735190')
      ward.berit.road.detour = null
      return ward.berit
    },
    async remedy(_, { device }) {
      device.client.lock()
      await device.client.unlock('735190')
      await device.client.sync()
    },
    works: async (_, { device }) => (await device.client.status()).escrow?.passcode === 'current',
  },
  {
    name: 'those who count the tries have lost count',
    code: 'code-locked',
    symptom: 'code-too-many',
    kind: 'standing',
    closes: [],
    async make(ward) {
      // somebody has tried, and the counter of tries, which no copy may bring back, is gone: the realm lets nobody try any more (ESC-H2)
      const { device } = await applicant(ward)
      await device.client.checkVerification(null, (await ward.anna.device.client.deviceCode()).code, 'recover')
      const [way] = (await device.client.waysBack()).ways
      await codeOf(() => device.client.recoverWithCode(way?.slot ?? '', '111112'))
      await ward.restartServer({}, () => {
        for (const part of ['', '-wal', '-shm']) rmSync(`${ward.folder}.realm/counter.db${part}`, { force: true })
      })
      await aDayLater(ward, ward.berit)
      await ward.berit.device.client.sync()
      return ward.berit
    },
    async remedy(ward) {
      for (const { device } of [ward.anna, ward.berit]) {
        await device.client.sync()
        device.client.lock()
        await device.client.unlock(passcode)
        await device.client.sync()
      }
    },
    works: async (_, { device }) => (await device.client.status()).escrow?.passcode === 'current',
  },
]
