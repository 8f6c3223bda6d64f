/** What the client's half takes from outside; only `random` has no default. */
import type { Random } from '@nokkel/base'
import { askingRules, type AskingRules } from './ask-realm.ts'
import { stretchCode, type StretchCode } from './stretch.ts'

export interface EscrowPorts {
  readonly random: Random
  /** tests alone replace it: a cheaper one makes a registration that is cheaper to attack */
  readonly stretch?: StretchCode
  readonly asking?: AskingRules
}

export function stretchOf(ports: EscrowPorts): StretchCode {
  return ports.stretch ?? stretchCode
}

export function askingOf(ports: EscrowPorts): AskingRules {
  return ports.asking ?? askingRules
}
