/**
 * A network that loses requests and answers, delivers twice, late and out of order, breaks in the middle and parts devices from the
 * server; and processes that die while they wait for it. All by one seeded source of chance, so that a seed is a run.
 */
import { NokkelError } from '@nokkel/base'
import type { SeededRandom } from '@nokkel/base/testing'
import { SimulatedCrash } from '@nokkel/store'
import type { Counts } from './counts.ts'
import type { Link } from './connection.ts'

export interface FaultRates {
  readonly dropRequest: number
  readonly dropAnswer: number
  /** the same request arrives a second time, at once or later */
  readonly repeat: number
  /** the sender has given up long before it arrives */
  readonly late: number
  /** the connection breaks between two parts of a request or an answer */
  readonly cut: number
  /** the sender's process dies, before or after the server has acted */
  readonly kill: number
}

export const calm: FaultRates = { dropRequest: 0, dropAnswer: 0, repeat: 0, late: 0, cut: 0, kill: 0 }

/** turns of the event loop that a message may take; what reorders messages of devices that act at the same time */
const turnsMost = 12

export class Network {
  rates: FaultRates = calm
  readonly #random: SeededRandom
  readonly #counts: Counts
  /** requests that are still under way although nobody waits for them */
  #underWay: (() => unknown)[] = []

  constructor(random: SeededRandom, counts: Counts) {
    this.#random = random
    this.#counts = counts
  }

  link(): FaultyLink {
    return new FaultyLink(this)
  }

  happens(fault: keyof FaultRates): boolean {
    if (this.rates[fault] === 0 || !this.#random.chance(this.rates[fault])) return false
    this.#counts.fault(fault)
    return true
  }

  chance(probability: number): boolean {
    return this.#random.chance(probability)
  }

  async turns(): Promise<void> {
    for (let n = this.#random.below(turnsMost); n > 0; n--) await Promise.resolve()
  }

  put(request: () => unknown): void {
    this.#underWay.push(request)
  }

  /** What was under way arrives, in any order. Its answers go to nobody. */
  async deliver(all: boolean): Promise<void> {
    const kept: (() => unknown)[] = []
    for (const request of this.#underWay.sort(() => (this.#random.chance(0.5) ? 1 : -1))) {
      if (!all && this.#random.chance(0.5)) kept.push(request)
      else await settle(request)
    }
    this.#underWay = kept
  }
}

async function settle(request: () => unknown): Promise<void> {
  try {
    await request()
  } catch (error) {
    if (!(error instanceof NokkelError) && !(error instanceof SimulatedCrash)) throw error
  }
}

/** The answer, a refusal included, to be given later. */
async function outcomeOf<T>(run: () => T | Promise<T>): Promise<() => T> {
  try {
    const value = await run()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

export class FaultyLink implements Link {
  readonly #network: Network
  /** this device has no network at all */
  parted = false

  constructor(network: Network) {
    this.#network = network
  }

  async call<T>(_name: string, run: () => T | Promise<T>, repeatable = false): Promise<T> {
    const network = this.#network
    await network.turns()
    if (this.parted || network.happens('dropRequest')) throw new NokkelError('offline')
    const dies = network.happens('kill')
    if (dies && network.chance(0.5)) throw new SimulatedCrash('before the request')
    if (repeatable && network.happens('late')) {
      network.put(run)
      throw new NokkelError('timeout')
    }
    const answer = await outcomeOf(run)
    if (dies) throw new SimulatedCrash('after the request')
    if (repeatable && network.happens('repeat')) {
      if (network.chance(0.5)) network.put(run)
      else await settle(run)
    }
    await network.turns()
    // a lost answer hides an error as well
    if (network.happens('dropAnswer')) throw new NokkelError('offline')
    return answer()
  }

  async between(): Promise<void> {
    await this.#network.turns()
    if (this.parted || this.#network.happens('cut')) throw new NokkelError('offline')
  }
}
