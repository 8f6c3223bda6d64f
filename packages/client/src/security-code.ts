/** The security code of an account with two factors off (F3, F6): set, changed or taken away on a trusted device. */
import { NokkelError } from '@nokkel/base'
import { canonicalCode, generateRandomCode, securityCodeWeakness, type WeakCodeReason } from '@nokkel/escrow'
import type { RecoverySlot } from '@nokkel/protocol'
import { sessionOf } from '@nokkel/sync'
import { closeCode, enrolCode } from './escrow-enrol.ts'
import { askEscrow, type EscrowParts } from './escrow-realms.ts'
import { learnTwoFactor, readTwoFactorSetting } from './two-factor.ts'

/** Six digits, a longer one of one's own, or one that the device makes (F3). */
export type SecurityCode = { readonly kind: 'digits' | 'own'; readonly code: string } | { readonly kind: 'random' }

/** Null: strong enough. For showing the reason while a person types; asks nobody. */
export function securityCodeReason(kind: 'digits' | 'own', code: string): WeakCodeReason | null {
  return securityCodeWeakness(kind, code)
}

/**
 * Gives the code back, for a random one to be shown once. Throws `weak-security-code` with the reason, `two-factor-on` where there is no such code, `number-missing`,
 * and what `enrolCode` throws.
 */
export async function setSecurityCode(parts: EscrowParts, wanted: SecurityCode): Promise<string> {
  const { keychain, api } = parts
  const code = wanted.kind === 'random' ? generateRandomCode(parts.platform.random) : wanted.code
  const reason = securityCodeWeakness(wanted.kind, code)
  if (reason !== null) throw new NokkelError('weak-security-code', { reason })
  const { identity } = keychain.requireTrusted()
  // the server's word alone does not decide which codes open the keychain (VER-8)
  const { twoFactorStatement, numberEnd } = await api.verification(sessionOf(identity))
  await learnTwoFactor(keychain, twoFactorStatement, parts.nameOf)
  if (await readTwoFactorSetting(keychain)) throw new NokkelError('two-factor-on')
  // an SMS comes before any try at the code (F3)
  if (numberEnd === null) throw new NokkelError('number-missing')
  await layDownSecurityCode(parts, { kind: wanted.kind, code: canonicalCode(wanted.kind, code) })
  return code
}

/** Throws as `enrolCode`. */
export async function layDownSecurityCode(
  parts: EscrowParts,
  { kind, code }: { readonly kind: SecurityCode['kind']; readonly code: string },
): Promise<void> {
  const { account } = parts.keychain.requireTrusted()
  const plan = { slot: account as string as RecoverySlot, codeKind: kind, code, label: '' } as const
  await enrolCode(parts, await askEscrow(parts), plan)
}

/** From then on only approval and the recovery key let a device in. False when there was no code. */
export async function removeSecurityCode(parts: EscrowParts): Promise<boolean> {
  const { account } = parts.keychain.requireTrusted()
  return closeCode(parts, await askEscrow(parts), account as string as RecoverySlot)
}
