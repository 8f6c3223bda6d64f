/**
 * The status page as the doctor reads it: `summary.json` in the shape of Statuspage v2, from a server that may say anything. Whatever is not
 * understood is left out; lists and texts are cut.
 */
import type { StatusObservation } from './observations.ts'

const states: Readonly<Record<string, StatusObservation['services'][number]['state']>> = {
  operational: 'available',
  degraded_performance: 'issue',
  partial_outage: 'issue',
  major_outage: 'outage',
  under_maintenance: 'maintenance',
}
const most = 50
const textMost = 200

type Members = Readonly<Record<string, unknown>>
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.slice(0, most).filter(isMembers) : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, textMost) : '')

/** null for what is no such summary: then nothing is known of the service. */
export function statusObservation(summary: unknown): StatusObservation | null {
  if (!isMembers(summary) || !Array.isArray(summary['components'])) return null
  const services = listOf(summary['components']).flatMap(({ id, status }) => {
    const state = states[textOf(status)]
    return state === undefined ? [] : [{ name: textOf(id), state }]
  })
  const going = listOf(summary['scheduled_maintenances']).filter(({ status }) => status === 'in_progress')
  const events = [
    ...listOf(summary['incidents']).map((event) => ({
      event,
      level: event['impact'] === 'minor' ? ('issue' as const) : ('outage' as const),
    })),
    ...going.map((event) => ({ event, level: 'maintenance' as const })),
  ]
    .map(({ event, level }) => ({ title: textOf(event['name']), startedMs: Date.parse(textOf(event['started_at'])), level }))
    .filter(({ title, startedMs }) => title !== '' && !Number.isNaN(startedMs))
    .sort((a, b) => b.startedMs - a.startedMs)
  return { services, events }
}
