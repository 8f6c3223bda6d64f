/**
 * The prober's proof of itself: a random token in a file of mode 0600 in the data folder. Whoever can read that folder runs the server
 * anyway. It lets somebody report how the services are and found the synthetic account where registration is closed; it opens nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toBase64url, type Random } from '@nokkel/base'
import { writePrivateFile } from '../store/data-folder.ts'

export const probeTokenFile = (folder: string): string => join(folder, 'probe.token')
/** beside requests of the prober's client */
export const probeHeader = 'nokkel-probe'

const tokenShape = /^[A-Za-z0-9_-]{43}$/
const tokenBytes = 32

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

export type IsProbe = (token: string | undefined) => boolean

/** Reads the token, or makes it. */
export function openProbeToken(folder: string, random: Random): IsProbe {
  const file = probeTokenFile(folder)
  let token = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (!tokenShape.test(token)) {
    token = toBase64url(random.bytes(tokenBytes))
    writePrivateFile(file, `${token}\n`)
  }
  const expected = digest(token)
  return (given) => given !== undefined && tokenShape.test(given) && timingSafeEqual(digest(given), expected)
}
