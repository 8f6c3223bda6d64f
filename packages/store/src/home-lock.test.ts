/** The lock on the home folder: one holder at a time, in this process and others, and free as soon as its holder is dead. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireHomeLock } from './sqlite.ts'

let folder: string
let path: string
let children: ChildProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-lock-'))
  path = join(folder, 'lock')
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A process that holds the lock until it is killed or its standard input ends. */
async function holder(): Promise<ChildProcess> {
  const door = new URL('sqlite.ts', import.meta.url)
  const script = `
    import { acquireHomeLock } from ${JSON.stringify(door.href)}
    const lock = await acquireHomeLock(process.argv[1], { waitMs: 10_000 })
    console.log('held')
    process.stdin.on('end', () => lock.release()).resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

test('a second holder in this process is refused, then served after release', async () => {
  const lock = await acquireHomeLock(path, { waitMs: 0 })
  for (const waitMs of [0, 120]) await expect(acquireHomeLock(path, { waitMs })).rejects.toMatchObject({ code: 'home-in-use' })
  const waiting = acquireHomeLock(path, { waitMs: 20_000 })
  lock.release()
  lock.release()
  const second = await waiting
  await expect(acquireHomeLock(path, { waitMs: 0 })).rejects.toMatchObject({ code: 'home-in-use' })
  second.release()
})

test('a refused attempt does not free the lock of the holder for other processes', async () => {
  const lock = await acquireHomeLock(path, { waitMs: 0 })
  await expect(acquireHomeLock(path, { waitMs: 0 })).rejects.toMatchObject({ code: 'home-in-use' })
  let served = false
  const other = holder().then(() => (served = true))
  await expect(acquireHomeLock(path, { waitMs: 500 })).rejects.toMatchObject({ code: 'home-in-use' })
  expect(served).toBe(false)
  lock.release()
  expect(await other).toBe(true)
})

test('another process holds it until it is killed', async () => {
  const child = await holder()
  await expect(acquireHomeLock(path, { waitMs: 60 })).rejects.toMatchObject({ code: 'home-in-use' })
  child.kill('SIGKILL')
  const lock = await acquireHomeLock(path, { waitMs: 20_000 })
  lock.release()
})

test('another process that releases it frees it while it lives on', async () => {
  const child = await holder()
  child.stdin?.end()
  const lock = await acquireHomeLock(path, { waitMs: 20_000 })
  expect(child.signalCode).toBeNull()
  lock.release()
})

test('the lock file is empty, its own and nobody else’s, and stays', async () => {
  const lock = await acquireHomeLock(path, { waitMs: 0 })
  expect(readdirSync(folder)).toEqual(['lock'])
  lock.release()
  expect(readdirSync(folder)).toEqual(['lock'])
  expect(statSync(path).size).toBe(0)
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a missing or unwritable folder is io-failed, not a reason to wait', async (context) => {
  await expect(acquireHomeLock(join(folder, 'none', 'lock'), { waitMs: 20_000 })).rejects.toMatchObject({ code: 'io-failed' })
  // left out for root and on Windows, whom the mode of a folder does not stop
  if (process.platform === 'win32' || process.getuid?.() === 0) context.skip('permissions do not bind this user')
  chmodSync(folder, 0o500)
  await expect(acquireHomeLock(path, { waitMs: 20_000 })).rejects.toMatchObject({ code: 'io-failed' })
  chmodSync(folder, 0o700)
})
