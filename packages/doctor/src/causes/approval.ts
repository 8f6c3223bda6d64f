/** A new device and those that may let it in (A5), seen from both sides. */
import { defineCause, found, foundIf, type Found } from '../cause.ts'
import type { RequestObservation } from '@nokkel/client'
import type { Seen } from '../observations.ts'
import type { Symptom } from '../symptom.ts'

const applicant: readonly Symptom[] = ['not-turning-on', 'new-device', 'not-syncing', 'items-missing']
const waysIn = ['open-other-device', 'ask-approval', 'recovery-key', 'reset-last-way'] as const

type Applying = Pick<Seen, 'device' | 'keychain' | 'ownRequest'>

function ownState({ device, ownRequest }: Applying): RequestObservation['state'] | null {
  return device.state === 'signed-in' ? (ownRequest?.state ?? null) : null
}

/** How the last request ended, when no other is running. */
function endedAs({ device, keychain, ownRequest }: Applying, how: string): Found | null {
  const ended = keychain?.joinEnded
  if (device.state !== 'signed-in' || ownRequest !== null || ended?.how !== how) return null
  return found([{ name: 'time', type: 'time', value: ended.timeMs }])
}

export const approvalDeclined = defineCause({
  code: 'approval-declined',
  symptoms: applicant,
  severity: 'problem',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) =>
    endedAs(seen, 'declined') ??
    foundIf(ownState(seen) === 'declined', [{ name: 'time', type: 'time', value: seen.ownRequest?.createdMs ?? 0 }], 'likely'),
  steps: ['ask-approval', 'approve-elsewhere'],
  action: 'ask-approval',
  explainedBy: ['off-everywhere', 'signed-out'],
})

export const approvalAttemptsUsed = defineCause({
  code: 'approval-attempts-used',
  symptoms: applicant,
  severity: 'problem',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) => endedAs(seen, 'attempts-used'),
  steps: ['ask-approval', 'type-carefully'],
  action: 'ask-approval',
  explainedBy: ['off-everywhere', 'signed-out'],
})

/** Expired, and no trusted device ever looked at it: most likely there is none left that anybody uses. */
export const nobodyAnswers = defineCause({
  code: 'nobody-answers',
  symptoms: applicant,
  severity: 'problem',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) =>
    foundIf(
      ownState(seen) === 'expired' && seen.ownRequest?.seenMs === null,
      [{ name: 'time', type: 'time', value: seen.ownRequest?.createdMs ?? 0 }],
      'likely',
    ),
  steps: [...waysIn],
  action: 'ask-approval',
  explainedBy: ['off-everywhere', 'signed-out'],
})

export const approvalExpired = defineCause({
  code: 'approval-expired',
  symptoms: applicant,
  severity: 'problem',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) =>
    endedAs(seen, 'expired') ??
    foundIf(ownState(seen) === 'expired' && seen.ownRequest?.seenMs !== null, [
      { name: 'time', type: 'time', value: seen.ownRequest?.expiresMs ?? 0 },
    ]),
  steps: ['ask-approval', 'approve-elsewhere'],
  action: 'ask-approval',
  explainedBy: ['off-everywhere', 'signed-out'],
})

export const approvalNotAsked = defineCause({
  code: 'approval-not-asked',
  symptoms: applicant,
  severity: 'problem',
  observes: ['device', 'keychain', 'ownRequest'],
  find: ({ device, keychain, ownRequest }) => foundIf(device.state === 'signed-in' && ownRequest === null && keychain?.joinEnded === null),
  steps: ['ask-approval', 'approve-elsewhere'],
  action: 'ask-approval',
  explainedBy: ['off-everywhere', 'signed-out'],
})

/** The request lies at the server, and no trusted device has fetched it: off, offline or locked. */
export const approvalUnseen = defineCause({
  code: 'approval-unseen',
  symptoms: applicant,
  severity: 'attention',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) =>
    foundIf(
      ownState(seen) === 'pending' && seen.ownRequest?.seenMs === null,
      [
        { name: 'time', type: 'time', value: seen.ownRequest?.createdMs ?? 0 },
        { name: 'until', type: 'time', value: seen.ownRequest?.expiresMs ?? 0 },
      ],
      'likely',
    ),
  steps: ['open-other-device', 'approve-elsewhere', 'recovery-key'],
  explainedBy: ['off-everywhere', 'signed-out'],
})

export const approvalPending = defineCause({
  code: 'approval-pending',
  symptoms: applicant,
  severity: 'attention',
  observes: ['device', 'keychain', 'ownRequest'],
  find: (seen) =>
    foundIf(ownState(seen) === 'pending' && seen.ownRequest?.seenMs !== null, [
      { name: 'until', type: 'time', value: seen.ownRequest?.expiresMs ?? 0 },
    ]),
  steps: ['approve-elsewhere'],
  explainedBy: ['off-everywhere', 'signed-out'],
})

/** Requests of one and the same device that were left behind, newest excepted: the same kind and name, asked by other keys. */
export function ghostsAmong<R extends Pick<RequestObservation, 'class' | 'name' | 'createdMs' | 'state'>>(
  requests: readonly R[],
): readonly R[] {
  const pending = requests.filter(({ state }) => state === 'pending')
  return pending.filter((request) =>
    pending.some((other) => other.class === request.class && other.name === request.name && other.createdMs > request.createdMs),
  )
}

export const ghostRequest = defineCause({
  code: 'ghost-request',
  symptoms: ['new-device', 'not-turning-on'],
  severity: 'attention',
  observes: ['requests'],
  find({ requests }) {
    const ghosts = ghostsAmong(requests ?? [])
    const [oldest] = ghosts
    if (oldest === undefined) return null
    return found([
      { name: 'count', type: 'count', value: ghosts.length },
      { name: 'name', type: 'device-name', value: oldest.name },
    ])
  },
  steps: ['decline-ghosts', 'approve-here'],
  action: 'decline-ghosts',
})

export const requestWaiting = defineCause({
  code: 'request-waiting',
  symptoms: ['new-device', 'not-turning-on'],
  severity: 'attention',
  observes: ['requests'],
  find({ requests }) {
    const pending = requests?.filter(({ state }) => state === 'pending') ?? []
    const [newest] = pending
    if (newest === undefined) return null
    return found([
      { name: 'count', type: 'count', value: pending.length },
      { name: 'name', type: 'device-name', value: newest.name },
      { name: 'time', type: 'time', value: newest.createdMs },
    ])
  },
  steps: ['approve-here', 'decline-unknown'],
  action: 'show-devices',
  explainedBy: ['ghost-request'],
})
