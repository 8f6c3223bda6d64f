import { errorCodes, errorGroups, NokkelError } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeOfSignal } from './exit-codes.ts'

describe('exit statuses', () => {
  it.each([
    ['usage', 2],
    ['secret-in-argument', 2],
    ['sign-in-failed', 1],
    ['code-wrong', 1],
    ['passcode-wrong', 3],
    ['passcode-throttled', 3],
    ['locked', 3],
    ['not-trusted', 4],
    ['device-removed', 4],
    ['offline', 5],
    ['server-unavailable', 5],
    ['quota-exceeded', 6],
    ['client-too-old', 6],
    ['update-needed', 6],
    ['store-too-new', 6],
    ['request-declined', 1],
    ['circle-forked', 1],
    ['disk-full', 1],
    ['cancelled', 130],
  ] as const)('%s ends with %i', (code, status) => {
    expect(exitCodeOf(new NokkelError(code))).toBe(status)
  })

  it('has one for every code, and none of them means success', () => {
    for (const code of errorCodes) expect([1, 2, 3, 4, 5, 6, 130]).toContain(exitCodeOf(new NokkelError(code)))
    expect(Object.keys(errorGroups)).toHaveLength(10)
  })

  it('names signals as shells do', () => {
    expect(exitCodeOfSignal('SIGINT')).toBe(130)
    expect(exitCodeOfSignal('SIGTERM')).toBe(143)
  })
})
