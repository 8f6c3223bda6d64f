/** Links for tests that tell one story: one that is pulled out and put back, and one on which a chosen call fails. */
import { NokkelError } from '@nokkel/base'
import { SimulatedCrash } from '@nokkel/store'
import type { Link } from './connection.ts'

/** A connection that somebody pulls out and puts back. */
export class SwitchLink implements Link {
  parted = false

  async call<T>(_name: string, run: () => T | Promise<T>): Promise<T> {
    if (this.parted) throw new NokkelError('offline')
    return run()
  }

  async between(): Promise<void> {
    if (this.parted) throw new NokkelError('offline')
  }
}

export const linkFaults = ['request lost', 'answer lost', 'killed before', 'killed after'] as const
export type LinkFault = (typeof linkFaults)[number]

export class ScriptedLink implements Link {
  #fault: LinkFault | null
  #left: number
  calls = 0
  /** set once the fault has struck */
  struck = ''

  /** `at` counts from 0; without a fault the link only counts. */
  constructor(fault: LinkFault | null = null, at = 0) {
    this.#fault = fault
    this.#left = at
  }

  disarm(): void {
    this.#fault = null
  }

  async call<T>(name: string, run: () => T | Promise<T>): Promise<T> {
    this.calls++
    // others get their turn while this one is under way
    await Promise.resolve()
    if (this.#fault === null || this.#left-- !== 0) return run()
    this.struck = name
    if (this.#fault === 'request lost') throw new NokkelError('offline')
    if (this.#fault === 'killed before') throw new SimulatedCrash('before the request')
    await run()
    throw this.#fault === 'answer lost' ? new NokkelError('offline') : new SimulatedCrash('after the request')
  }

  async between(): Promise<void> {
    await Promise.resolve()
  }
}
