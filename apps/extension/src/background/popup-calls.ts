/** What the popup may call (`Calls`), each by its name. Who may call at all is decided in `popup-door.ts`; secrets go out here and nowhere else. */
import { NokkelError, systemRandom, type RequestId } from '@nokkel/base'
import { generatePassword } from '@nokkel/keychain'
import type { Calls } from '../protocol.ts'
import { noteCopied } from './clipboard.ts'
import { fillTab } from './fill.ts'
import { findings } from './findings.ts'
import type { HeldDevice } from './held-device.ts'
import { itemCalls } from './items.ts'
import { ensurePerson, personProved, usePersonProof } from './person.ts'
import { keptSuggestion } from './suggestion.ts'
import { makeChange } from './why-not.ts'

export function popupCalls(device: HeldDevice): Calls {
  const { live } = device

  /** What is locked is opened first: no proof is asked for. */
  const refuseLocked = async (): Promise<void> => {
    if ((await device.client().state()) === 'locked') throw new NokkelError('locked')
  }
  /** Who is there (LOC-13)? Before a secret leaves for the popup, and before a device is let in. Filling is neither. */
  const ask = async (): Promise<void> => {
    await refuseLocked()
    await ensurePerson(device.settings().proofMinutes)
  }

  return {
    async createAccount(details) {
      await device.enter((client) => client.createAccount(details))
      await device.settle()
    },
    async signIn(details) {
      await device.enter((client) => client.signIn(details))
      const client = device.client()
      if ((await client.state()) === 'signed-in') {
        // after an end everywhere nobody is left who could approve (D3)
        if (await client.isOffEverywhere()) await client.resetKeychain({ password: details.password, from: 'device' })
        else await client.requestJoin()
      }
      await device.settle()
    },
    async signOut() {
      live.stop()
      await device.client().signOut()
      await device.startOver()
    },
    async requestJoin() {
      await device.client().requestJoin()
      await device.settle()
    },
    joinQr: async () => (await device.client().joinQr()).text,
    async withdrawJoin() {
      await live.withdrawJoin()
      await device.publish()
    },
    unlock: (passcode) => device.unlock(passcode),
    async prove(passcode) {
      await refuseLocked()
      await device.client().checkPasscode(passcode)
      await personProved()
    },
    lock: () => device.lock(),
    touch: () => device.touch(),
    sync: () => live.sync(),
    find: (text, pageUrl) => device.matches().find(text, pageUrl),
    findings: (tabId) => findings(device, tabId),
    fill: (id, tabId, confirmed) => fillTab(device, id, tabId, confirmed),
    async suggestion(tabId) {
      await ask()
      return (await device.client().state()) === 'trusted' ? keptSuggestion(tabId) : ''
    },
    change: (change, site) => makeChange(device, change, site),
    changeAutofill: (changes) => device.changeAutofill(changes),
    copied: noteCopied,
    ...itemCalls(device, ask),
    generate: async () => generatePassword(systemRandom),
    async approve(requestId, code) {
      // whoever lets a device in can read everything there
      await ask()
      await device.client().approve(requestId as RequestId, code)
      await live.refreshRequests()
      await device.publish()
    },
    async decline(requestId) {
      await device.client().decline(requestId as RequestId)
      await live.refreshRequests()
      await device.publish()
    },
    async changeSettings(changes) {
      if (changes.autoLockMinutes !== undefined || changes.proofMinutes !== undefined) {
        await refuseLocked()
        await usePersonProof()
      }
      await device.changeSettings(changes)
    },
  }
}
