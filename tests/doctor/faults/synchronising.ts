/** Between device and log: half done, without a key, full, slow, deaf. */
import { Cut } from '../../attacks/evil-proxy.ts'
import { codeOf } from '../../attacks/world.ts'
import { answers } from '../dead-ends.ts'
import { login } from '../lab.ts'
import { applicant, join, titlesAreHere, works, type Fault } from './fault.ts'

export const synchronising: readonly Fault[] = [
  {
    name: 'first synchronisation cut off',
    code: 'joining-unfinished',
    symptom: 'new-device',
    kind: 'standing',
    closes: [],
    async make(ward) {
      const patient = await applicant(ward)
      patient.device.proxy.on('log', () => {
        throw new Cut()
      })
      await codeOf(() => join(ward, patient))
      patient.device.proxy.honest()
      return patient
    },
    async remedy(_, { device }) {
      await device.client.sync()
    },
    works: titlesAreHere,
  },
  {
    name: 'key not shared to this device yet',
    code: 'key-missing',
    symptom: 'not-syncing',
    kind: 'sync',
    closes: [],
    turn: 2,
    async make(ward) {
      const third = await ward.joined('Gammel telefon')
      await ward.berit.device.client.sync()
      await ward.anna.device.client.removeDevice(await third.device.id(), { deleteCopy: true })
      ward.berit.device.proxy.on('circleKeys', () => {
        throw new Cut()
      })
      await codeOf(() => ward.berit.device.client.sync())
      ward.berit.device.proxy.honest()
      return ward.berit
    },
    async remedy(_, { device }) {
      await device.client.sync()
    },
    works: titlesAreHere,
  },
  {
    name: 'the account is full',
    code: 'quota-full',
    symptom: 'not-syncing',
    kind: 'quota',
    closes: [],
    turn: 5,
    async make(ward) {
      const { usage } = (await ward.berit.device.client.observe.account()) ?? { usage: { records: 1 } }
      await ward.restartServer({ quota: { records: usage.records, bytes: 1_073_741_824 } })
      await ward.berit.device.client.addItem(login('Full'))
      return ward.berit
    },
    async remedy(ward, { device }) {
      await ward.restartServer(null)
      await device.client.sync()
    },
    works,
  },
  {
    name: 'push channel blocked',
    code: 'live-channel-blocked',
    symptom: 'not-syncing',
    kind: 'live',
    closes: [],
    turn: 6,
    async make(ward) {
      const blocks = await answers(403, 'WebSocket is not allowed here')
      ward.extra.push(() => blocks.close())
      ward.berit.road.liveDetour = blocks.url
      return ward.berit
    },
    async remedy(_, { road }) {
      road.liveDetour = null
    },
    works,
  },
  {
    name: 'big import uploading slowly',
    code: 'upload-waiting',
    symptom: 'not-syncing',
    kind: 'sync',
    closes: [],
    turn: 5,
    async make(ward) {
      await ward.restartServer({ rateLimits: { enabled: true, pushFramesPerMinutePerDevice: 1, requestsPerMinute: 100_000 } })
      const rows = Array.from({ length: 150 }, (_, at) => `Nr ${at},https://nr-${at}.example,kari,hemmelig${at}`)
      const bytes = new TextEncoder().encode(`name,url,username,password\n${rows.join('\n')}\n`)
      await ward.berit.device.client.importFile({ name: 'passord.csv', bytes })
      return ward.berit
    },
    async remedy(ward, { device }) {
      await ward.restartServer(null)
      await device.client.sync()
    },
    works,
  },
]
