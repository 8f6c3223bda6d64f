/**
 * How worlds begin: an account with a few devices that trust each other. Made once for each kind of beginning and then copied, because
 * making it costs more than a small world; which copy a seed gets follows from the seed.
 */
import type { AccountId } from '@nokkel/base'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import { pace } from './fast-crypto.ts'
import { SimDevice, type Remains } from './sim-device.ts'
import { SimulatedServer, type Succession } from './simulated-server.ts'

interface Founding {
  readonly account: AccountId
  readonly devices: readonly Remains[]
  readonly server: Succession
}

const variants = 4
const known = new Map<string, Promise<Founding>>()

export function foundingOf({
  seed,
  devices,
  realJoins,
}: {
  readonly seed: number
  readonly devices: number
  readonly realJoins: boolean
}): Promise<Founding> {
  const variant = seed % variants
  // keys of the stand-in are of no use to the real thing and the other way round
  const name = `${devices} ${variant} ${realJoins} ${pace.realKem}`
  let founding = known.get(name)
  if (founding === undefined) known.set(name, (founding = found(devices, variant, realJoins)))
  return founding
}

async function found(count: number, variant: number, realJoins: boolean): Promise<Founding> {
  const random = new SeededRandom(1_000_000 + 100 * count + variant)
  const server = new SimulatedServer({ clock: new ManualClock(), random })
  const first = new SimDevice({ name: 'device 1', server, random, clock: new ManualClock() })
  const account = await first.found()
  await first.client.sync()
  const devices = [first]
  while (devices.length < count) {
    const device = new SimDevice({ name: `device ${devices.length + 1}`, server, random, clock: new ManualClock() })
    await device.signIn(account)
    if (realJoins) await device.joinByCode(first)
    else await device.joinDirectly(first)
    await device.client.sync()
    devices.push(device)
  }
  return {
    account,
    devices: devices.map((device) => device.remains()),
    server: { serverId: server.serverId, incarnation: server.incarnation, backup: server.backup() },
  }
}
