/**
 * A step that somebody waits for (a new account, a sign-in), at a server that says it cannot just now: asked again a few times, after pauses that grow
 * and are drawn at random, before anybody is told. Only for steps that may be repeated as a whole, also when an earlier one went through unheard.
 */
import { isNokkelError, randomBelow } from '@nokkel/base'
import type { Platform } from './platform.ts'

/** at most seven seconds in all: as long as people wait before they try again themselves */
const pausesMs = [500, 1_000, 2_000] as const

/** A server that is being moved says so for longer than anybody waits. */
function mayPassSoon(error: unknown): boolean {
  return isNokkelError(error, 'busy') || (isNokkelError(error, 'server-unavailable') && error.params.what !== 'moved')
}

export async function whileOverloaded<T>({ pause, random }: Pick<Platform, 'pause' | 'random'>, step: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await step()
    } catch (error) {
      if (!mayPassSoon(error)) throw error
    }
    await pause(pauseMs + randomBelow(random, pauseMs))
  }
  return step()
}
