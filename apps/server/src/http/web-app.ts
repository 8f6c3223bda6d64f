/**
 * The web app's files, read once at start and served from memory: names are looked up in a map, so no path of a request ever reaches
 * the file system. Hashed assets may be kept for ever; everything else is asked for each time. Nothing here knows what the app does.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

interface WebFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly encoded: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly headers: Readonly<Record<string, string>>
}

/** Path of the request to file. */
export type WebApp = ReadonlyMap<string, WebFile>

/** Where `npm run build` puts it, seen from here. */
export const builtWebApp = fileURLToPath(new URL('../../../web/dist', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  // the release manifest, which `nokkel verify-web` asks for
  '.json': 'application/json',
}
const compressible = new Set(['.html', '.js', '.css', '.svg', '.webmanifest'])

/** `wasm-unsafe-eval` is for Argon2id alone; the one Trusted Types policy makes the address of the worker. */
const contentSecurityPolicy = (origins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    ["connect-src 'self'", ...origins].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types nokkelring',
  ].join('; ')

const permissionsPolicy = [
  'accelerometer=()',
  // scanning the QR code of a device that asks for approval (JOIN-11); the browser asks the person first
  'camera=(self)',
  'clipboard-read=(self)',
  'clipboard-write=(self)',
  'display-capture=()',
  'geolocation=()',
  'gyroscope=()',
  'magnetometer=()',
  'microphone=()',
  'midi=()',
  'payment=()',
  'serial=()',
  'usb=()',
].join(', ')

const hardHeaders = {
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': permissionsPolicy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** The app in `folder`, which may also ask realms at `realmOrigins` (recovery); or null where it was not built. */
export function loadWebApp(folder: string, realmOrigins: readonly string[] = []): WebApp | null {
  const policy = contentSecurityPolicy(realmOrigins)
  if (!existsSync(join(folder, 'index.html'))) return null
  const files = new Map<string, WebFile>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const extension = extname(entry.name)
    const type = types[extension]
    // what has no type here (stamps, source maps) is not for the web
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${file.slice(folder.length + 1).replaceAll('\\', '/')}`
    files.set(
      path === '/index.html' ? '/' : path,
      readWebFile(file, type, policy, path.startsWith('/assets/'), compressible.has(extension)),
    )
  }
  return files
}

function readWebFile(file: string, type: string, policy: string, hashed: boolean, compress: boolean): WebFile {
  const body = new Uint8Array(readFileSync(file))
  const encoded = new Map<string, Uint8Array<ArrayBuffer>>()
  if (compress) {
    encoded.set('br', new Uint8Array(brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })))
    encoded.set('gzip', new Uint8Array(gzipSync(body)))
  }
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 24)}"`
  const cache = hashed ? 'public, max-age=31536000, immutable' : extname(file) === '.html' ? 'no-store' : 'no-cache'
  return {
    body,
    encoded,
    headers: {
      ...hardHeaders,
      'content-security-policy': policy,
      'content-type': type,
      'cache-control': cache,
      etag,
      vary: 'accept-encoding',
    },
  }
}

export function webFileResponse(file: WebFile, acceptEncoding: string | undefined, ifNoneMatch: string | undefined): Response {
  if (ifNoneMatch !== undefined && ifNoneMatch === file.headers['etag']) return new Response(null, { status: 304, headers: file.headers })
  const wished = new Set((acceptEncoding ?? '').split(',').map((part) => part.trim().toLowerCase()))
  for (const [encoding, body] of file.encoded) {
    if (wished.has(encoding)) return new Response(body, { headers: { ...file.headers, 'content-encoding': encoding } })
  }
  return new Response(file.body, { headers: file.headers })
}
