/**
 * The server's half of a sign-in between its two messages. An interface, because with several server processes it has to live
 * where all of them can take it; one use each, so a second finish finds nothing.
 */
import type { AccountId, Clock } from '@nokkel/base'

export interface LoginState {
  readonly accountId: AccountId
  /** no such account: the finish fails whatever it says */
  readonly decoy: boolean
  readonly serverLoginState: string
  readonly expiresMs: number
}

export interface LoginStates {
  put(loginId: string, state: LoginState): Promise<void>
  /** Gives the state once. */
  take(loginId: string): Promise<LoginState | undefined>
}

export const loginLifetimeMs = 120_000
const most = 20_000

export function memoryLoginStates(clock: Clock): LoginStates {
  const states = new Map<string, LoginState>()
  return {
    put(loginId, state) {
      const now = clock.nowMs()
      // insertion order is order of expiry; the oldest goes when a flood fills the memory set aside for this
      for (const [id, old] of states) {
        if (old.expiresMs > now && states.size < most) break
        states.delete(id)
      }
      states.set(loginId, state)
      return Promise.resolve()
    },
    take(loginId) {
      const state = states.get(loginId)
      states.delete(loginId)
      return Promise.resolve(state !== undefined && state.expiresMs > clock.nowMs() ? state : undefined)
    },
  }
}
