/** Items that are damaged, doomed, overwritten or twice. */
import { newId, systemClock, systemRandom, type ItemId } from '@nokkel/base'
import { HybridClock, createItem, encodeItem } from '@nokkel/keychain'
import { encodePushFrame, makeBatch, recordHash, sealRecord } from '@nokkel/protocol'
import { sessionOf } from '@nokkel/sync'
import { codeOf, type TestDevice } from '../../attacks/world.ts'
import { noWayOut } from '../dead-ends.ts'
import { login, type Patient, type Ward } from '../lab.ts'
import { works, type Fault } from './fault.ts'

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

export const items: readonly Fault[] = [
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
