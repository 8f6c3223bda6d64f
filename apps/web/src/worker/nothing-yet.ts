/** What the page is shown of a device that holds nothing yet. */
import type { Snapshot } from './protocol.ts'

export const settingsAtFirst = { autoLockMinutes: 5, language: 'system', proofMinutes: 5 } as const

export const nothingYet: Snapshot = {
  state: 'empty',
  status: null,
  settings: settingsAtFirst,
  joinRequests: [],
  version: 0,
  problem: null,
  joinEnded: null,
  joinProgress: null,
  authenticator: null,
  connecting: false,
}
