/**
 * What the doctor examines on the command line: the file, the client where it can be opened, and the actions that may be carried out from
 * here. Opens nothing for writing, mends nothing by itself (unlike every other command), and asks for a passcode only where somebody is there.
 */
import { isNokkelError, systemClock } from '@nokkel/base'
import { createObserver, normaliseServerUrl, type Client, type Observer } from '@nokkel/client'
import { nodePlatform, observeNodeStore, openNodeClient, repairNodeStore } from '@nokkel/client/node'
import { clientObservations, ghostsAmong, statusObservation, type Actions, type Observe, type StoreObservation } from '@nokkel/doctor'
import { agentSecondsLeft } from '../agent/ask-agent.ts'
import { unlockClient } from '../connect.ts'
import type { Context } from '../context.ts'
import { hasKeychain } from '../home.ts'
import { fromEnvironment } from '../input/proofs.ts'

export interface Patient {
  readonly observe: Observe
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly actions: Actions
  close(): Promise<void>
}

interface Opened {
  readonly store: StoreObservation
  readonly client: Client | null
}

/** `server`: what to look at where this device knows none; its own wins. */
export async function openPatient(context: Context, server: string | undefined): Promise<Patient> {
  const { home, version } = context
  const platform = nodePlatform(version)
  const address = server === undefined || server === '' ? undefined : normaliseServerUrl(server)
  let opened = await open(context)
  // the first examination takes what opening saw; a later one looks at the file again
  let fresh: StoreObservation | null = opened.store
  const observer = (): Observer | null => {
    if (opened.client !== null) return opened.client.observe
    if (opened.store.condition !== 'none') return null
    return createObserver({
      clock: systemClock,
      state: async () => 'empty',
      keychain: () => null,
      connect: platform.connect,
      passcodeName: async () => null,
      escrow: () => null,
    })
  }
  const reopen = async (): Promise<void> => {
    await opened.client?.close()
    opened = await open(context)
    fresh = opened.store
  }
  return {
    observe: (signal) =>
      clientObservations({
        observer: observer(),
        server: address,
        status: async (origin, end) => {
          const response = await fetch(`${origin}/status/summary.json`, { signal: end, redirect: 'error' })
          return statusObservation(response.ok ? await response.json() : null)
        },
        async store() {
          const seen = fresh ?? (await observeNodeStore(home))
          fresh = null
          return seen
        },
      })(signal),
    pause: (ms, signal) => platform.pause(ms, signal),
    actions: {
      async sync() {
        await opened.client?.sync()
      },
      async 'repair-database'() {
        await opened.client?.close()
        await repairNodeStore(home)
        await reopen()
        if ((await opened.client?.state()) === 'trusted') await opened.client?.sync()
      },
      async 'decline-ghosts'() {
        const requests = (await opened.client?.joinRequests()) ?? []
        for (const { requestId } of ghostsAmong(requests)) await opened.client?.decline(requestId)
      },
    },
    async close() {
      await opened.client?.close()
    },
  }
}

async function open(context: Context): Promise<Opened> {
  const { home, version } = context
  const store = await observeNodeStore(home)
  // a damaged file that other commands would mend at once is to be seen first; of a full disk much can still be read
  if (!hasKeychain(home) || (store.condition !== 'ok' && store.condition !== 'full')) return { store, client: null }
  const client = await openNodeClient({ home, clientVersion: version }).catch((error: unknown) => {
    // no room even for what reading needs, or somebody took the file since
    if (isNokkelError(error, 'disk-full', 'busy', 'io-failed')) return null
    throw error
  })
  if (client === null) return { store: store.condition === 'ok' ? { ...store, condition: 'in-use' } : store, client }
  try {
    if (await canUnlock(context)) await unlockClient(context, client)
  } catch (error) {
    // locked is something to be found, not a reason to stop
    if (!isNokkelError(error, 'passcode-throttled', 'locked')) {
      await client.close()
      throw error
    }
  }
  return { store, client }
}

async function canUnlock(context: Context): Promise<boolean> {
  return (
    fromEnvironment(context, 'NOKKEL_PASSCODE') !== undefined ||
    context.prompt.interactive ||
    (await agentSecondsLeft(context.home)) !== undefined
  )
}
