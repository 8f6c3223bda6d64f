/**
 * From findings to repairs: first a plan that the person sees, then one action after the other, then another look. Never in one step, and
 * nothing that the app has not offered or that needs more than the person's yes.
 */
import type { CauseCode } from './causes/codes.ts'
import type { Examination } from './examine.ts'
import { actions as known, type ActionId } from './remedy.ts'

/** What this app can carry out. */
export type Actions = { readonly [Id in ActionId]?: () => Promise<void> }

export interface PlannedAction {
  readonly action: ActionId
  readonly for: CauseCode
}

/** Actions that need nothing but the person's yes, each once, in the order of rank. */
export function planMending({ findings }: Pick<Examination, 'findings'>, actions: Actions): readonly PlannedAction[] {
  const plan = new Map<ActionId, PlannedAction>()
  for (const { action, code } of findings)
    if (action !== null && known[action].needs === 'nothing' && actions[action] !== undefined && !plan.has(action))
      plan.set(action, { action, for: code })
  return [...plan.values()]
}

export interface Mended {
  readonly done: readonly (PlannedAction & { readonly failed: unknown })[]
  /** another look, after everything */
  readonly after: Examination
}

/** An action that fails does not keep the next from being tried: the look afterwards says what is left. */
export async function carryOut(plan: readonly PlannedAction[], actions: Actions, lookAgain: () => Promise<Examination>): Promise<Mended> {
  const done: (PlannedAction & { readonly failed: unknown })[] = []
  for (const planned of plan) {
    try {
      await actions[planned.action]?.()
      done.push({ ...planned, failed: null })
    } catch (error) {
      done.push({ ...planned, failed: error })
    }
  }
  return { done, after: await lookAgain() }
}
