/** Items that are not where they are looked for (B2, B4, B5; G "items are missing"). */
import { defineCause, found, foundIf } from '../cause.ts'

export const itemsQuarantined = defineCause({
  code: 'items-quarantined',
  symptoms: ['items-missing', 'not-syncing', 'see-password'],
  severity: 'problem',
  observes: ['keychain'],
  find: ({ keychain }) =>
    foundIf(keychain !== null && keychain.quarantined > 0, [{ name: 'count', type: 'count', value: keychain?.quarantined ?? 0 }]),
  steps: ['update-app', 'update-or-restore-item'],
})

export const accountErasureDue = defineCause({
  code: 'account-erasure-due',
  symptoms: ['items-missing', 'not-turning-on'],
  severity: 'attention',
  observes: ['account'],
  find({ account }) {
    const due = account?.deletionDueMs ?? null
    return due === null ? null : found([{ name: 'time', type: 'time', value: due }])
  },
  steps: ['keep-account'],
  action: 'keep-account',
})

export const editLost = defineCause({
  code: 'edit-lost',
  symptoms: ['items-missing', 'not-syncing', 'see-password'],
  severity: 'note',
  observes: ['keychain'],
  find: ({ keychain }) =>
    foundIf(keychain !== null && keychain.conflicts > 0, [{ name: 'count', type: 'count', value: keychain?.conflicts ?? 0 }]),
  steps: ['look-history'],
})

export const duplicates = defineCause({
  code: 'duplicates',
  symptoms: ['items-missing', 'not-syncing', 'passwords-not-filled'],
  severity: 'note',
  observes: ['keychain'],
  find: ({ keychain }) =>
    foundIf(keychain !== null && keychain.duplicates > 0, [{ name: 'count', type: 'count', value: keychain?.duplicates ?? 0 }]),
  steps: ['tidy-duplicates'],
  action: 'show-duplicates',
})

export const itemsDeleted = defineCause({
  code: 'items-deleted',
  symptoms: ['items-missing'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'trusted' && keychain !== null && keychain.deleted > 0, [
      { name: 'count', type: 'count', value: keychain?.deleted ?? 0 },
    ]),
  steps: ['look-deleted', 'look-filter'],
  action: 'show-deleted',
})

/** The right password of the wrong account opens an empty keychain. */
export const keychainEmpty = defineCause({
  code: 'keychain-empty',
  symptoms: ['items-missing'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) => foundIf(device.state === 'trusted' && keychain?.items === 0 && keychain.deleted === 0),
  steps: ['check-account', 'import-again'],
  explainedBy: ['joining-unfinished', 'key-missing', 'keychain-replaced'],
})

export const keychainReplaced = defineCause({
  code: 'keychain-replaced',
  symptoms: ['items-missing'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'trusted' && keychain !== null && keychain.replacedMs !== null, [
      { name: 'time', type: 'time', value: keychain?.replacedMs ?? 0 },
    ]),
  steps: ['copy-merged', 'import-again'],
})
