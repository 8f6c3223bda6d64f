/**
 * `nokkel verify-web`: does a server hand out the web app that this program was shipped with, to the byte (SPEC WEB-2)? It asks as any
 * browser would. A server that answers others differently is not found out by it, which the answer says.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isStrictPagePolicy, NokkelError } from '@nokkel/base'
import { normaliseServerUrl } from '@nokkel/client'
import { defineCommand } from '../command.ts'

const shipped = fileURLToPath(new URL('../../../web/dist/release.json', import.meta.url))
const manifestPath = '/release.json'
const manifestBytes = 1_048_576
const timeoutMs = 30_000

type Files = ReadonlyMap<string, { readonly integrity: string; readonly bytes: number }>
interface Release {
  readonly version: string
  readonly files: Files
}
type Reason = 'differs' | 'missing' | 'added' | 'policy'
interface Finding {
  readonly path: string
  readonly reason: Reason
}

export const command = defineCommand({
  positionals: [{ name: 'URL' }],
  options: { manifest: { type: 'string', value: 'FILE', about: 'option.manifest', completes: 'file' } },
  async run(context, { positionals, values }) {
    const server = normaliseServerUrl(positionals[0] as string)
    const expected = readOwn(values.manifest ?? shipped)
    if (expected === null) return context.usage('missing-option', { option: '--manifest' })
    const findings: Finding[] = []
    let serverVersion: string | null = null
    const theirs = await get(server, manifestPath, manifestBytes, context.signal)
    const release = theirs === null ? null : parseRelease(Buffer.from(theirs.body).toString('utf8'))
    if (release === null) findings.push({ path: manifestPath, reason: theirs === null ? 'missing' : 'differs' })
    else {
      serverVersion = release.version
      for (const path of release.files.keys()) if (!expected.files.has(path)) findings.push({ path, reason: 'added' })
    }
    for (const [path, { integrity, bytes }] of expected.files) {
      const answer = await get(server, path, bytes, context.signal)
      if (answer === null) findings.push({ path, reason: 'missing' })
      else if (integrityOf(answer.body) !== integrity) findings.push({ path, reason: 'differs' })
      // the service worker has its policy from its own answer, and keeps what the page runs
      if (hasPolicy(path) && answer !== null && !isStrictPagePolicy(answer.policy)) findings.push({ path, reason: 'policy' })
    }
    const same = findings.length === 0
    const { json, messages, out } = context
    if (json)
      out.json({
        server,
        verdict: same ? 'same' : 'differs',
        version: expected.version,
        serverVersion,
        files: expected.files.size,
        findings,
      })
    else {
      out.print(
        messages.t(same ? 'verify-web.same' : 'verify-web.differs', { server, version: expected.version, count: expected.files.size }),
      )
      for (const { path, reason } of findings) out.print(`  ${path}  ${messages.t(`verify-web.${reason}-file`)}`)
      if (serverVersion !== null && serverVersion !== expected.version)
        out.print(messages.t('verify-web.other-version', { version: serverVersion, own: expected.version }))
      out.print(messages.t(same ? 'verify-web.limits' : 'verify-web.what-now'))
    }
    return same ? 0 : 1
  },
})

const hasPolicy = (path: string): boolean => path === '/' || path.endsWith('.js')
const integrityOf = (content: Uint8Array): string => `sha384-${createHash('sha384').update(content).digest('base64')}`

/** null where there is none to read or it is no manifest. */
function readOwn(file: string): Release | null {
  try {
    return parseRelease(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** null for anything that is not a manifest: a server may send what it likes. */
function parseRelease(text: string): Release | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { format, version, files } = value as Record<string, unknown>
  if (format !== 1 || typeof version !== 'string' || version.length > 64 || typeof files !== 'object' || files === null) return null
  const parsed = new Map<string, { integrity: string; bytes: number }>()
  for (const [path, entry] of Object.entries(files as Record<string, unknown>)) {
    if (!/^\/[\w./-]*$/.test(path) || typeof entry !== 'object' || entry === null) return null
    const { integrity, bytes } = entry as Record<string, unknown>
    if (typeof integrity !== 'string' || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return null
    parsed.set(path, { integrity, bytes })
  }
  return { version, files: parsed }
}

/** The answer, cut off one byte past `limit`, which no hash survives; null where there is none. Throws `offline`. */
async function get(
  server: string,
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly body: Uint8Array; readonly policy: string } | null> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    // a redirect is not the file, wherever it leads
    const response = await fetch(server + path, { redirect: 'manual', signal: bounded })
    if (response.status !== 200) {
      await response.body?.cancel()
      return null
    }
    const parts: Uint8Array[] = []
    let length = 0
    const reader = response.body?.getReader()
    while (reader !== undefined && length <= limit) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value as Uint8Array)
      length += (value as Uint8Array).length
    }
    await reader?.cancel()
    return { body: Buffer.concat(parts), policy: response.headers.get('content-security-policy') ?? '' }
  } catch (error) {
    if (signal.aborted) throw new NokkelError('cancelled')
    throw new NokkelError('offline', {}, { cause: error })
  }
}
