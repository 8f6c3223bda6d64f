/** What happens to a deployment, one thing at a time: each is done, lasts while everybody writes, and is mended. */
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import type { FaultProxy } from 'nokkel-server/fault-proxy/testing'
import type { Fleet } from './fleet.ts'

export interface Fault {
  readonly name: string
  readonly title: string
  /** Returns when it lasts. */
  readonly begin: (fleet: Fleet) => Promise<void>
  readonly mend: (fleet: Fleet) => Promise<void>
  /** not part of the healing: puts back what was there before */
  readonly after?: (fleet: Fleet) => Promise<void>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const nothing = (): Promise<void> => Promise.resolve()

let skewed: TestServer | undefined

function truncated(wayOf: (fleet: Fleet) => FaultProxy, afterBytes: number): Pick<Fault, 'begin' | 'mend'> {
  return {
    begin: async (fleet) => {
      const way = wayOf(fleet)
      way.fault = { kind: 'truncate', afterBytes }
      way.cut()
      await pause(1_500)
    },
    mend: async (fleet) => void (wayOf(fleet).fault = { kind: 'none' }),
  }
}

export const faults: readonly Fault[] = [
  { name: 'none', title: 'no fault', begin: nothing, mend: nothing },
  {
    name: 'server-killed',
    title: 'a server is killed (kill -9), and started again later',
    begin: (fleet) => fleet.killServer(0, 'SIGKILL'),
    mend: nothing,
    after: (fleet) => fleet.startServer(0),
  },
  {
    name: 'server-stopped',
    title: 'a server is stopped in order, and started again',
    begin: (fleet) => fleet.killServer(1, 'SIGTERM'),
    mend: (fleet) => fleet.startServer(1),
  },
  {
    name: 'nats-killed',
    title: 'NATS is killed, and started again',
    begin: (fleet) => fleet.nats.kill(),
    mend: (fleet) => fleet.nats.resume(),
  },
  {
    name: 'postgres-killed',
    title: 'PostgreSQL is killed as by a power cut, and started again',
    begin: (fleet) => fleet.postgres.kill(),
    mend: (fleet) => fleet.postgres.resume(),
  },
  {
    name: 'database-stalls',
    title: 'the network to the database stalls, then breaks',
    begin: async (fleet) => {
      fleet.toDatabase.fault = { kind: 'stall' }
      await pause(1_000)
    },
    mend: async (fleet) => {
      fleet.toDatabase.fault = { kind: 'none' }
      fleet.toDatabase.cut()
    },
  },
  {
    name: 'database-silent',
    title: 'connections to the database die without a word',
    begin: async (fleet) => fleet.toDatabase.freeze(),
    mend: nothing,
  },
  {
    name: 'database-truncates',
    title: 'connections to the database end in the middle of what they say',
    ...truncated(({ toDatabase }) => toDatabase, 20_000),
  },
  {
    name: 'devices-truncate',
    title: 'connections of devices end in the middle of what they say',
    ...truncated(({ balancer }) => balancer, 3_000),
  },
  {
    name: 'devices-stall',
    title: 'the network of devices stalls for some seconds, then breaks',
    begin: async (fleet) => {
      fleet.balancer.fault = { kind: 'stall' }
      await pause(4_000)
    },
    mend: async (fleet) => {
      fleet.balancer.freeze()
      fleet.balancer.fault = { kind: 'none' }
    },
  },
  {
    name: 'devices-silent',
    title: 'connections of devices die without a word, as when they wake in another network',
    begin: async (fleet) => fleet.balancer.freeze(),
    mend: nothing,
  },
  {
    name: 'slow',
    title: 'a slow network, a fifth of a second each way',
    begin: async (fleet) => {
      fleet.balancer.fault = { kind: 'delay', ms: 200 }
      await pause(500)
    },
    mend: async (fleet) => void (fleet.balancer.fault = { kind: 'none' }),
  },
  {
    name: 'clock-ahead',
    title: 'a fourth server whose clock is two minutes ahead',
    begin: async (fleet) => {
      const { settings } = fleet
      skewed = await startTestServer(
        {
          data: fleet.dataOf(3),
          database: { url: settings['NOKKEL_DATABASE'] as string, passwordFile: settings['NOKKEL_DATABASE_PASSWORD_FILE'] as string },
          live: { nats: [settings['NOKKEL_NATS'] as string] },
        },
        { clock: { nowMs: () => Date.now() + 120_000 } },
      )
      fleet.balance(skewed.port)
      fleet.balancer.cut()
    },
    mend: async (fleet) => {
      fleet.balance()
      await skewed?.stop()
    },
  },
]
