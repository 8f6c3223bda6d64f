import { encodeCbor, newId, type AccountId, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestSigner } from '../testing/index.ts'
import { decodeAccount, emptyAccount, encodeAccount } from './account-state.ts'
import { openAnswer, readInfo, signAnswer } from './answers.ts'
import { newEscrowId, type RealmId, type RecordSlot, type RegistrationId } from './ids.ts'
import { labels } from './labels.ts'
import { escrowPolicy } from './policy.ts'
import { encodeRealmList, encodeSignedRealmList, openRealmList, type RealmListEntry } from './realm-list.ts'
import { signedMessage } from '@nokkel/crypto'
import { decodeStatement, encodeStatement, type Statement } from './statement.ts'
import { decodeToken, isTokenGood, issueToken } from './token.ts'

const random = new SeededRandom(17)
const statement: Statement = {
  account: newId<AccountId>(random),
  slot: newEscrowId<RecordSlot>(random),
  registration: newEscrowId<RegistrationId>(random),
  genesisHash: random.bytes(32),
  threshold: 2,
  limit: 10,
  codeKind: 'own',
  outerLayer: false,
  realmListHash: random.bytes(32),
  commitment: random.bytes(16),
  signKey: random.bytes(32),
  realms: [1, 2, 3].map(() => ({ id: newEscrowId<RealmId>(random), publicKey: random.bytes(32), partHash: random.bytes(32) })),
}

describe('statement', () => {
  it('is read as it was written', () => {
    expect(decodeStatement(encodeStatement(statement))).toEqual(statement)
  })

  it.each<[string, Partial<Statement>]>([
    ['threshold 0', { threshold: 0 }],
    ['no majority', { threshold: 1 }],
    ['threshold above the realms', { threshold: 4 }],
    ['no realm', { threshold: 1, realms: [] }],
    [
      'one realm twice',
      { realms: [statement.realms[0], statement.realms[0], statement.realms[1]].map((realm) => realm as Statement['realms'][number]) },
    ],
    ['eleven guesses', { limit: 11 }],
    ['no guess', { limit: 0 }],
    ['a guess that no realm could allow', { limit: 1 }],
    ['a long commitment', { commitment: random.bytes(17) }],
    ['a short key', { signKey: random.bytes(31) }],
  ])('refuses %s', (_, more) => {
    expect(() => decodeStatement(encodeStatement({ ...statement, ...more }))).toThrow('malformed')
  })

  it('stops at a newer format, and at anything else', () => {
    expect(() => decodeStatement(encodeCbor([2, labels.statement]))).toThrow('update-needed')
    for (const bad of [[], [1], [1, labels.answer], [1, labels.statement], 'x', null])
      expect(() => decodeStatement(encodeCbor(bad))).toThrow('malformed')
  })
})

describe('tokens', () => {
  const issuer = createTestSigner(random)
  const claims = {
    account: statement.account,
    registration: statement.registration,
    realm: newEscrowId<RealmId>(random),
    clientKey: random.bytes(32),
    nonce: random.bytes(16),
    expiresMs: 1_000_000,
  }
  const good = (token: Bytes, nowMs: number) =>
    isTokenGood(token, 'recover', decodeToken(token, 'recover'), claims.realm, [random.bytes(32), issuer.publicKey], nowMs, escrowPolicy)

  it('hold from when they are issued until they expire, for one purpose', async () => {
    const token = await issueToken(issuer, 'recover', claims)
    expect(decodeToken(token, 'recover')).toEqual(claims)
    expect(good(token, 999_999)).toBe(true)
    expect(good(token, 1_000_000)).toBe(false)
    expect(good(token, 1_000_000 - escrowPolicy.tokenLifeMs - escrowPolicy.tokenSkewMs)).toBe(true)
    expect(good(token, 999_999 - escrowPolicy.tokenLifeMs - escrowPolicy.tokenSkewMs)).toBe(false)
    for (const kind of ['register', 'manage'] as const) expect(() => decodeToken(token, kind)).toThrow('malformed')
    expect(decodeToken(await issueToken(issuer, 'manage', { ...claims, registration: null }), 'manage').registration).toBeNull()
  })
})

describe('answers', () => {
  it('belong to their realm and their question', async () => {
    const signer = createTestSigner(random)
    const [realm, other] = [newEscrowId<RealmId>(random), newEscrowId<RealmId>(random)]
    const [question, another] = [random.bytes(32), random.bytes(32)]
    const answer = await signAnswer(signer, realm, question, [[1, 0, 10, 0], null])
    expect(openAnswer(answer, realm, signer.publicKey, question, readInfo)).toEqual({
      state: 'active',
      reason: 'none',
      left: 10,
      waitMs: 0,
      statement: null,
    })
    expect(() => openAnswer(answer, other, signer.publicKey, question, readInfo)).toThrow('malformed')
    expect(() => openAnswer(answer, realm, signer.publicKey, another, readInfo)).toThrow('malformed')
    expect(() => openAnswer(answer, realm, createTestSigner(random).publicKey, question, readInfo)).toThrow('malformed')
    for (let at = 0; at < answer.length; at++) {
      const bad = answer.slice()
      bad[at] = (bad[at] as number) ^ 1
      expect(() => openAnswer(bad, realm, signer.publicKey, question, readInfo)).toThrow('malformed')
    }
  })
})

describe('realm list', () => {
  const parties = [createTestSigner(random), createTestSigner(random), createTestSigner(random)]
  const realms: RealmListEntry[] = [1, 2, 3].map((n) => ({
    id: newEscrowId<RealmId>(random),
    url: `https://realm${n}.example/`,
    signKey: random.bytes(32),
    keyHolder: 'kms',
  }))
  const trusted = parties.map(({ publicKey }) => publicKey)
  const signed = async (signers: typeof parties, list = realms) => {
    const encoded = encodeRealmList(list)
    return encodeSignedRealmList(
      encoded,
      await Promise.all(
        signers.map(async (signer) => ({
          signer: signer.publicKey,
          signature: await signer.sign(signedMessage(labels.realmList, encoded)),
        })),
      ),
    )
  }

  it('is believed when enough different parties that the client knows have signed it', async () => {
    expect(openRealmList(await signed(parties.slice(0, 2)), trusted, 2).realms).toEqual(realms)
    expect(() => openRealmList(new Uint8Array(0), trusted, 2)).toThrow('malformed')
    for (const few of [
      [],
      parties.slice(0, 1),
      [parties[0], parties[0]].map((party) => party as (typeof parties)[number]),
      [createTestSigner(random), createTestSigner(random)],
    ]) {
      const list = await signed(few)
      expect(() => openRealmList(list, trusted, 2)).toThrow('signature-invalid')
    }
    const one = await signed(parties.slice(0, 1))
    expect(() => openRealmList(one, [trusted[0] as Bytes, trusted[0] as Bytes], 2)).toThrow('signature-invalid')
    expect(() => openRealmList(one, trusted, 0)).toThrow('signature-invalid')
  })

  it('has each realm once, and at least one', async () => {
    const twice = await signed(
      parties,
      [realms[0], realms[0]].map((realm) => realm as RealmListEntry),
    )
    const none = await signed(parties, [])
    expect(() => openRealmList(twice, trusted, 2)).toThrow('malformed')
    expect(() => openRealmList(none, trusted, 2)).toThrow('malformed')
  })
})

describe('what a realm stores', () => {
  it('is read as it was written, and what is damaged is no count', () => {
    expect(decodeAccount(encodeAccount(emptyAccount))).toEqual(emptyAccount)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeAccount(new Uint8Array(bytes))
        } catch (error) {
          expect(error).toMatchObject({ code: 'store-damaged' })
        }
      }),
    )
  })
})
