/** Filling and saving: switches, and what was decided for a site (E1, E2, E4). Works offline; what holds for all devices is sent when the server is there. */
import { changeAutofill, defaultAutofill, readAutofill } from '../autofill-settings.ts'
import type { DeviceSession } from '../device-session.ts'
import type { Client } from '../facade.ts'

export function autofillCalls(session: DeviceSession): Pick<Client, 'autofill' | 'changeAutofill'> {
  return {
    autofill: async () => (session.present === null ? defaultAutofill : readAutofill(session.keychain)),
    async changeAutofill(changes) {
      const { keychain } = session
      await changeAutofill(keychain, changes)
      if (keychain.identity?.mode === 'trusted' && keychain.dirty.size > 0) await session.pushQuietly()
      return readAutofill(keychain)
    },
  }
}
