/** What operators and clocks do to everybody, and a session that is over. */
import { email, type Patient, type Ward } from '../lab.ts'
import { password } from '../../attacks/world.ts'
import { ofSession, titlesAreHere, turnOnAgain, works, type Fault } from './fault.ts'

export const service: readonly Fault[] = [
  {
    name: 'outage on the status page',
    code: 'service-outage',
    symptom: 'not-turning-on',
    kind: 'status',
    closes: [],
    turn: 6,
    make: (ward) => announce(ward, 'outage'),
    remedy: async (ward) => settle(ward),
    works,
  },
  {
    name: 'maintenance on the status page',
    code: 'service-maintenance',
    symptom: 'not-syncing',
    kind: 'status',
    closes: [],
    turn: 6,
    make: (ward) => announce(ward, 'maintenance'),
    remedy: async (ward) => settle(ward),
    works,
  },
  {
    name: 'client too old',
    code: 'client-too-old',
    symptom: 'not-syncing',
    kind: 'service',
    closes: ofSession,
    turn: 5,
    async make(ward) {
      await ward.restartServer({ minimumClient: { cli: '9.0.0', web: '0.1.0', extension: '0.1.0' } })
      return ward.berit
    },
    async remedy(_, { road }) {
      road.version = '9.0.0'
    },
    works,
  },
  {
    name: 'server too old',
    code: 'server-too-old',
    symptom: 'not-syncing',
    kind: 'service',
    closes: [],
    turn: 5,
    async make(ward) {
      // the answer of a server from before this protocol
      ward.berit.device.proxy.editJson('server', (info) => ({ ...info, version: '0.0.9', protocol: { min: 0, max: 0 } }))
      return ward.berit
    },
    async remedy(_, { device }) {
      device.proxy.honest()
    },
    works,
  },
  {
    name: 'region',
    code: 'region-closed',
    symptom: 'not-turning-on',
    kind: 'service',
    closes: ['requests', 'ownRequest'],
    turn: 5,
    async make(ward) {
      await ward.restartServer({ regions: ['SE', 'DK'] })
      return ward.berit
    },
    remedy: (ward) => ward.restartServer({ regions: ['SE', 'DK', 'NO'] }),
    works,
  },
  {
    name: 'clock wrong by more than 2 min',
    code: 'device-clock-wrong',
    symptom: 'not-syncing',
    kind: 'clock',
    closes: [],
    turn: 6,
    async make(ward) {
      ward.berit.device.clock.offsetMs = 3_600_000
      return ward.berit
    },
    async remedy(_, { device }) {
      device.clock.offsetMs = 0
    },
    works,
  },
  {
    name: 'wrong clock on server, seen by several devices',
    code: 'server-clock-wrong',
    symptom: 'not-syncing',
    kind: 'clock',
    closes: [],
    async make(ward) {
      ward.clock.offsetMs = -1_800_000
      // a device that joins now is a witness of the difference
      const third = await ward.newDevice('Vitne')
      third.device.clock.offsetMs = 0
      ward.extra.push(() => undefined)
      await third.device.signIn(email)
      await third.device.joinBy(ward.anna.device)
      const fourth = await ward.newDevice('Vitne til')
      fourth.device.clock.offsetMs = 0
      await fourth.device.signIn(email)
      await fourth.device.joinBy(ward.anna.device)
      await ward.berit.device.client.sync()
      return ward.berit
    },
    async remedy(ward) {
      ward.clock.offsetMs = 0
    },
    works,
  },
  {
    name: 'the clocks differ, and no other device can say whose is wrong',
    code: 'clocks-differ',
    symptom: 'not-syncing',
    kind: 'clock',
    closes: [],
    async make(ward) {
      // Anna's device founded the circle and added Berit's itself: nobody else has ever signed an addition
      ward.anna.device.clock.offsetMs = -600_000
      return ward.anna
    },
    async remedy(_, { device }) {
      device.clock.offsetMs = 0
    },
    works,
  },
  {
    name: 'signed out; account password changed and device not re-validated',
    code: 'signed-out',
    symptom: 'not-syncing',
    kind: 'session',
    closes: ['requests', 'account', 'region', 'witnesses', 'live'],
    turn: 7,
    async make(ward) {
      const { client } = ward.anna.device
      await client.changeAccountPassword(password, 'et helt annet passord 77')
      // and back, which ends sessions as well: everybody in the laboratory signs in with the same one
      await client.changeAccountPassword('et helt annet passord 77', password)
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
]

/** As an operator says it, from now on. */
async function announce(ward: Ward, level: 'outage' | 'maintenance'): Promise<Patient> {
  const nowMs = ward.clock.nowMs()
  ward.server.services.status.change((board) => ({
    ...board,
    events: [
      ...board.events,
      {
        id: '00000000000000aa',
        kind: level === 'maintenance' ? 'maintenance' : 'incident',
        origin: 'operator',
        services: ['sync'],
        level,
        title: { en: 'Slow disks', nb: 'Trege disker' },
        startMs: nowMs - 60_000,
        endMs: level === 'maintenance' ? nowMs + 3_600_000 : null,
        resolvedMs: null,
        codes: [],
        updates: [],
      },
    ],
  }))
  return ward.berit
}

function settle(ward: Ward): void {
  ward.server.services.status.change((board) => ({ ...board, events: [] }))
}
