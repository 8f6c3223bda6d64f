/** Nothing is broken: what the person asks about has an answer. */
import type { ItemId } from '@nokkel/base'
import { codeOf, password } from '../../attacks/world.ts'
import { login, type Patient, type Ward } from '../lab.ts'
import { applicant, join, titlesAreHere, turnOnAgain, works, type Fault } from './fault.ts'

const berit = ({ berit: patient }: Ward): Patient => patient

export const questions: readonly Fault[] = [
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
