/**
 * Who switched two factors on or off, signed (F1, SPEC VER-8): the server's word alone changes nothing. A statement holds while the device
 * that made it is in the circle; without one that holds, two factors are on. No server can make one, and none can bring an old one back to
 * a device that has seen a newer.
 */
import { CborReader, encodeCbor, idToBytes, isNokkelError, readId, type AccountId, type Bytes, type DeviceId } from '@nokkel/base'
import type { Circle } from './circle.ts'
import { formatVersion, labels } from './labels.ts'
import { limits } from './limits.ts'
import { decodeSigned, isSignedBy, type SignedObject } from './signed.ts'

export interface TwoFactorChange {
  readonly account: AccountId
  /** 1 for the first change; each greater than the last */
  readonly counter: number
  readonly on: boolean
  readonly timeMs: number
}

export interface TwoFactorStatement extends TwoFactorChange {
  readonly signer: DeviceId
}

const changesMax = 1_000_000

/** Signed with the label `nk/1/two-factor` by a device of the circle. */
export function twoFactorBody(change: TwoFactorChange): Bytes {
  return encodeCbor([formatVersion, idToBytes(change.account), change.counter, change.on, change.timeMs])
}

function decode(encoded: Uint8Array): { readonly object: SignedObject; readonly statement: TwoFactorStatement } {
  const object = decodeSigned(encoded, limits.twoFactorBytes, 'two-factor')
  const reader = CborReader.decode(object.body, limits.twoFactorBytes, 'two-factor')
  reader.uint(formatVersion, formatVersion)
  const statement = {
    account: readId<AccountId>(reader),
    counter: reader.uint(changesMax, 1),
    on: reader.bool(),
    timeMs: reader.uint(),
    signer: object.signer,
  }
  reader.end()
  return { object, statement }
}

/** What it says, believed by nobody yet. Throws `malformed`. */
export function decodeTwoFactor(encoded: Uint8Array): TwoFactorStatement {
  return decode(encoded).statement
}

export interface GenuineTwoFactor extends TwoFactorStatement {
  /** false: the device that made it has left or was removed since, and two factors are on until another one says otherwise */
  readonly holds: boolean
}

/** The statement, if a device that is or was in this circle made it about this account; undefined otherwise, whatever is wrong with it. */
export function readTwoFactor(circle: Circle, encoded: Uint8Array): GenuineTwoFactor | undefined {
  try {
    const { object, statement } = decode(encoded)
    const device = circle.devices.get(statement.signer)
    if (statement.account !== circle.account || device === undefined) return undefined
    return isSignedBy(object, labels.twoFactor, device.signKey) ? { ...statement, holds: device.status === 'active' } : undefined
  } catch (error) {
    if (isNokkelError(error)) return undefined
    throw error
  }
}

export function isTwoFactorOn(statement: GenuineTwoFactor | undefined): boolean {
  return statement === undefined || !statement.holds || statement.on
}
