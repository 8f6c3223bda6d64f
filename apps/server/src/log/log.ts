/**
 * Structured logs on stderr. What is logged is chosen field by field (route, status, time, request id, error code); bodies, tokens,
 * addresses of people and numbers never reach a logger, and redaction stands behind that as a second wall.
 */
import { pino, type DestinationStream, type Logger } from 'pino'
import type { Config } from '../config.ts'

export type Log = Logger

const redacted = [
  'authorization',
  'token',
  'email',
  'phone',
  'body',
  'password',
  'headers',
  'req',
  'res',
  'cookie',
  'registrationRecord',
  'opaqueSetup',
].flatMap((name) => [name, `*.${name}`])

/** The class and code of an error and its stack, never its message: a message may quote what it was given. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    code,
    stack: frames.slice(0, 12).map((line) => line.trim()),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  }
}

export function createLog(level: Config['logLevel'], destination: DestinationStream | undefined): Log {
  const options = {
    level,
    base: null,
    redact: { paths: redacted, censor: '[redacted]' },
    serializers: { err: describeError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  }
  // asynchronous: a log that blocks would hold up every request
  return pino(options, destination ?? pino.destination({ dest: 2, sync: false }))
}

/** Of each request, at most this. */
export interface RequestEntry {
  readonly requestId: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly code: string | undefined
}

/** Notes answered requests: past the second wall, since nothing but these fields is let in, and the search for others costs each request more than the line itself. */
export function requestLogOf(log: Log): (entry: RequestEntry) => void {
  const own = log.child({}, { redact: [] })
  return ({ requestId, route, status, ms, code }) => own.info({ requestId, route, status, ms, code }, 'request')
}
