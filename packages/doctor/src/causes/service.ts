/** The service itself: what its status page, its public data and its clock say (A1–A3; G "outage", "client too old", "region", "clock wrong"). */
import { protocolVersion } from '@nokkel/protocol/wire'
import { defineCause, found, foundIf } from '../cause.ts'
import type { Evidence } from '../finding.ts'
import type { Seen, StatusObservation } from '../observations.ts'
import type { Symptom } from '../symptom.ts'

/** Beyond this the person is told (G); signatures of requests bear five minutes. */
const toleranceMs = 120_000

const onTime: readonly Symptom[] = ['not-turning-on', 'new-device', 'not-syncing', 'items-missing']

/** Services that are not measured can still be named by an event. */
function servicesIn(status: StatusObservation | null, states: readonly string[]): Evidence[] | null {
  const hit = status?.services.filter(({ state }) => states.includes(state)) ?? []
  const event = status?.events.find(({ level }) => states.includes(level))
  if (hit.length === 0 && event === undefined) return null
  return [
    { name: 'service', type: 'word', value: hit[0]?.name ?? 'service' },
    { name: 'count', type: 'count', value: Math.max(1, hit.length) },
    ...(event === undefined ? [] : ([{ name: 'event', type: 'quote', value: event.title }] as const)),
    ...(event === undefined ? [] : ([{ name: 'time', type: 'time', value: event.startedMs }] as const)),
  ]
}

export const serviceOutage = defineCause({
  code: 'service-outage',
  symptoms: 'all',
  severity: 'problem',
  observes: ['status'],
  find({ status }) {
    const evidence = servicesIn(status, ['issue', 'outage'])
    return evidence === null ? null : found(evidence, 'likely')
  },
  steps: ['look-at-status', 'wait-for-operator'],
})

export const serviceMaintenance = defineCause({
  code: 'service-maintenance',
  symptoms: 'all',
  severity: 'attention',
  observes: ['status'],
  find({ status }) {
    const evidence = servicesIn(status, ['maintenance'])
    return evidence === null ? null : found(evidence, 'likely')
  },
  steps: ['look-at-status', 'wait-for-operator'],
})

/** `0.10.0` is newer than `0.9.9`; anything after the three numbers is not looked at. */
export function isOlder(version: string, minimum: string): boolean {
  const parts = (text: string): number[] => text.split(/[.+-]/, 3).map((part) => Number.parseInt(part, 10) || 0)
  const [ours, least] = [parts(version), parts(minimum)]
  for (let at = 0; at < 3; at++) {
    const difference = (ours[at] ?? 0) - (least[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

export const clientTooOld = defineCause({
  code: 'client-too-old',
  symptoms: 'all',
  severity: 'problem',
  observes: ['info'],
  find({ info }, { surface, version }) {
    if (info === null) return null
    const minimum = info.info.minimumClient[surface]
    return foundIf(isOlder(version, minimum) || info.info.protocol.min > protocolVersion, [
      { name: 'version', type: 'version', value: version },
      { name: 'minimum', type: 'version', value: minimum },
    ])
  },
  steps: ['update-app', 'sync-now'],
})

export const serverTooOld = defineCause({
  code: 'server-too-old',
  symptoms: 'all',
  severity: 'problem',
  observes: ['info'],
  find: ({ info }) =>
    foundIf(info !== null && info.info.protocol.max < protocolVersion, [
      { name: 'version', type: 'version', value: info?.info.version ?? '' },
    ]),
  steps: ['update-server'],
})

export const regionClosed = defineCause({
  code: 'region-closed',
  symptoms: 'all',
  severity: 'problem',
  observes: ['info', 'region'],
  find: ({ info, region }) =>
    foundIf(info !== null && info.info.regions !== null && region !== null && !info.info.regions.includes(region), [
      { name: 'region', type: 'region', value: region ?? '' },
    ]),
  steps: ['region-ask', 'sync-now'],
  action: 'look-again',
})

/** Milliseconds that the server is ahead of this device, when that is too much; and what other devices saw of it. */
function disagreement({ info, witnesses }: Pick<Seen, 'info' | 'witnesses'>) {
  if (info === null || Math.abs(info.skewMs) <= toleranceMs) return null
  const sorted = [...witnesses].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  const wrong =
    median === undefined
      ? 'unknown'
      : Math.abs(median) <= toleranceMs
        ? 'device'
        : Math.abs(median - info.skewMs) <= toleranceMs
          ? 'server'
          : 'unknown'
  const evidence: Evidence[] = [
    { name: 'skew', type: 'duration', value: Math.abs(info.skewMs) },
    { name: 'direction', type: 'word', value: info.skewMs > 0 ? 'behind' : 'ahead' },
  ]
  return { wrong, evidence } as const
}

export const serverClockWrong = defineCause({
  code: 'server-clock-wrong',
  symptoms: onTime,
  severity: 'problem',
  observes: ['info', 'witnesses'],
  find(seen) {
    const differs = disagreement(seen)
    return differs?.wrong === 'server' ? found(differs.evidence, 'likely') : null
  },
  steps: ['tell-operator'],
})

export const deviceClockWrong = defineCause({
  code: 'device-clock-wrong',
  symptoms: onTime,
  severity: 'problem',
  observes: ['info', 'witnesses'],
  find(seen) {
    const differs = disagreement(seen)
    return differs?.wrong === 'device' ? found(differs.evidence, 'likely') : null
  },
  steps: ['set-clock', 'sync-now'],
  action: 'look-again',
})

/** Nobody can say whose clock it is: no other device has been a witness. */
export const clocksDiffer = defineCause({
  code: 'clocks-differ',
  symptoms: onTime,
  severity: 'problem',
  observes: ['info', 'witnesses'],
  find(seen) {
    const differs = disagreement(seen)
    return differs?.wrong === 'unknown' ? found(differs.evidence) : null
  },
  steps: ['set-clock', 'tell-operator', 'sync-now'],
  action: 'look-again',
})

export const signedOut = defineCause({
  code: 'signed-out',
  symptoms: ['not-turning-on', 'new-device', 'not-syncing', 'items-missing'],
  severity: 'problem',
  observes: ['device', 'session'],
  find: ({ device, session }) => foundIf((device.state === 'trusted' || device.state === 'signed-in') && session?.state === 'unknown'),
  steps: ['sign-in-again'],
  action: 'sign-in-again',
})
