/**
 * What devices that run in a browser may do as members of the circle (SPEC CIR-23). Their program comes from a server or a shop each day, so
 * that a person may want less to hang on it than on a program that is installed. The command line is never limited.
 */
import type { CborReader, CborValue } from '@nokkel/base'
import type { CircleEntry } from './circle-entry.ts'
import type { DeviceClass } from './device-record.ts'

/**
 * `full`: like every device. `no-membership`: reads and writes items, and changes neither who is in the circle nor how one comes back.
 * `off`: no such device is in the circle.
 */
export const classReaches = ['full', 'no-membership', 'off'] as const
export type ClassReach = (typeof classReaches)[number]

export interface ClassPolicy {
  readonly web: ClassReach
  readonly extension: ClassReach
}

export const openPolicy: ClassPolicy = { web: 'full', extension: 'full' }

/** `[web, extension]`, each 0 full | 1 no-membership | 2 off. */
export function policyToCbor(policy: ClassPolicy): readonly CborValue[] {
  return [classReaches.indexOf(policy.web), classReaches.indexOf(policy.extension)]
}

export function readPolicy(reader: CborReader): ClassPolicy {
  const reach = (): ClassReach => classReaches[reader.uint(classReaches.length - 1)] as ClassReach
  const web = reach()
  return { web, extension: reach() }
}

export function isOpen(policy: ClassPolicy): boolean {
  return policy.web === 'full' && policy.extension === 'full'
}

export function reachOf(policy: ClassPolicy, kind: DeviceClass): ClassReach {
  return kind === 'cli' ? 'full' : policy[kind]
}

/**
 * The policy that holds among `active` devices. Where nobody is left who could change it, it holds no longer: a keychain must not become one
 * that nobody can administer.
 */
export function policyAmong(policy: ClassPolicy, active: readonly DeviceClass[]): ClassPolicy {
  return active.some((kind) => reachOf(policy, kind) === 'full') ? policy : openPolicy
}

/** Entries that change who is in the circle, or how one comes back to it. New keys after a departure, and leaving, are for everybody. */
const membershipTypes: ReadonlySet<CircleEntry['payload']['type']> = new Set(['add', 'remove', 'recovery-add', 'recovery-remove', 'policy'])

export function isMembershipChange(type: CircleEntry['payload']['type']): boolean {
  return membershipTypes.has(type)
}
