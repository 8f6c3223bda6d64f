/** The doctor in the worker, where the client is: loaded when somebody asks for help. What it says crosses to the page as plain values. */
import type { Client, Observer } from '@nokkel/client'
import {
  clientObservations,
  examine,
  ghostsAmong,
  statusObservation,
  supportReport,
  type Actions,
  type Examination,
  type SupportReport,
  type Symptom,
} from '@nokkel/doctor'
import type { Platform } from '@nokkel/client'
import { clientVersion } from './client-version.ts'

export interface Help {
  readonly examination: Examination
  readonly report: SupportReport
}

/** The browser says by itself when it has no network, and nothing more of why a request failed. */
function knowingTheNetwork(observer: Observer): Observer {
  return {
    ...observer,
    server: (url, signal) =>
      self.navigator.onLine ? observer.server(url, signal) : Promise.resolve({ reached: false, why: 'no-network', tookMs: 0 }),
  }
}

export async function help(
  client: Client,
  platform: Platform,
  server: string,
  symptom: Symptom | null,
  onCheck: (known: number, total: number) => void,
): Promise<Help> {
  const examination = await examine({
    surface: 'web',
    version: clientVersion,
    symptom,
    observe: clientObservations({
      observer: knowingTheNetwork(client.observe),
      server,
      status: async (origin, signal) => {
        const response = await fetch(`${origin}/status/summary.json`, { signal, credentials: 'omit', redirect: 'error' })
        return statusObservation(response.ok ? await response.json() : null)
      },
    }),
    nowMs: () => platform.clock.nowMs(),
    pause: (ms, signal) => platform.pause(ms, signal),
    onCheck: (_, known, total) => onCheck(known, total),
  })
  return { examination, report: supportReport(examination) }
}

/** What the web app carries out at the press of the one button; everything else leads to a screen. */
export function actionsOf(client: Client): Actions {
  return {
    async sync() {
      await client.sync()
    },
    async 'decline-ghosts'() {
      for (const { requestId } of ghostsAmong(await client.joinRequests())) await client.decline(requestId)
    },
    async 'keep-account'() {
      await client.keepAccount()
    },
    async 'ask-approval'() {
      await client.requestJoin()
    },
  }
}
