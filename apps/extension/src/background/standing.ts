/** Where this device stands (A3, A6, B3, D2–D4), as much as the popup says of it. Reads alone; asks nobody. */
import type { Client, DeviceState } from '@nokkel/client'
import type { Failure, Standing } from '../protocol.ts'

/** `connecting`: whether the server is there is not known yet, and nothing is said of it. */
export async function standingOf(
  client: Client,
  state: DeviceState,
  problem: Failure | null,
  connecting: boolean,
): Promise<Standing | null> {
  if (state === 'locked' || state === 'empty' || state === 'signed-in') return null
  const { server, email, deviceName, removal, items, paused, online, offlineSinceMs, lastSyncMs, pendingChanges } = await client.status()
  const away = state === 'trusted' && problem === null && paused === null && !online && !connecting && lastSyncMs !== null
  return {
    server: server ?? '',
    email: email ?? '',
    deviceName: deviceName ?? '',
    removal,
    items,
    problem,
    paused,
    away: away ? { sinceMs: offlineSinceMs } : null,
    pendingChanges,
  }
}
