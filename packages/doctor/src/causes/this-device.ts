/** The file under the keychain, and where this device stands: set up, locked, off, removed, reset (G; D1–D4, B3). */
import { defineCause, found, foundIf } from '../cause.ts'
import type { StoreObservation } from '../observations.ts'

/** below this SQLite cannot be trusted to write its journal */
const scarceBytes = 4 * 1024 * 1024

const storeIs = (store: StoreObservation | null, condition: StoreObservation['condition']) => foundIf(store?.condition === condition)

export const databaseDamaged = defineCause({
  code: 'database-damaged',
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  find: ({ store }) => storeIs(store, 'damaged'),
  steps: ['repair-database'],
  action: 'repair-database',
})

export const databaseTooNew = defineCause({
  code: 'database-too-new',
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  find: ({ store }) => storeIs(store, 'too-new'),
  steps: ['update-app'],
})

export const diskFull = defineCause({
  code: 'disk-full',
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  find({ store }) {
    if (store === null || store.condition === 'none') return null
    const scarce = store.freeBytes !== null && store.freeBytes < scarceBytes
    if (store.condition !== 'full' && !scarce) return null
    return found(store.freeBytes === null ? [] : [{ name: 'free', type: 'bytes', value: store.freeBytes }])
  },
  steps: ['free-space', 'sync-now'],
  action: 'look-again',
})

export const databaseInUse = defineCause({
  code: 'database-in-use',
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  find: ({ store }) => storeIs(store, 'in-use'),
  steps: ['close-others'],
})

export const databaseUnreadable = defineCause({
  code: 'database-unreadable',
  symptoms: 'all',
  severity: 'problem',
  observes: ['store'],
  find: ({ store }) => storeIs(store, 'unreadable'),
  steps: ['check-rights'],
})

/** Alarms are proofs (SPEC CIR, SYN), so this stands above everything that the server might say. */
export const serverMisbehaved = defineCause({
  code: 'server-misbehaved',
  symptoms: 'all',
  severity: 'problem',
  observes: ['keychain'],
  find({ keychain }) {
    const newest = keychain?.alarms.at(-1)
    if (newest === undefined) return null
    return found([
      { name: 'what', type: 'error', value: newest.code },
      { name: 'time', type: 'time', value: newest.timeMs },
    ])
  },
  steps: ['stop-using-server', 'tell-operator'],
})

export const notSetUp = defineCause({
  code: 'not-set-up',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing', 'passwords-not-filled', 'cards-not-filled'],
  severity: 'problem',
  observes: ['device', 'store'],
  // a file that cannot be read may hold a keychain: then this is not known
  find: ({ device, store }) =>
    foundIf(
      device.state === 'empty' && device.restored === null && (store === null || store.condition === 'ok' || store.condition === 'none'),
    ),
  steps: ['set-up'],
})

export const restoredNotOn = defineCause({
  code: 'restored-not-on',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device'],
  find: ({ device }) =>
    foundIf(device.state === 'empty' && device.restored !== null, [
      { name: 'time', type: 'time', value: device.restored?.timeMs ?? 0 },
      { name: 'host', type: 'host', value: device.restored?.server ?? '' },
    ]),
  steps: ['set-up', 'approve-elsewhere'],
})

export const locked = defineCause({
  code: 'locked',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'see-password', 'items-missing', 'passwords-not-filled', 'cards-not-filled'],
  severity: 'attention',
  observes: ['device'],
  find: ({ device }) => foundIf(device.state === 'locked'),
  steps: ['unlock'],
  action: 'unlock',
})

export const offEverywhere = defineCause({
  code: 'off-everywhere',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain'],
  // every device has signed its leave or was removed: this device's own copy of the circle says so
  find: ({ device, keychain }) =>
    foundIf(device.state === 'off' && keychain !== null && keychain.activeDevices === 0, [
      { name: 'count', type: 'count', value: keychain?.items ?? 0 },
    ]),
  steps: ['turn-on-anew', 'import-again'],
  action: 'turn-on',
})

/** The same seen from a device that has only signed in, which knows no circle and takes the server's word. */
export const offEverywhereSaid = defineCause({
  code: 'off-everywhere',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain', 'session'],
  find: ({ device, keychain, session }) =>
    foundIf(
      device.state === 'signed-in' && session?.end?.kind === 'off',
      [{ name: 'count', type: 'count', value: keychain?.items ?? 0 }],
      'likely',
    ),
  steps: ['turn-on-anew', 'import-again'],
  action: 'turn-on',
})

/** The account's keychain was replaced, and this device had itself begun to do that (LIF-4). */
export const resetUnfinished = defineCause({
  code: 'reset-unfinished',
  symptoms: ['not-turning-on', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain', 'session'],
  find: ({ device, keychain, session }) =>
    foundIf(device.state === 'trusted' && keychain?.resetUnfinished === true && session?.state === 'ended', [], 'likely'),
  steps: ['sign-in-again'],
  action: 'sign-in-again',
})

export const keychainReset = defineCause({
  code: 'keychain-reset',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(
      device.state === 'reset',
      [
        { name: 'by', type: 'device-name', value: keychain?.removal?.byName ?? '' },
        { name: 'time', type: 'time', value: keychain?.removal?.timeMs ?? 0 },
        { name: 'count', type: 'count', value: keychain?.items ?? 0 },
      ],
      // named only where a device of the old circle signed for it
      keychain?.removal?.byName === '' ? 'likely' : 'certain',
    ),
  steps: ['turn-on-copy', 'approve-elsewhere'],
  action: 'turn-on',
})

/** Not heard of here yet: the server says so, and a synchronisation will look at the proof. */
export const keychainResetSaid = defineCause({
  code: 'keychain-reset',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain', 'session'],
  find: ({ device, keychain, session }) =>
    foundIf(
      device.state === 'trusted' && session?.state === 'ended' && session.end?.kind === 'reset',
      [
        { name: 'by', type: 'device-name', value: '' },
        { name: 'time', type: 'time', value: session?.end?.timeMs ?? 0 },
        { name: 'count', type: 'count', value: keychain?.items ?? 0 },
      ],
      'likely',
    ),
  steps: ['sync-now', 'turn-on-copy', 'approve-elsewhere'],
  action: 'sync',
  explainedBy: ['reset-unfinished'],
})

export const deviceRemoved = defineCause({
  code: 'device-removed',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'removed', [
      { name: 'by', type: 'device-name', value: keychain?.removal?.byName ?? '' },
      { name: 'time', type: 'time', value: keychain?.removal?.timeMs ?? 0 },
      { name: 'count', type: 'count', value: keychain?.items ?? 0 },
    ]),
  steps: ['ask-who-removed', 'turn-on', 'approve-elsewhere'],
  action: 'turn-on',
})

export const deviceRemovedSaid = defineCause({
  code: 'device-removed',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'keychain', 'session'],
  find: ({ device, keychain, session }) =>
    foundIf(
      device.state === 'trusted' && session?.state === 'removed',
      [
        { name: 'by', type: 'device-name', value: '' },
        { name: 'time', type: 'time', value: device.nowMs },
        { name: 'count', type: 'count', value: keychain?.items ?? 0 },
      ],
      'likely',
    ),
  steps: ['sync-now', 'ask-who-removed', 'turn-on', 'approve-elsewhere'],
  action: 'sync',
})

/** D2: turned off here, and what was here stayed as a frozen copy. */
export const offHereCopy = defineCause({
  code: 'off-here-copy',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing', 'passwords-not-filled', 'cards-not-filled'],
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'off' && keychain !== null && keychain.items > 0, [
      { name: 'count', type: 'count', value: keychain?.items ?? 0 },
    ]),
  steps: ['turn-on', 'approve-elsewhere', 'copy-merged'],
  action: 'turn-on',
  explainedBy: ['off-everywhere'],
})

export const offHere = defineCause({
  code: 'off-here',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing', 'passwords-not-filled', 'cards-not-filled'],
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) => foundIf(device.state === 'off' && keychain !== null && keychain.items === 0),
  steps: ['turn-on', 'approve-elsewhere'],
  action: 'turn-on',
  explainedBy: ['off-everywhere'],
})
