/** Sealing and opening of shares and wraps (SPEC KEY-7 … KEY-10); the formats are in `wire/share.ts`. */
import { NokkelError, Secret, type AccountId, type Bytes, type DeviceId, type Random } from '@nokkel/base'
import { deriveBytes, openOnce, openFrom, sealOnce, sealTo, sign } from '@nokkel/crypto'
import { concatBytes, utf8 } from '@nokkel/base'
import type { Circle } from './wire/circle.ts'
import { labels } from './wire/labels.ts'
import { decodeWrap, encodeShareBody, encodeWrap, shareAad, verifyShare, wrapAad, type WrapHeader } from './wire/share.ts'
import { encodeSigned } from './wire/signed.ts'
import {
  accountKeyCommitment,
  accountWrapKey,
  assertCommitment,
  previousWrapKey,
  vaultKeyCommitment,
  type AccountKey,
  type DeviceKeys,
  type VaultKey,
} from './keys.ts'

const info = utf8(labels.accountKeyShare)
const saltBytes = 32

/** The account key for one device, signed by the sender. */
export function sealShare(
  random: Random,
  sender: DeviceKeys,
  account: AccountId,
  to: { readonly id: DeviceId; readonly sealKey: Uint8Array },
  key: AccountKey,
): Bytes {
  const header = { account, generation: key.generation, from: sender.id, to: to.id }
  const sealed = sealTo(random, to.sealKey, info, shareAad(header), key.secret.reveal())
  const body = encodeShareBody({ ...header, sealed })
  return encodeSigned({ body, signer: sender.id, signature: sign(sender.sign, labels.accountKeyShare, body) })
}

/** Throws `share-invalid`: not from a member, not for this device, or not the key that the circle commits to. */
export function openShare(circle: Circle, device: DeviceKeys, encoded: Uint8Array): AccountKey {
  const share = verifyShare(circle, encoded)
  if (share.to !== device.id) throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  let key: AccountKey
  try {
    key = { generation: share.generation, secret: new Secret(openFrom(device.seal, info, shareAad(share), share.sealed)) }
  } catch {
    throw new NokkelError('share-invalid', { rule: 'KEY-7' })
  }
  if (key.secret.reveal().length !== 32) throw new NokkelError('share-invalid', { rule: 'KEY-7' })
  assertCommitment(accountKeyCommitment(key), circle.commitmentOfGeneration(share.generation))
  return key
}

/** A vault key under the account key. */
export function wrapVaultKey(random: Random, account: AccountId, key: VaultKey, under: AccountKey): Bytes {
  return wrap(random, { account, vault: key.vault, epoch: key.epoch, kind: 'vault', under: under.generation }, accountWrapKey(under), key)
}

/** The key of an older epoch under the key of the next one, for records that were not resealed yet. */
export function wrapPreviousVaultKey(random: Random, account: AccountId, key: VaultKey, under: VaultKey): Bytes {
  return wrap(random, { account, vault: key.vault, epoch: key.epoch, kind: 'previous', under: under.epoch }, previousWrapKey(under), key)
}

function wrap(random: Random, header: WrapHeader, wrapKey: Secret, key: VaultKey): Bytes {
  const salt = random.bytes(saltBytes)
  const aad = wrapAad(header)
  return encodeWrap({ ...header, sealed: concatBytes(salt, sealOnce(wrapOnceKey(wrapKey, salt), aad, key.secret.reveal())) })
}

function wrapOnceKey(wrapKey: Secret, salt: Uint8Array): Bytes {
  return deriveBytes(concatBytes(wrapKey.reveal(), salt), 'nk/1/wrap', 32)
}

function unwrap(circle: Circle, encoded: Uint8Array, wrapKeyOf: (header: WrapHeader) => Secret | undefined): VaultKey | undefined {
  const decoded = decodeWrap(encoded)
  const wrapKey = wrapKeyOf(decoded)
  if (wrapKey === undefined) return undefined
  if (decoded.account !== circle.account || decoded.sealed.length !== saltBytes + 48)
    throw new NokkelError('share-invalid', { rule: 'KEY-9' })
  let secret: Secret
  try {
    secret = new Secret(
      openOnce(wrapOnceKey(wrapKey, decoded.sealed.subarray(0, saltBytes)), wrapAad(decoded), decoded.sealed.subarray(saltBytes)),
    )
  } catch {
    throw new NokkelError('share-invalid', { rule: 'KEY-9' })
  }
  const key = { vault: decoded.vault, epoch: decoded.epoch, secret }
  assertCommitment(vaultKeyCommitment(key), circle.vaults.get(key.vault)?.epochs.find((start) => start.epoch === key.epoch)?.commitment)
  return key
}

/**
 * All vault keys that `accountKeys` open, newest epochs through the account key, older ones down the chain of previous wraps.
 * Wraps under generations that this device does not hold are passed over.
 */
export function openVaultKeys(circle: Circle, wraps: readonly Uint8Array[], accountKeys: ReadonlyMap<number, AccountKey>): VaultKey[] {
  const found = new Map<string, VaultKey>()
  const name = (vault: string, epoch: number) => `${vault}/${epoch}`
  const take = (key: VaultKey | undefined) => {
    if (key !== undefined && !found.has(name(key.vault, key.epoch))) found.set(name(key.vault, key.epoch), key)
  }
  const wrapKeys = new Map([...accountKeys].map(([generation, key]) => [generation, accountWrapKey(key)]))
  for (const encoded of wraps) take(unwrap(circle, encoded, (header) => (header.kind === 'vault' ? wrapKeys.get(header.under) : undefined)))
  const older = wraps.map((encoded) => ({ encoded, header: decodeWrap(encoded) })).filter(({ header }) => header.kind === 'previous')
  // newest first, so that each step opens the next
  older.sort((a, b) => b.header.epoch - a.header.epoch)
  for (const { encoded } of older)
    take(
      unwrap(circle, encoded, (header) => {
        const around = found.get(name(header.vault, header.under))
        return around === undefined || found.has(name(header.vault, header.epoch)) ? undefined : previousWrapKey(around)
      }),
    )
  return [...found.values()]
}
