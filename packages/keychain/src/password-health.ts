/**
 * What is wrong with passwords that somebody keeps: weak, used in several places, old. Computed on the device from what is there, without
 * asking anybody; a judgement for a person to act on, never acted on by itself.
 */
import type { ItemId } from '@nokkel/base'
import { passwordWeakness } from './passcode-rules.ts'

export interface KeptPassword {
  readonly id: ItemId
  readonly password: string
  /** when this password was written */
  readonly changedMs: number
}

export interface PasswordHealth {
  readonly weak: readonly ItemId[]
  /** each group has one password */
  readonly reused: readonly (readonly ItemId[])[]
  readonly old: readonly ItemId[]
}

const oldMs = 3 * 365.25 * 24 * 3_600_000

export function passwordHealth(passwords: Iterable<KeptPassword>, nowMs: number): PasswordHealth {
  const weak: ItemId[] = []
  const old: ItemId[] = []
  const users = new Map<string, ItemId[]>()
  for (const { id, password, changedMs } of passwords) {
    if (password === '') continue
    if (passwordWeakness(password) !== null) weak.push(id)
    if (nowMs - changedMs > oldMs) old.push(id)
    const same = users.get(password)
    if (same === undefined) users.set(password, [id])
    else same.push(id)
  }
  return { weak, reused: [...users.values()].filter((ids) => ids.length > 1), old }
}
