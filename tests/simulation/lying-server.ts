/**
 * Servers that lie: an honest one behind replaced answers. A lie is written as what the device gets instead; everything else passes.
 * It holds keys only where an attack needs a colluding device, and then that device's own.
 */
import type { ChangesFrame } from '@nokkel/protocol/wire'
import type { ServerApi } from '@nokkel/sync'

export type Lies = Partial<ServerApi>

/** `api` with some of its calls replaced. */
export function lying(api: ServerApi, lies: Lies): ServerApi {
  return new Proxy(api, {
    get(target, name) {
      const lie = Reflect.get(lies, name) as unknown
      if (lie !== undefined) return lie
      const honest = Reflect.get(target, name, target) as unknown
      return typeof honest === 'function' ? (honest as (...args: unknown[]) => unknown).bind(target) : honest
    },
  })
}

/** Every page of the log as `edit` makes it. */
export function lyingLog(api: ServerApi, edit: (frame: ChangesFrame) => ChangesFrame): ServerApi {
  return lying(api, {
    changes: (session, vault, from, onFrame, options) =>
      api.changes(session, vault, from, (frame, bytes) => onFrame(edit(frame), bytes), options),
  })
}
