/** Minimum versions (A3): reads the two headers that every client sends and says whether it is served. Pure. */
import { NokkelError } from '@nokkel/base'
import { protocolVersion, type DeviceClass } from '@nokkel/protocol/wire'

export type MinimumClient = Readonly<Record<DeviceClass, string>>

const shape = /^(cli|web|extension)\/(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+][0-9A-Za-z.+-]{1,40})?$/

function isOlder(version: readonly number[], minimum: readonly number[]): boolean {
  for (let i = 0; i < 3; i++) {
    const difference = (version[i] ?? 0) - (minimum[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** A client that does not say what it is gets `malformed`: without it no later rule could be told to update. */
export function ensureServed(client: string | undefined, protocol: string | undefined, minimum: MinimumClient): void {
  const parts = shape.exec(client ?? '')
  if (parts === null) throw new NokkelError('malformed', { what: 'nokkel-client' })
  if (protocol === undefined || !/^\d{1,6}$/.test(protocol)) throw new NokkelError('malformed', { what: 'nokkel-protocol' })
  const [, surface, ...version] = parts
  const least = minimum[surface as DeviceClass]
  if (Number(protocol) < protocolVersion || isOlder(version.map(Number), least.split('.').map(Number)))
    throw new NokkelError('client-too-old', { minimum: least })
  if (Number(protocol) > protocolVersion) throw new NokkelError('server-too-old', { protocol: protocolVersion })
}
