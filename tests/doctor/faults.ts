/**
 * Every cause of section G as a real state: how it comes about, what the doctor must say, and what helps. `faults.test.ts` makes each by
 * itself, `pairs.test.ts` two at a time, and `docs/doctor-matrix.md` is the table of both.
 */
import { rmSync } from 'node:fs'
import type { ItemId } from '@nokkel/base'
import { newId, systemClock, systemRandom } from '@nokkel/base'
import type { CauseCode, ObservationName, Symptom } from '@nokkel/doctor'
import { encodeItem, createItem, HybridClock } from '@nokkel/keychain'
import { encodePushFrame, makeBatch, recordHash, sealRecord } from '@nokkel/protocol'
import { sessionOf } from '@nokkel/sync'
import { Cut } from '../attacks/evil-proxy.ts'
import { codeOf, passcode, password, type TestDevice } from '../attacks/world.ts'
import { answers, noSuchName, noWayOut, nobodyListens, saysNothing, withCertificate, type DeadEnd } from './dead-ends.ts'
import { email, login, type LookOptions, type Patient, type Ward } from './lab.ts'

export interface Fault {
  /** in the words of section G */
  readonly name: string
  readonly code: CauseCode
  readonly symptom: Symptom
  /** Of faults that exclude each other only one can be there: a device is not both removed and turned off. */
  readonly kind:
    | 'standing'
    | 'road'
    | 'service'
    | 'clock'
    | 'session'
    | 'requests'
    | 'sync'
    | 'live'
    | 'alarm'
    | 'bad-item'
    | 'lost-edit'
    | 'status'
    | 'twins'
    | 'erasure'
    | 'quota'
    | 'question'
  /** what cannot be looked at while it lasts */
  readonly closes: readonly ObservationName[]
  /** later ones are made later: a road is broken when the rest is done. Undefined: not on Berit's trusted device, so not in pairs */
  readonly turn?: number
  /** the answer to a question: found only with the symptom */
  readonly onlyAsked?: true
  make(ward: Ward): Promise<Patient>
  remedy(ward: Ward, patient: Patient): Promise<void>
  /** what the person wanted works again */
  works?(ward: Ward, patient: Patient): Promise<boolean>
  readonly options?: (patient: Patient) => LookOptions
}

const ofServer: readonly ObservationName[] = [
  'info',
  'session',
  'live',
  'ownRequest',
  'requests',
  'account',
  'region',
  'witnesses',
  'status',
]
const ofSession: readonly ObservationName[] = ['session', 'live', 'requests', 'account', 'region', 'witnesses']

const berit = ({ berit: patient }: Ward): Patient => patient
const works = async (_: Ward, { device }: Patient): Promise<boolean> => {
  const { pending } = await device.client.sync()
  return pending === 0 && (await device.client.status()).online
}
async function turnOnAgain(ward: Ward, { device }: Patient, copy?: 'merge' | 'discard'): Promise<void> {
  await device.client.signIn({
    server: device.proxy.url,
    email,
    password,
    passcode,
    deviceName: device.name,
    ...(copy === undefined ? {} : { copy }),
  })
  if ((await device.client.state()) === 'signed-in') await device.joinBy(ward.anna.device)
}
/** As `nokkel on` does it when nobody is left. */
async function startAnew(_: Ward, { device }: Patient): Promise<void> {
  await device.client.signIn({ server: device.proxy.url, email, password, passcode, deviceName: device.name })
  if (await device.client.isOffEverywhere()) await device.client.resetKeychain({ password, from: 'device' })
}
async function applicant(ward: Ward): Promise<Patient> {
  const patient = await ward.newDevice('Nytt nettbrett')
  await patient.device.signIn(email)
  return patient
}
const join = async (ward: Ward, { device }: Patient): Promise<void> => device.joinBy(ward.anna.device)
const titlesAreHere = async (_: Ward, { device }: Patient): Promise<boolean> =>
  (await device.titles()).join() === 'Bank,Post,Trikk' && (await device.client.sync()).pending === 0

function brokenRoad(name: string, code: CauseCode, end: () => Promise<DeadEnd> | DeadEnd): Fault {
  return {
    name,
    code,
    symptom: 'not-syncing',
    kind: 'road',
    closes: ofServer,
    turn: 9,
    async make(ward) {
      const dead = await end()
      ward.extra.push(() => dead.close())
      ward.berit.road.detour = dead.url
      return ward.berit
    },
    async remedy(_, { road }) {
      road.detour = null
    },
    works,
  }
}

/** A batch of this device whose record holds `plaintext`, sent past the device's own books: as another version of Nøkkelring would. */
async function pushRaw(device: TestDevice, item: ItemId, plaintext: Uint8Array): Promise<void> {
  const look = await device.look()
  const { identity, circle, log, vault, account } = look.requireTrusted()
  const key = look.recordKey(vault, circle.vaults.get(vault)?.epochs.at(-1)?.epoch ?? 1)
  if (key === undefined) throw new Error('no key')
  const epoch = circle.vaults.get(vault)?.epochs.at(-1)?.epoch ?? 1
  const sealed = sealRecord(systemRandom, key, { account, vault, item, epoch }, plaintext)
  const hash = recordHash(sealed.encoded)
  const batch = makeBatch(
    circle,
    identity.keys,
    vault,
    log,
    [{ item, recordHash: hash, kind: 'put' }],
    look.root.rootWith([[item, hash]]),
    Date.now(),
  )
  await device.connect().push(sessionOf(identity), vault, [encodePushFrame({ batch: batch.encoded, records: [sealed.encoded] })])
}

export const faults: readonly Fault[] = [
  // ---- where the device stands
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
  // ---- the way to the server
  brokenRoad('no network', 'no-network', () => noWayOut),
  brokenRoad('server unreachable: nobody listens', 'server-unreachable', nobodyListens),
  brokenRoad('server unreachable: its name is unknown', 'server-unreachable', () => noSuchName),
  brokenRoad('server silent', 'server-silent', saysNothing),
  brokenRoad('TLS: the certificate has expired, or the clock is wrong', 'certificate-time', () => withCertificate('expired.pem')),
  brokenRoad('TLS: the certificate is nobody’s', 'certificate-not-trusted', () => withCertificate('other-name.pem')),
  brokenRoad('proxy: a network that asks for a sign-in first', 'proxy-in-between', () => answers(511, '<a href="/login">Log in</a>')),
  brokenRoad('proxy: forbids the way', 'other-answer', () => answers(403, '<html>Blocked by policy</html>')),
  brokenRoad('another page answers', 'other-answer', () => answers(200, '<html>Welcome to the hotel</html>')),
  brokenRoad('a network sends everybody elsewhere', 'other-answer', () =>
    answers(302, '', 'text/html', { location: 'http://127.0.0.1:1/login' }),
  ),
  brokenRoad('the server behind the proxy is down', 'server-down', () => answers(502, 'Bad Gateway')),
  brokenRoad('outage: the server cannot serve', 'server-down', () =>
    answers(503, '{"code":"server-unavailable"}', 'application/problem+json'),
  ),
  // ---- the service
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
      const { identity } = (await ward.berit.device.look()).requireTrusted()
      await ward.berit.device.connect().signOut(sessionOf(identity))
      return ward.berit
    },
    remedy: (ward, patient) => turnOnAgain(ward, patient),
    works: titlesAreHere,
  },
  // ---- approval
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
  // ---- synchronising
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
  // ---- items
  {
    name: 'a poisoned item quarantined',
    code: 'items-quarantined',
    symptom: 'items-missing',
    kind: 'bad-item',
    closes: [],
    turn: 1,
    async make(ward) {
      const item = newId<ItemId>(systemRandom)
      await pushRaw(ward.anna.device, item, new Uint8Array([0x81, 0x18]))
      await ward.berit.device.client.sync()
      return ward.berit
    },
    async remedy(ward, { device }) {
      // the device that wrote it writes it anew, so that it can be read
      const [item] = [...(await device.look()).index.values()].flatMap(({ id, state }) => (state === 'quarantined' ? [id] : []))
      await codeOf(() => ward.anna.device.client.sync())
      const { identity } = (await ward.anna.device.look()).requireTrusted()
      const clock = new HybridClock(systemClock, identity.keys.id.slice(0, 16))
      await pushRaw(ward.anna.device, item as ItemId, encodeItem(createItem(login('Lesbar'), () => clock.tick())))
      await device.client.sync()
    },
    works,
  },
  {
    name: 'account about to be erased',
    code: 'account-erasure-due',
    symptom: 'items-missing',
    kind: 'erasure',
    closes: [],
    turn: 2,
    async make(ward) {
      await ward.anna.device.client.deleteAccount()
      return ward.berit
    },
    remedy: (_, { device }) => device.client.keepAccount(),
    works,
  },
  {
    name: 'an edit that lost a conflict',
    code: 'edit-lost',
    symptom: 'items-missing',
    kind: 'lost-edit',
    closes: [],
    turn: 1,
    make: loseAnEdit,
    async remedy(_, { device }) {
      const { id } = (await device.client.items({ text: 'Bank' }))[0] ?? { id: '' as ItemId }
      const lost = (await device.client.item(id)).history.find(({ reason }) => reason === 'conflict')
      await device.client.restoreHistory(id, lost?.index ?? -1)
    },
    works: beritsIsThere,
  },
  {
    name: 'an edit that lost a conflict, typed anew on the other device',
    code: 'edit-lost',
    symptom: 'items-missing',
    kind: 'lost-edit',
    closes: [],
    make: loseAnEdit,
    async remedy({ anna }, { device }) {
      await anna.device.client.sync()
      const { id } = (await anna.device.client.items({ text: 'Bank' }))[0] ?? { id: '' as ItemId }
      await anna.device.client.editItem(id, { set: new Map([['password', 'Berits']]) })
      await device.client.sync()
    },
    works: beritsIsThere,
  },
  {
    name: 'duplicates',
    code: 'duplicates',
    symptom: 'items-missing',
    kind: 'twins',
    closes: [],
    turn: 1,
    async make(ward) {
      for (const { device } of [ward.anna, ward.berit]) await device.client.addItem(login('Avis'))
      await ward.berit.device.client.sync()
      return ward.berit
    },
    async remedy(_, { device }) {
      const [group] = await device.client.duplicates()
      for (const { id } of group?.slice(1) ?? []) await device.client.deleteItem(id)
    },
    works,
  },
  // ---- answers to questions
  {
    name: 'deleted',
    code: 'items-deleted',
    symptom: 'items-missing',
    kind: 'question',
    closes: [],
    onlyAsked: true,
    async make(ward) {
      const item = (await ward.berit.device.client.items({ text: 'Bank' }))[0]?.id as ItemId
      await ward.berit.device.client.deleteItem(item)
      return ward.berit
    },
    async remedy(_, { device }) {
      const [item] = await device.client.items({ deleted: true })
      await device.client.restoreItem(item?.id as ItemId)
    },
    works: titlesAreHere,
  },
  {
    name: 'other account',
    code: 'keychain-empty',
    symptom: 'items-missing',
    kind: 'question',
    closes: [],
    onlyAsked: true,
    async make(ward) {
      const patient = await ward.newDevice('Annen konto')
      await patient.device.create('kari.ny@example.org', 'NO')
      return patient
    },
    async remedy(_, { device }) {
      await device.client.addItem(login('Igjen'))
    },
    works,
  },
  {
    name: 'was reset',
    code: 'keychain-replaced',
    symptom: 'items-missing',
    kind: 'question',
    closes: [],
    onlyAsked: true,
    async make(ward) {
      await ward.anna.device.client.resetKeychain({ password, from: 'nothing' })
      return ward.anna
    },
    // what another device kept goes into the new keychain; that it took an older one's place stays true
    async remedy(ward) {
      await codeOf(() => ward.berit.device.client.sync())
      await turnOnAgain(ward, ward.berit, 'merge')
      await ward.anna.device.client.sync()
    },
    works: titlesAreHere,
  },
  {
    name: 'SMS code and security code and passcode confused',
    code: 'two-factor-on',
    symptom: 'code-forgotten',
    kind: 'question',
    closes: [],
    onlyAsked: true,
    make: async (ward) => berit(ward),
    // nothing is broken: a new device is let in without any of these codes
    async remedy(ward) {
      const patient = await applicant(ward)
      await join(ward, patient)
    },
    works,
  },
]

/** Offline here, and written on the other device in the meantime, which is later and so wins (SYN-22). */
async function loseAnEdit({ anna, berit: patient }: Ward): Promise<Patient> {
  const item = (await patient.device.client.items({ text: 'Bank' }))[0]?.id as ItemId
  patient.road.detour = noWayOut.url
  await patient.device.client.editItem(item, { set: new Map([['password', 'Berits']]) })
  patient.road.detour = null
  await anna.device.client.editItem(item, { set: new Map([['password', 'Annas']]) })
  await patient.device.client.sync()
  return patient
}

async function beritsIsThere(_: Ward, { device }: Patient): Promise<boolean> {
  const { id } = (await device.client.items({ text: 'Bank' }))[0] ?? { id: '' as ItemId }
  return (await device.client.item(id)).fields.some(({ name, value }) => name === 'password' && value === 'Berits')
}

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

/** The applicant looks in after 20 hours, which keeps its session, and again when the request is over. */
async function aDayLater(ward: Ward, patient: Patient): Promise<void> {
  for (const hours of [20, 25]) {
    ward.clock.offsetMs = hours * 3_600_000
    for (const { device } of [ward.anna, ward.berit, patient]) device.clock.offsetMs = ward.clock.offsetMs
    await patient.device.client.observe.ownRequest()
  }
}
