/**
 * Traces for OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector: one span a request, as OTLP over HTTP in JSON
 * (https://opentelemetry.io/docs/specs/otlp/), tied to the caller's trace by `traceparent` (W3C Trace Context). Spans say route, status, time and
 * error code, as the log does: never an account, a device, an address or a token. A collector that is away costs spans, not requests.
 */
import { toHex, type Random } from '@nokkel/base'

export interface RequestSpan {
  readonly route: string
  readonly method: string
  readonly status: number
  readonly code: string | undefined
  readonly requestId: string
  readonly startedMs: number
  readonly tookMs: number
  /** header of the request, as it came */
  readonly traceparent: string | undefined
}

export interface Traces {
  request(span: RequestSpan): void
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>
}

export const noTraces: Traces = { request: () => undefined, close: () => Promise.resolve() }

const sendEveryMs = 5_000
const mostPerSend = 500
/** Beyond that, the oldest go: a slow collector must not take the server's memory. */
const mostWaiting = 5_000
const sendWithinMs = 2_000
const kindServer = 2
const statusError = 2
const firstServerError = 500

export interface TraceParts {
  readonly endpoint: string
  readonly service: string
  readonly version: string
  readonly random: Random
  readonly onError: (error: unknown) => void
}

function contextOf(
  traceparent: string | undefined,
): { readonly traceId: string; readonly parentSpanId: string; readonly isSampled: boolean } | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '')
  const [, traceId, parentSpanId, flags] = match ?? []
  if (traceId === undefined || parentSpanId === undefined || flags === undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentSpanId)) return undefined
  return { traceId, parentSpanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
const whole = (key: string, value: number) => ({ key, value: { intValue: String(value) } })
const nanoseconds = (ms: number): string => `${Math.round(ms * 1_000)}000`

export function otlpTraces({ endpoint, service, version, random, onError }: TraceParts): Traces {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const resource = { attributes: [text('service.name', service), text('service.version', version)] }
  let waiting: object[] = []
  let sending: Promise<void> = Promise.resolve()

  async function post(spans: readonly object[]): Promise<void> {
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'nokkel-server' }, spans }] }] })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(sendWithinMs),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`collector answered ${response.status}`)
  }

  function flush(): Promise<void> {
    const spans = waiting.slice(0, mostPerSend)
    waiting = waiting.slice(mostPerSend)
    if (spans.length > 0) sending = sending.then(() => post(spans)).catch(onError)
    return sending
  }

  const timer = setInterval(() => void flush(), sendEveryMs)
  timer.unref()

  return {
    request({ route, method, status, code, requestId, startedMs, tookMs, traceparent }) {
      const context = contextOf(traceparent)
      if (context?.isSampled === false) return
      if (waiting.length >= mostWaiting) waiting = waiting.slice(-mostWaiting / 2)
      waiting.push({
        traceId: context?.traceId ?? toHex(random.bytes(16)),
        spanId: toHex(random.bytes(8)),
        ...(context !== undefined && { parentSpanId: context.parentSpanId }),
        name: route,
        kind: kindServer,
        startTimeUnixNano: nanoseconds(startedMs),
        endTimeUnixNano: nanoseconds(startedMs + tookMs),
        attributes: [
          text('http.request.method', method),
          text('http.route', route),
          whole('http.response.status_code', status),
          text('nokkel.request_id', requestId),
          ...(code === undefined ? [] : [text('error.type', code)]),
        ],
        ...(status >= firstServerError && { status: { code: statusError } }),
      })
      if (waiting.length >= mostPerSend) void flush()
    },
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}
