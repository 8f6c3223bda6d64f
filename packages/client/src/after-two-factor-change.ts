/**
 * What follows when two factors go on or off (F1 … F3): the ways back by the other kind of code are closed and destroyed. Runs on the device
 * that made the change; laying the new ones down is for each device (its passcode) or for the person (a security code).
 */
import type { DeviceId } from '@nokkel/base'
import { closeCode } from './escrow-enrol.ts'
import { askEscrow, type EscrowAnswer, type EscrowParts } from './escrow-realms.ts'
import { forgetOwnPasscode } from './escrow-rows.ts'

export async function afterTwoFactorChange(parts: EscrowParts, on: boolean): Promise<void> {
  await closeOtherKind(parts, await askEscrow(parts), on)
  if (!on) await parts.keychain.update((staged) => forgetOwnPasscode(staged))
}

/** Closes the ways back that have no business beside the setting; done once, there is nothing left to do. */
export async function closeOtherKind(parts: EscrowParts, answer: EscrowAnswer, on: boolean): Promise<void> {
  const { circle, account } = parts.keychain.requireTrusted()
  for (const way of circle.recoveries.values()) {
    const isPasscode = circle.devices.has(way.slot as string as DeviceId)
    const isSecurityCode = (way.slot as string) === (account as string)
    if (on ? isSecurityCode : isPasscode) await closeCode(parts, answer, way.slot)
  }
}
