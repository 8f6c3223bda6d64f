/** A trusted device that is not up to date, or not at once (A7, B1, B4; G "key not shared", "big import", "push channel blocked"). */
import { defineCause, found, foundIf } from '../cause.ts'
import type { Symptom } from '../symptom.ts'

const symptoms: readonly Symptom[] = ['new-device', 'not-syncing', 'items-missing']
/** of the quota; the rest is less than one more item needs */
const fullShare = 0.99

export const joiningUnfinished = defineCause({
  code: 'joining-unfinished',
  symptoms,
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'trusted' && keychain?.settlingIn === true, [{ name: 'count', type: 'count', value: keychain?.items ?? 0 }]),
  steps: ['sync-now'],
  action: 'sync',
})

export const keyMissing = defineCause({
  code: 'key-missing',
  symptoms,
  severity: 'problem',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) => foundIf(device.state === 'trusted' && keychain?.keyMissing === true),
  steps: ['sync-now', 'remove-and-join'],
  action: 'sync',
  explainedBy: ['joining-unfinished'],
})

export const quotaFull = defineCause({
  code: 'quota-full',
  symptoms,
  severity: 'problem',
  observes: ['account'],
  find({ account }) {
    if (account === null) return null
    const { usage, quota } = account
    if (usage.records < quota.records && usage.bytes < quota.bytes * fullShare) return null
    return found([
      { name: 'count', type: 'count', value: usage.records },
      { name: 'size', type: 'bytes', value: usage.bytes },
    ])
  },
  steps: ['make-room', 'tell-operator', 'sync-now'],
})

/** Requests go through and the WebSocket does not: changes arrive by the slow timer instead of at once. */
export const liveChannelBlocked = defineCause({
  code: 'live-channel-blocked',
  symptoms: ['not-syncing', 'new-device'],
  severity: 'problem',
  observes: ['live', 'session'],
  find: ({ live, session }) => foundIf(live === false && session?.state === 'active'),
  steps: ['allow-live', 'sync-now'],
})

export const localItemsWaiting = defineCause({
  code: 'local-items-waiting',
  symptoms,
  severity: 'attention',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) =>
    foundIf(device.state === 'trusted' && keychain !== null && keychain.unconfirmed > 0, [
      { name: 'count', type: 'count', value: keychain?.unconfirmed ?? 0 },
    ]),
  steps: ['sync-now'],
  action: 'sync',
  explainedBy: ['joining-unfinished', 'quota-full'],
})

export const uploadWaiting = defineCause({
  code: 'upload-waiting',
  symptoms: ['not-syncing', 'items-missing'],
  severity: 'attention',
  observes: ['device', 'keychain', 'session'],
  // an account that is out of reach is its own finding; here everything is open and the changes are still here
  find({ device, keychain, session }) {
    if (device.state !== 'trusted' || session?.state !== 'active' || keychain === null) return null
    return foundIf(keychain.pendingChanges > 0, [{ name: 'count', type: 'count', value: keychain.pendingChanges }])
  },
  steps: ['wait-for-upload', 'sync-now'],
  action: 'sync',
  explainedBy: ['joining-unfinished', 'key-missing', 'quota-full', 'region-closed', 'client-too-old', 'disk-full', 'local-items-waiting'],
})
