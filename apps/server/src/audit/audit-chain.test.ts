import { describe, expect, it } from 'vitest'
import { auditStart, nextEntry, verifyChain, type AuditEnd, type AuditEntry } from './audit-chain.ts'

describe('audit chain', () => {
  const key = new Uint8Array(32).fill(7)
  const entries: AuditEntry[] = []
  let end: AuditEnd = auditStart
  for (let i = 0; i < 5; i++) {
    const entry = nextEntry(key, end, { timeMs: i, operator: 'kari', action: 'support-open', subject: `case-${i}`, detail: '' })
    entries.push(entry)
    end = entry
  }
  const without = (n: number) => entries.filter((entry) => entry.n !== n)

  it('H1: a whole chain is sound, also an empty one', () => {
    expect(verifyChain(key, entries, end)).toEqual({ sound: true, entries: 5, end: { n: 5, code: end.code } })
    expect(verifyChain(key, [], auditStart)).toEqual({ sound: true, entries: 0, end: auditStart })
  })

  it.each(['timeMs', 'operator', 'action', 'subject', 'detail'] as const)('H1: a changed %s is named with its entry', (field) => {
    const changed = entries.map((entry) => (entry.n === 3 ? { ...entry, [field]: field === 'timeMs' ? 99 : 'other' } : entry))
    expect(verifyChain(key, changed, end)).toEqual({ sound: false, what: 'changed', n: 3 })
  })

  it('H1: a dropped entry, a cut end and an end written anew are each named', () => {
    expect(verifyChain(key, without(1), end)).toEqual({ sound: false, what: 'missing', n: 1 })
    expect(verifyChain(key, without(3), end)).toEqual({ sound: false, what: 'missing', n: 3 })
    expect(verifyChain(key, without(5), end)).toEqual({ sound: false, what: 'cut', n: 5 })
    expect(verifyChain(key, entries, { n: 5, code: (entries[3] as AuditEntry).code })).toEqual({ sound: false, what: 'end-changed', n: 5 })
  })

  it('H1: an entry beyond the kept end, as after a crash, is sound if its code is', () => {
    expect(verifyChain(key, entries, entries[3] as AuditEntry)).toMatchObject({ sound: true, entries: 5 })
    const forged = entries.map((entry) => (entry.n === 5 ? { ...entry, detail: 'other' } : entry))
    expect(verifyChain(key, forged, entries[3] as AuditEntry)).toEqual({ sound: false, what: 'changed', n: 5 })
  })

  it('H1: whoever renumbers and codes anew without the key is caught at the first entry', () => {
    let before: AuditEnd = auditStart
    const forged = without(2).map((entry) => {
      const next = nextEntry(new Uint8Array(32), before, entry)
      before = next
      return next
    })
    expect(verifyChain(key, forged, before)).toMatchObject({ sound: false, what: 'changed', n: 1 })
  })
})
