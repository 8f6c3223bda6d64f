/** Sealed rows: the contract holds through the seal, nothing readable reaches the store below, and no row opens elsewhere. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { concatBytes, NokkelError, Secret, utf8, type Bytes } from '@nokkel/base'
import { expect, test } from 'vitest'
import { describeDeviceStore } from './contract.ts'
import { storeTables, type StoreTable } from './device-store.ts'
import { MemoryDisk } from './memory.ts'
import { SealedStore, type LocalCipher } from './sealed-store.ts'

/** A real AEAD of the platform, so that these tests need no other package: nonce, tag, ciphertext. */
function cipherOf(key: Secret): LocalCipher {
  const algorithm = 'chacha20-poly1305'
  const seal = (aad: Uint8Array, plaintext: Uint8Array): Bytes => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv(algorithm, key.reveal(), nonce, { authTagLength: 16 }).setAAD(aad, {
      plaintextLength: plaintext.length,
    })
    const body = concatBytes(cipher.update(plaintext), cipher.final())
    return concatBytes(nonce, cipher.getAuthTag(), body)
  }
  const open = (aad: Uint8Array, sealed: Uint8Array): Bytes => {
    const body = sealed.subarray(28)
    const cipher = createDecipheriv(algorithm, key.reveal(), sealed.subarray(0, 12), { authTagLength: 16 })
    cipher.setAAD(aad, { plaintextLength: body.length }).setAuthTag(sealed.subarray(12, 28))
    try {
      return concatBytes(cipher.update(body), cipher.final())
    } catch {
      throw new NokkelError('open-failed')
    }
  }
  return {
    sealMany: async (messages) => messages.map(({ aad, plaintext }) => seal(aad, plaintext)),
    openMany: async (messages) => messages.map(({ aad, sealed }) => open(aad, sealed)),
  }
}

const newKey = () => new Secret(randomBytes(32))

describeDeviceStore('sealed over memory', async () => {
  const disk = new MemoryDisk()
  const key = newKey()
  return { open: async () => new SealedStore(await disk.open(), cipherOf(key)), dispose: async () => undefined }
})

async function sealedAndRaw(key = newKey()) {
  const disk = new MemoryDisk()
  return { key, sealed: new SealedStore(await disk.open(), cipherOf(key)), raw: await disk.open() }
}

const contains = (haystack: Bytes | undefined, text: string) => Buffer.from(haystack ?? []).includes(text)

test('only table meta reaches the store below in plain', async () => {
  const { sealed, raw } = await sealedAndRaw()
  await sealed.commit(storeTables.map((table) => ({ op: 'put', table, key: 'k', value: utf8('plain words') })))
  const plain: StoreTable[] = []
  for (const table of storeTables) if (contains(await raw.get(table, 'k'), 'plain words')) plain.push(table)
  expect(plain).toEqual(['meta'])
})

test('a row moved to another key or another table does not open', async () => {
  const { sealed, raw } = await sealedAndRaw()
  await sealed.commit([{ op: 'put', table: 'items', key: 'a', value: utf8('mine') }])
  const value = (await raw.get('items', 'a')) as Bytes
  await raw.commit([
    { op: 'put', table: 'items', key: 'b', value },
    { op: 'put', table: 'state', key: 'a', value },
  ])
  expect(await sealed.get('items', 'a')).toEqual(utf8('mine'))
  for (const call of [sealed.get('items', 'b'), sealed.getMany('items', ['a', 'b']), sealed.list('items')]) {
    await expect(call).rejects.toMatchObject({ code: 'store-damaged', params: { table: 'items' } })
  }
  await expect(sealed.get('state', 'a')).rejects.toMatchObject({ code: 'store-damaged', params: { table: 'state' } })
})

test('a changed or cut row does not open, nor does any row under another key', async () => {
  const { key, sealed, raw } = await sealedAndRaw()
  await sealed.commit([{ op: 'put', table: 'items', key: 'a', value: utf8('mine') }])
  const value = (await raw.get('items', 'a')) as Bytes
  for (const changed of [value.with(30, (value[30] as number) ^ 1), value.subarray(0, 30), value.subarray(0, 28)]) {
    await raw.commit([{ op: 'put', table: 'items', key: 'a', value: changed }])
    await expect(sealed.get('items', 'a')).rejects.toMatchObject({ code: 'store-damaged' })
  }
  await raw.commit([{ op: 'put', table: 'items', key: 'a', value }])
  await expect(new SealedStore(raw, cipherOf(newKey())).get('items', 'a')).rejects.toMatchObject({ code: 'store-damaged' })
  expect(await new SealedStore(raw, cipherOf(key)).get('items', 'a')).toEqual(utf8('mine'))
})

test('without its key it is locked, but for meta, and a locked commit changes nothing', async () => {
  const { key, sealed } = await sealedAndRaw()
  await sealed.commit([
    { op: 'put', table: 'items', key: 'a', value: utf8('mine') },
    { op: 'put', table: 'meta', key: 'a', value: utf8('wrapped key') },
  ])
  key.destroy()
  await expect(sealed.get('items', 'a')).rejects.toMatchObject({ code: 'locked' })
  const batch = [{ op: 'delete', table: 'meta', key: 'a' } as const, { op: 'put', table: 'items', key: 'a', value: utf8('new') } as const]
  await expect(sealed.commit(batch)).rejects.toMatchObject({ code: 'locked' })
  expect(await sealed.get('meta', 'a')).toEqual(utf8('wrapped key'))
  expect(await sealed.generation()).toBe(1)
})
