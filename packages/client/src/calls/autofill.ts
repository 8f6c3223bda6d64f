/** Filling and saving: switches, what was decided for a site (E1, E2, E4), and what the server tells of sites in general. Works offline; what holds for all devices is sent when the server is there. */
import { noteUsedItem, readUsedItems } from '@nokkel/sync'
import { changeAutofill, defaultAutofill, readAutofill } from '../autofill-settings.ts'
import type { DeviceSession } from '../device-session.ts'
import type { Client } from '../facade.ts'
import { readSiteData, refreshSiteData } from '../site-data.ts'

/** No sooner is it looked whether it is time to ask, whatever came of it. */
const lookMs = 3_600_000

export function autofillCalls(
  session: DeviceSession,
): Pick<Client, 'autofill' | 'changeAutofill' | 'usedItems' | 'noteUsed' | 'siteData' | 'refreshSiteData'> {
  let lookedMs: number | null = null
  return {
    autofill: async () => (session.present === null ? defaultAutofill : readAutofill(session.keychain)),
    async changeAutofill(changes) {
      const { keychain } = session
      await changeAutofill(keychain, changes)
      if (keychain.identity?.mode === 'trusted' && keychain.dirty.size > 0) await session.pushQuietly()
      return readAutofill(keychain)
    },
    usedItems: async () => (session.present === null ? new Map() : readUsedItems(session.keychain)),
    async noteUsed(id) {
      const { keychain } = session
      keychain.requireTrusted()
      if (keychain.index.has(id)) await noteUsedItem(keychain, id)
    },
    siteData: async () => (session.present === null ? null : readSiteData(session.keychain.store)),
    async refreshSiteData() {
      const keychain = session.present?.keychain
      const nowMs = session.platform.clock.nowMs()
      if (keychain?.identity?.mode !== 'trusted' || (lookedMs !== null && Math.abs(nowMs - lookedMs) < lookMs)) return false
      lookedMs = nowMs
      try {
        return await refreshSiteData(keychain, session.api)
      } catch {
        // nothing depends on it: what is kept goes on
        return false
      }
    },
  }
}
