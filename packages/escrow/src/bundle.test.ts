import { newId, Secret, type AccountId, type Bytes, type DeviceId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { createSigningKey } from '@nokkel/crypto'
import { describe, expect, it } from 'vitest'
import { memberName, openBundle, readBundle, sealBundle, type BundleContent, type BundleHeader } from './bundle.ts'
import { memberFromSecret } from './recovery-member.ts'

const random = new SeededRandom(9)
const member = memberFromSecret(new Secret(random.bytes(32)), 'nk/1/rk')
const stranger = memberFromSecret(new Secret(random.bytes(32)), 'nk/1/rk')
const signer = { id: newId<DeviceId>(random), key: createSigningKey(random) }
const account = newId<AccountId>(random)
const header: BundleHeader = {
  account,
  from: signer.id,
  member: memberName(member.sign.publicKey),
  generation: 4,
  head: { seq: 17, hash: random.bytes(32) },
}
const content: BundleContent = {
  accountKeys: [3, 4].map((generation) => ({ generation, secret: new Secret(random.bytes(32)) })),
  logs: [
    { vault: newId<VaultId>(random), seq: 812, hash: random.bytes(32), stateRoot: random.bytes(32) },
    { vault: newId<VaultId>(random), seq: 0, hash: new Uint8Array(32), stateRoot: null },
  ],
}
const seal = (more: Partial<BundleHeader> = {}) => sealBundle(random, signer.key, member.kem.publicKey, { ...header, ...more }, content)
const expected = { account, member: header.member }

describe('recovery bundle (protocol 4.10)', () => {
  it('gives back account keys, head and log positions', () => {
    const read = readBundle(seal())
    expect(read).toMatchObject({ header })
    const opened = openBundle(read, member, expected, signer.key.publicKey)
    expect(opened.logs).toEqual(content.logs)
    expect(opened.accountKeys.map(({ generation, secret }) => [generation, secret.reveal()])).toEqual(
      content.accountKeys.map(({ generation, secret }) => [generation, secret.reveal()]),
    )
  })

  it('A4: is nothing without the signature of the member that the circle names', () => {
    const other = createSigningKey(random)
    expect(() => openBundle(readBundle(seal()), member, expected, other.publicKey)).toThrow('signature-invalid')
    const forged = sealBundle(random, other, member.kem.publicKey, header, content)
    expect(() => openBundle(readBundle(forged), member, expected, signer.key.publicKey)).toThrow('signature-invalid')
  })

  it('A6: opens for its own member and account only', () => {
    expect(() => openBundle(readBundle(seal()), stranger, expected, signer.key.publicKey)).toThrow('open-failed')
    expect(() => openBundle(readBundle(seal()), member, { ...expected, account: newId<AccountId>(random) }, signer.key.publicKey)).toThrow(
      'open-failed',
    )
    expect(() =>
      openBundle(readBundle(seal({ member: memberName(stranger.sign.publicKey) })), member, expected, signer.key.publicKey),
    ).toThrow('open-failed')
  })

  it('A16: the head is under the signature and in the seal: no part of another bundle fits', () => {
    const older = readBundle(seal({ head: { seq: 16, hash: random.bytes(32) } }))
    const newer = readBundle(seal())
    const key = signer.key.publicKey
    const mixed: (typeof newer)[] = [
      { ...newer, body: older.body },
      { ...newer, signature: older.signature },
      { ...newer, header: older.header },
      { ...newer, sealed: older.sealed },
      { ...newer, header: { ...newer.header, generation: 5 } },
    ]
    for (const bundle of mixed) expect(() => openBundle(bundle, member, expected, key)).toThrow(/open-failed|signature-invalid/)
  })

  it('A11: changed anywhere, it is refused', () => {
    const good = seal()
    for (let at = 0; at < good.length; at += 5) {
      const bad: Bytes = good.slice()
      bad[at] = (bad[at] as number) ^ (1 << (at & 7))
      expect(() => openBundle(readBundle(bad), member, expected, signer.key.publicKey), `byte ${at}`).toThrow(
        /malformed|signature-invalid|update-needed/,
      )
    }
    for (const bad of [new Uint8Array(0), good.slice(1), good.slice(0, -1), random.bytes(500)])
      expect(() => readBundle(bad)).toThrow('malformed')
  })

  it('without the key of its own generation it is not made', () => {
    expect(() => seal({ generation: 9 })).toThrow('internal')
  })
})
