/** Failures on the wire: problem details, a stable code, and nothing else about what happened inside (SPEC API-3). */
import { NokkelError } from '@nokkel/base'
import { problemOf, problemType } from '@nokkel/protocol/wire'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html): the low byte of an extended one. */
const sqliteFull = 13
const sqliteBusy = 5
const sqliteIo = 10

/** What a client is told about any thrown value. Unknown ones are `internal`; the log has the rest. */
export function publicError(thrown: unknown): NokkelError {
  if (thrown instanceof NokkelError)
    return thrown.group === 'local' && thrown.code !== 'disk-full' ? new NokkelError('internal', {}, { cause: thrown }) : thrown
  if (thrown instanceof Error) {
    if ('errcode' in thrown && typeof thrown.errcode === 'number') {
      const primary = thrown.errcode & 0xff
      if (primary === sqliteFull) return new NokkelError('disk-full', {}, { cause: thrown })
      if (primary === sqliteBusy) return new NokkelError('busy', {}, { cause: thrown })
      if (primary === sqliteIo) return new NokkelError('server-unavailable', {}, { cause: thrown })
    }
    // the caller went away in the middle of its body: nobody reads the answer
    if ('code' in thrown && (thrown.code === 'ECONNRESET' || thrown.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      return new NokkelError('timeout', {}, { cause: thrown })
  }
  return new NokkelError('internal', {}, { cause: thrown })
}

export function problemResponse(error: NokkelError, headers: Record<string, string>): Response {
  const problem = problemOf(error)
  const { retryAfterSeconds } = error.params
  const retryAfter = typeof retryAfterSeconds === 'number' ? { 'retry-after': String(retryAfterSeconds) } : {}
  const authenticate = problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, ...retryAfter, ...authenticate, 'content-type': problemType },
  })
}
