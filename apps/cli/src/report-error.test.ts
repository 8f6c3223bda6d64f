import { errorCodes, NokkelError } from '@nokkel/base'
import { createMessages } from '@nokkel/messages'
import { describe, expect, it } from 'vitest'
import { commandNames } from './command-table.ts'
import { createContext } from './context.ts'
import { readGlobals } from './globals.ts'
import { errorWords, toNokkelError } from './report-error.ts'

const never = new AbortController().signal
const failure = (code: string, path?: string) =>
  Object.assign(new Error('secret detail'), { code, syscall: 'open', ...(path !== undefined && { path }) })

describe('foreign errors', () => {
  it.each([
    [failure('ENOSPC'), 'disk-full', {}],
    [failure('ENOENT', '/x'), 'io-failed', { path: '/x' }],
    [failure('EACCES', '/x'), 'io-failed', { path: '/x' }],
    [new TypeError('secret detail'), 'internal', {}],
    ['a string', 'internal', {}],
  ])('become ours: %s', (error, code, params) => {
    const ours = toNokkelError(error, never)
    expect(ours).toMatchObject({ code, params })
    expect(JSON.stringify(ours.params) + ours.message).not.toContain('secret detail')
  })

  it('keeps our own, and takes an aborted wait for what it is', () => {
    const own = new NokkelError('locked')
    expect(toNokkelError(own, never)).toBe(own)
    const aborted = AbortSignal.abort()
    expect(toNokkelError(aborted.reason, aborted).code).toBe('cancelled')
    expect(toNokkelError(AbortSignal.abort().reason, never).code).toBe('internal')
  })
})

describe('words for errors on the command line', () => {
  it.each(['nb', 'en'] as const)('names commands that exist (%s)', (language) => {
    const context = {
      ...createContext({ globals: readGlobals([], {}), env: {}, version: '0', signal: never }),
      messages: createMessages(language),
    }
    for (const code of errorCodes) {
      const { hint } = errorWords(context, new NokkelError(code))
      for (const [, command] of hint.matchAll(/[“«]nokkel ([a-z -]+?)(?: --[a-z -]+)?[”»]/g))
        expect([...commandNames, 'devices']).toContain(command)
    }
    expect(errorWords(context, new NokkelError('already-trusted', { reason: 'sign-out' })).hint).toContain('nokkel off')
    expect(errorWords(context, new NokkelError('already-trusted')).hint).not.toContain('nokkel off')
  })
})
