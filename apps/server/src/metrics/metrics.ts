/** Figures for Prometheus: counts and durations by route name, never by account, device or address. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  /** one answered request; seconds from its first byte to its last */
  request(route: string, status: number, seconds: number): void
  batches(count: number): void
  liveConnections(count: number): void
  slowConsumerDropped(): void
  accounts(count: number): void
  busConnected(isConnected: boolean): void
  /** what a realm in this process did: attempted, recovered, burned, rolled-back */
  realmEvent(type: string): void
  /** a notice by mail or SMS: sent, retried, failed */
  message(channel: string, outcome: string): void
  /** codes by SMS of the last day, and how many of them were typed */
  smsConversion(sent: number, used: number): void
  /** one file of the site data, what came of asking for it, and how much of it is served now */
  siteDataFile(file: string, outcome: string, entries: number): void
  /** when all of its files were last found to be what they should be */
  siteDataChecked(timeMs: number): void
}

export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry()
  if (options.process) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Counter({
    name: 'nokkel_http_requests_total',
    help: 'Answered requests',
    labelNames: ['route', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'nokkel_http_request_seconds',
    help: 'Time to the end of the answer',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const batches = new Counter({ name: 'nokkel_batches_total', help: 'Batches stored', registers })
  const live = new Gauge({ name: 'nokkel_live_connections', help: 'Open live channels', registers })
  const dropped = new Counter({
    name: 'nokkel_live_slow_consumers_total',
    help: 'Live channels closed because they did not read',
    registers,
  })
  const accounts = new Gauge({ name: 'nokkel_accounts', help: 'Accounts, counted hourly', registers })
  const bus = new Gauge({ name: 'nokkel_bus_connected', help: 'Is the bus between servers there? 1 where none is used', registers })
  bus.set(1)
  const realm = new Counter({
    name: 'nokkel_realm_events_total',
    help: 'Guesses, recoveries, destroyed records, restored stores',
    labelNames: ['type'],
    registers,
  })
  const messages = new Counter({
    name: 'nokkel_messages_total',
    help: 'Notices by mail and SMS',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  const smsSent = new Gauge({ name: 'nokkel_sms_codes_sent', help: 'Codes by SMS of the last day, counted hourly', registers })
  const smsUsed = new Gauge({ name: 'nokkel_sms_codes_used', help: 'Of these, codes that were typed', registers })
  const siteDataFiles = new Counter({
    name: 'nokkel_site_data_files_total',
    help: 'Files of the site data, by what came of asking for them',
    labelNames: ['file', 'outcome'],
    registers,
  })
  const siteDataEntries = new Gauge({
    name: 'nokkel_site_data_entries',
    help: 'Entries that are served of a file of the site data',
    labelNames: ['file'],
    registers,
  })
  const siteDataChecked = new Gauge({
    name: 'nokkel_site_data_checked_seconds',
    help: 'When all files of the site data were last in order, in seconds since 1970; 0: never, or none is named',
    registers,
  })
  return {
    registry,
    request(route, status, duration) {
      requests.inc({ route, status })
      seconds.observe({ route }, duration)
    },
    batches: (count) => batches.inc(count),
    liveConnections: (count) => live.set(count),
    slowConsumerDropped: () => dropped.inc(),
    accounts: (count) => accounts.set(count),
    busConnected: (isConnected) => bus.set(isConnected ? 1 : 0),
    realmEvent: (type) => realm.inc({ type }),
    message: (channel, outcome) => messages.inc({ channel, outcome }),
    smsConversion(sent, used) {
      smsSent.set(sent)
      smsUsed.set(used)
    },
    siteDataFile(file, outcome, entries) {
      siteDataFiles.inc({ file, outcome })
      siteDataEntries.set({ file }, entries)
    },
    siteDataChecked: (timeMs) => siteDataChecked.set(Math.floor(timeMs / 1_000)),
  }
}
