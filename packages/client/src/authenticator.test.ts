import { systemRandom, Secret } from '@nokkel/base'
import { MemoryDisk } from '@nokkel/store'
import { expect, it } from 'vitest'
import { findAuthenticator, forgetAuthenticator, unwrapWithAuthenticator, wrapForAuthenticator } from './authenticator.ts'

const handle = { credentialId: new Uint8Array(64).fill(7), salt: new Uint8Array(32).fill(9) }
const output = (first = 1): Secret => new Secret(new Uint8Array(32).fill(3).fill(first, 0, 1))

it('LOC-12 the same answer of the authenticator opens the same key; any other opens nothing', async () => {
  const store = await new MemoryDisk().open()
  const key = new Secret(systemRandom.bytes(32))
  expect(await findAuthenticator(store)).toBeNull()
  await expect(unwrapWithAuthenticator(store, output())).rejects.toMatchObject({ code: 'authenticator-wrong' })
  await wrapForAuthenticator(store, systemRandom, key, handle, output())
  expect(await findAuthenticator(store)).toEqual(handle)
  expect((await unwrapWithAuthenticator(store, output())).reveal()).toEqual(key.reveal())
  for (const other of [output(2), new Secret(new Uint8Array(32)), new Secret(new Uint8Array(31).fill(3)), new Secret(new Uint8Array(0))])
    await expect(unwrapWithAuthenticator(store, other)).rejects.toMatchObject({ code: 'authenticator-wrong' })
})

it('LOC-12 the wrap is bound to the credential and the salt that it was made for', async () => {
  const store = await new MemoryDisk().open()
  const other = await new MemoryDisk().open()
  const key = new Secret(systemRandom.bytes(32))
  await wrapForAuthenticator(store, systemRandom, key, handle, output())
  await wrapForAuthenticator(other, systemRandom, key, { ...handle, salt: new Uint8Array(32) }, output())
  const [row, moved] = [await store.get('meta', 'authenticator'), await other.get('meta', 'authenticator')]
  expect(row).not.toEqual(moved)
  // every bit of the row counts: none may be changed and still give a key
  const bytes = row ?? new Uint8Array(0)
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    await store.commit([{ op: 'put', table: 'meta', key: 'authenticator', value: changed }])
    await expect(unwrapWithAuthenticator(store, output())).rejects.toMatchObject({
      code: expect.stringMatching(/^(authenticator-wrong|store-damaged)$/) as string,
    })
  }
})

it('LOC-12 it can be given up, and the ceilings of what an app hands over hold', async () => {
  const store = await new MemoryDisk().open()
  const key = new Secret(systemRandom.bytes(32))
  for (const bad of [
    { ...handle, credentialId: new Uint8Array(0) },
    { ...handle, credentialId: new Uint8Array(1_024) },
    { ...handle, salt: new Uint8Array(16) },
  ])
    await expect(wrapForAuthenticator(store, systemRandom, key, bad, output())).rejects.toMatchObject({ code: 'malformed' })
  await wrapForAuthenticator(store, systemRandom, key, handle, output())
  expect(await forgetAuthenticator(store)).toBe(true)
  expect(await forgetAuthenticator(store)).toBe(false)
  await expect(unwrapWithAuthenticator(store, output())).rejects.toMatchObject({ code: 'authenticator-wrong' })
})
