import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claim, readClaim } from './claim.ts'
import { decodeHandover, encodeHandover } from './handover.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-claim-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('one instance for each folder', () => {
  it('is whoever claimed last', () => {
    const file = join(folder, 'file')
    const first = claim(file, 'first')
    expect(first.holds()).toBe(true)
    const second = claim(file, 'second')
    expect([first.holds(), second.holds()]).toEqual([false, true])
    first.release()
    expect(readClaim(file)).toBe('second')
    second.release()
    expect(readClaim(file)).toBeUndefined()
    expect(second.holds()).toBe(false)
  })

  it('ends when the folder goes away', () => {
    const only = claim(join(folder, 'file'), 'x')
    rmSync(folder, { recursive: true })
    expect(only.holds()).toBe(false)
    only.release()
  })
})

describe('handing over to a background process', () => {
  it('carries settings and a secret, and leaves the secret in one place only', () => {
    const bytes = new Uint8Array(encodeHandover({ home: '/å', idleMs: 5 }, new Uint8Array([1, 2, 3])))
    const handover = decodeHandover(bytes)
    expect([handover.text('home'), handover.number('idleMs'), [...handover.secret.reveal()]]).toEqual(['/å', 5, [1, 2, 3]])
    expect(bytes.slice(-3)).toEqual(new Uint8Array(3))
    expect(() => handover.text('idleMs')).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('refuses what is cut short', () => {
    expect(() => decodeHandover(new Uint8Array([0, 0]))).toThrow(expect.objectContaining({ code: 'malformed' }))
    expect(() => decodeHandover(new Uint8Array([0, 0, 0, 9, 1]))).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})
