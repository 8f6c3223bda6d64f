/** Between this device and the server: network, name, certificate, proxies (A6; G "server unreachable / TLS / proxy"). */
import { defineCause, found, type Cause } from '../cause.ts'
import type { NetworkFailure } from '@nokkel/client'
import type { Symptom } from '../symptom.ts'
import type { CauseCode } from './codes.ts'
import type { StepId } from '../remedy.ts'

const symptoms: readonly Symptom[] = [
  'not-turning-on',
  'new-device',
  'not-syncing',
  'items-missing',
  'sms-not-arriving',
  'number-not-changing',
]

function failing(code: CauseCode, whys: readonly NetworkFailure[], steps: readonly StepId[]): Cause {
  return defineCause({
    code,
    symptoms,
    severity: 'problem',
    observes: ['network'],
    find: ({ network }) =>
      network === null || network.reached || !whys.includes(network.why)
        ? null
        : found([{ name: 'why', type: 'word', value: network.why }]),
    steps,
    action: 'look-again',
  })
}

export const noNetwork = failing('no-network', ['no-network'], ['check-network', 'sync-now'])
export const serverUnreachable = failing(
  'server-unreachable',
  ['name', 'refused', 'cut', 'unknown'],
  ['check-network', 'check-address', 'look-at-status', 'sync-now'],
)
export const serverSilent = failing('server-silent', ['silent'], ['check-network', 'look-at-status', 'sync-now'])
export const certificateTime = failing('certificate-time', ['tls-time'], ['set-clock', 'tell-operator', 'sync-now'])
export const certificateNotTrusted = failing('certificate-not-trusted', ['tls'], ['check-address', 'trust-certificate', 'tell-operator'])
export const proxyInBetween = failing('proxy-in-between', ['proxy'], ['network-sign-in', 'allow-address', 'sync-now'])
export const otherAnswer = failing('other-answer', ['other-answer'], ['network-sign-in', 'check-address', 'sync-now'])
export const serverDown = failing('server-down', ['gateway', 'unavailable'], ['look-at-status', 'wait-for-operator', 'sync-now'])
