/** A fault of section G: how the real state comes about, what the doctor must say of it, and what helps. And what several of them need. */
import type { CauseCode, ObservationName, Symptom } from '@nokkel/doctor'
import { passcode, password } from '../../attacks/world.ts'
import { email, type LookOptions, type Patient, type Ward } from '../lab.ts'

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

export const ofServer: readonly ObservationName[] = [
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

export const ofSession: readonly ObservationName[] = ['session', 'live', 'requests', 'account', 'region', 'witnesses']

export const works = async (_: Ward, { device }: Patient): Promise<boolean> => {
  const { pending } = await device.client.sync()
  return pending === 0 && (await device.client.status()).online
}

export async function turnOnAgain(ward: Ward, { device }: Patient, copy?: 'merge' | 'discard'): Promise<void> {
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
export async function startAnew(_: Ward, { device }: Patient): Promise<void> {
  await device.client.signIn({ server: device.proxy.url, email, password, passcode, deviceName: device.name })
  if (await device.client.isOffEverywhere()) await device.client.resetKeychain({ password, from: 'device' })
}

export async function applicant(ward: Ward): Promise<Patient> {
  const patient = await ward.newDevice('Nytt nettbrett')
  await patient.device.signIn(email)
  return patient
}

export const join = async (ward: Ward, { device }: Patient): Promise<void> => device.joinBy(ward.anna.device)

export const titlesAreHere = async (_: Ward, { device }: Patient): Promise<boolean> =>
  (await device.titles()).join() === 'Bank,Post,Trikk' && (await device.client.sync()).pending === 0

/** The applicant looks in after 20 hours, which keeps its session, and again when the request is over. */
export async function aDayLater(ward: Ward, patient: Patient): Promise<void> {
  for (const hours of [20, 25]) {
    ward.clock.offsetMs = hours * 3_600_000
    for (const { device } of [ward.anna, ward.berit, patient]) device.clock.offsetMs = ward.clock.offsetMs
    await patient.device.client.observe.ownRequest()
  }
}
