/**
 * The status for programs: JSON in the shape of Atlassian Statuspage's v2 `summary.json`, which monitors read already, and an Atom feed
 * (RFC 4287). Ids are ours; names of states are theirs. Pure.
 */
import { statusPageMessages } from '@nokkel/messages'
import { escapeHtml } from '../http/html.ts'
import type { Level } from './model.ts'
import type { SaidBoard, SaidEvent } from './status-words.ts'

const componentStatus: Readonly<Record<Level, string>> = {
  available: 'operational',
  issue: 'degraded_performance',
  outage: 'major_outage',
  maintenance: 'under_maintenance',
}
const indicator: Readonly<Record<Level, string>> = { available: 'none', issue: 'minor', outage: 'major', maintenance: 'maintenance' }
const impact: Readonly<Record<SaidEvent['level'], string>> = { issue: 'minor', outage: 'major', maintenance: 'maintenance' }
const maintenanceStatus = { planned: 'scheduled', ongoing: 'in_progress', resolved: 'completed' } as const

/** XML 1.0 has no way to say a control character. */
const e = (text: string): string => escapeHtml(text.replaceAll(/(?!\n)\p{Cc}/gu, ''))
const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

export interface FeedPlace {
  /** the server's id: what makes ids unique in the world */
  readonly serverId: string
  /** origin as the caller named it, without a slash */
  readonly origin: string
}

/** What is unresolved or coming, as the original has it; what is over is in the feed. */
export function summaryJson(board: SaidBoard, { serverId, origin }: FeedPlace): unknown {
  const updated = iso(board.changedMs)
  const components = board.services
    // what this deployment does not have is neither up nor down
    .flatMap((service) => (service.level === null ? [] : [{ ...service, level: service.level }]))
    .map((service, i) => ({
      id: service.name,
      name: service.title,
      status: componentStatus[service.level],
      created_at: null,
      updated_at: updated,
      position: i + 1,
      description: service.about,
      showcase: true,
      start_date: null,
      group_id: null,
      page_id: serverId,
      group: false,
      only_show_if_degraded: false,
    }))
  const unresolved = (event: SaidEvent) => ({
    id: event.id,
    name: event.title,
    status:
      event.kind === 'maintenance' && event.phase !== 'resolved'
        ? maintenanceStatus[event.phase]
        : (event.updates[0]?.state ?? 'investigating'),
    created_at: iso(event.updates.at(-1)?.timeMs ?? event.startMs),
    updated_at: iso(event.changedMs),
    monitoring_at: isoOrNull(event.updates.find(({ state }) => state === 'monitoring')?.timeMs ?? null),
    resolved_at: isoOrNull(event.endedMs),
    impact: impact[event.level],
    shortlink: `${origin}/status#event-${event.id}`,
    started_at: iso(event.startMs),
    page_id: serverId,
    incident_updates: event.updates.map((update, i) => ({
      id: `${event.id}-${event.updates.length - i}`,
      status:
        event.kind === 'maintenance' && update.state !== 'scheduled'
          ? update.state === 'resolved'
            ? 'completed'
            : 'in_progress'
          : update.state,
      body: update.text,
      incident_id: event.id,
      created_at: iso(update.timeMs),
      updated_at: iso(update.timeMs),
      display_at: iso(update.timeMs),
      affected_components: event.services.map(({ name, title }) => ({ code: name, name: title })),
    })),
    components: components.filter(({ id }) => event.services.some(({ name }) => name === id)),
  })
  return {
    page: { id: serverId, name: board.name, url: `${origin}/status`, time_zone: 'Etc/UTC', updated_at: updated },
    components,
    incidents: board.events.filter(({ kind, phase }) => kind === 'incident' && phase !== 'resolved').map(unresolved),
    scheduled_maintenances: board.events
      .filter(({ kind, phase }) => kind === 'maintenance' && phase !== 'resolved')
      .map((event) => ({ ...unresolved(event), scheduled_for: iso(event.startMs), scheduled_until: isoOrNull(event.plannedEndMs) })),
    status: { indicator: indicator[board.overall], description: board.overallText },
  }
}

const entriesMost = 50

/** One entry an event; a reader shows it anew when it was updated. */
export function atomFeed(board: SaidBoard, { serverId, origin }: FeedPlace): string {
  const words = statusPageMessages[board.language]
  const entries = board.events.slice(0, entriesMost).map((event) => {
    const text = event.updates.map(
      ({ timeMs, stateText, text: said }) => `${iso(timeMs).slice(0, 16).replace('T', ' ')} UTC · ${stateText}: ${said}`,
    )
    return `<entry>
<id>urn:nokkel:status:${serverId}:${event.id}</id>
<title>${e(event.title)}</title>
<published>${iso(event.updates.at(-1)?.timeMs ?? event.startMs)}</published>
<updated>${iso(event.endedMs ?? event.changedMs)}</updated>
<link rel="alternate" type="text/html" href="${e(origin)}/status#event-${event.id}"/>
<content type="text">${e(text.join('\n'))}</content>
</entry>`
  })
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${board.language}">
<id>urn:nokkel:status:${serverId}</id>
<title>${e(words.of.replace('{name}', board.name))}</title>
<updated>${iso(Math.max(board.changedMs, ...board.events.map(({ endedMs }) => endedMs ?? 0)))}</updated>
<author><name>${e(board.name)}</name></author>
<link rel="self" type="application/atom+xml" href="${e(origin)}/status/atom.xml"/>
<link rel="alternate" type="text/html" href="${e(origin)}/status"/>
${entries.join('\n')}
</feed>
`
}
