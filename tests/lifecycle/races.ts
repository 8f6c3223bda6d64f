/** What two devices do at once, and the states in which both may be afterwards (D2, D3, D4, A5, B3). */
import { joinBy, password, type Play } from './stage.ts'
import { turnOn, type Name, type Stages } from './stages.ts'

export type Cast = Play<Name>
type Deed = (play: Cast) => Promise<unknown>

const removing =
  (by: 'pc' | 'phone', whom: 'pc' | 'phone', deleteCopy = false): Deed =>
  async ({ devices }) => {
    const other = (await devices[by].client.devices()).find(({ name }) => name === whom)
    if (other !== undefined) await devices[by].client.removeDevice(other.id, { deleteCopy })
  }
const off =
  (name: 'pc' | 'phone', everywhere = false): Deed =>
  ({ devices }) =>
    devices[name].client.turnOff({ copy: 'keep', everywhere })
const reset =
  (name: 'pc' | 'phone'): Deed =>
  ({ devices }) =>
    devices[name].client.resetKeychain({ password, from: 'device' })
const adds =
  (name: 'pc' | 'phone'): Deed =>
  async ({ devices }) => {
    await devices[name].client.addItem({ kind: 'note', fields: new Map([['title', 'Samtidig']]) })
    await devices[name].client.sync()
  }
const letsInBy =
  (name: 'pc' | 'phone'): Deed =>
  async ({ devices }) => {
    if ((await devices.fresh.state()) !== 'trusted') {
      await devices.fresh.client.signIn(devices.fresh.details)
      await joinBy(devices.fresh, devices[name])
    }
  }
const letsIn = letsInBy('phone')

export interface Race {
  readonly title: string
  /** where it begins; `two` unless said */
  readonly stage?: keyof Stages
  /** whose requests are counted; the second is the other's */
  readonly actor: 'pc' | 'phone'
  readonly first: Deed
  readonly second: Deed
  /** states of pc and phone in the end */
  readonly ends: readonly string[]
}

export const races: readonly Race[] = [
  {
    title: 'B3 each removes the other',
    actor: 'pc',
    first: removing('pc', 'phone'),
    second: removing('phone', 'pc'),
    ends: ['trusted removed', 'removed trusted'],
  },
  {
    title: 'D2 D3 both turn off, and one must stay',
    actor: 'pc',
    first: off('pc'),
    second: off('phone'),
    ends: ['off trusted', 'trusted off'],
  },
  {
    title: 'B3 D2 one is removed while it turns off',
    actor: 'phone',
    first: off('phone'),
    second: removing('pc', 'phone'),
    ends: ['trusted removed', 'trusted off'],
  },
  { title: 'D4 both reset', actor: 'pc', first: reset('pc'), second: reset('phone'), ends: ['trusted reset', 'reset trusted'] },
  { title: 'D4 B2 one resets while the other writes', actor: 'pc', first: reset('pc'), second: adds('phone'), ends: ['trusted reset'] },
  { title: 'D3 A5 off everywhere while somebody is let in', actor: 'pc', first: off('pc', true), second: letsIn, ends: ['off removed'] },
  {
    title: 'D3 D4 off everywhere while the other resets',
    actor: 'pc',
    first: off('pc', true),
    second: reset('phone'),
    ends: ['reset trusted', 'off removed'],
  },
  {
    title: 'D3 B3 off everywhere while it is removed',
    actor: 'pc',
    first: off('pc', true),
    second: removing('phone', 'pc'),
    ends: ['removed trusted', 'off removed'],
  },
  {
    title: 'D2 D3 one turns on again while the other turns off everywhere',
    stage: 'phoneOffKeep',
    actor: 'phone',
    first: (play) => turnOn(play, 'phone'),
    second: off('pc', true),
    ends: ['off trusted', 'off removed', 'off signed-in'],
  },
  {
    title: 'D2 D4 one turns on again while the other resets',
    stage: 'phoneOffKeep',
    actor: 'phone',
    first: (play) => turnOn(play, 'phone'),
    second: reset('pc'),
    ends: ['trusted off', 'trusted signed-in', 'trusted reset', 'trusted trusted'],
  },
  {
    title: 'A5 both let the same device in',
    actor: 'pc',
    first: letsInBy('pc'),
    second: letsInBy('phone'),
    ends: ['trusted trusted'],
  },
]
