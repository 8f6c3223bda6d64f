/**
 * The release manifest: what the web app of this version consists of, to the byte. Made after the build, served as `/release.json`, and
 * shipped with the command line, whose `nokkel verify-web` holds a server to it (SPEC WEB-2). Hashes have the form of integrity attributes.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Release {
  readonly format: 1
  readonly version: string
  /** path of the request to hash and size of the answer */
  readonly files: Readonly<Record<string, { readonly integrity: string; readonly bytes: number }>>
}

export function integrityOf(content: Uint8Array): string {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`
}

/** Of all that a server hands out of `folder`: not the manifest itself, nor what begins with a dot. */
export function makeRelease(folder: string, version: string): Release {
  const files: Record<string, { integrity: string; bytes: number }> = {}
  const found = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of found) {
    const path = `/${file.slice(folder.length + 1).replaceAll('\\', '/')}`
    if (path === '/release.json') continue
    const content = readFileSync(file)
    files[path === '/index.html' ? '/' : path] = { integrity: integrityOf(content), bytes: content.length }
  }
  return { format: 1, version, files }
}

/** Names what is in these files: other bytes, another name. */
export function releaseId(files: Release['files']): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('base64url').slice(0, 22)
}

/** The page with the hash of each script and style that it names itself. Throws where a name leads nowhere, since then the build is wrong. */
export function withIntegrity(html: string, folder: string): string {
  return html.replaceAll(/<(?:script|link)\b[^>]*? (?:src|href)="(\/assets\/[^"]+)"/g, (tag, path: string) => {
    return `${tag} integrity="${integrityOf(readFileSync(join(folder, path)))}"`
  })
}
