import { expect, it } from 'vitest'
import { PersonProof } from './person-proof.ts'

it('C1 a proof holds for the set time, ends with a lock, and not because the clock was set back', () => {
  let now = 1_000_000
  const proof = new PersonProof({ nowMs: () => now })
  const asks = (minutes = 5): boolean => {
    try {
      proof.ensure(minutes)
      return false
    } catch {
      return true
    }
  }
  expect(asks()).toBe(true)
  proof.unlocked()
  expect(asks()).toBe(false)
  now += 299_999
  expect([asks(), asks(4)]).toEqual([false, true])
  now += 1
  expect(asks()).toBe(true)
  proof.given()
  expect(asks()).toBe(false)
  now -= 5
  expect(asks()).toBe(true)
  now += 5
  proof.forget()
  expect(asks()).toBe(true)
})

it('C1 each act that changes security takes a proof of its own: an unlock is none, and one proof is not two', () => {
  let now = 1_000_000
  const proof = new PersonProof({ nowMs: () => now })
  const act = (): string => {
    try {
      proof.useFresh()
      return 'done'
    } catch {
      return 'asked'
    }
  }
  proof.unlocked()
  expect(act()).toBe('asked')
  proof.given()
  expect([act(), act()]).toEqual(['done', 'asked'])
  proof.given()
  now += 60_000
  expect(act()).toBe('asked')
})

it('C1 a proof that was given for seeing a secret opens no act that changes security', () => {
  const now = 1_000_000
  const proof = new PersonProof({ nowMs: () => now })
  const asks = (what: () => void): boolean => {
    try {
      what()
      return false
    } catch {
      return true
    }
  }
  expect(asks(() => proof.ensure(5))).toBe(true)
  proof.given()
  expect([asks(() => proof.ensure(5)), asks(() => proof.useFresh())]).toEqual([false, true])
  proof.given()
  expect([asks(() => proof.useFresh()), asks(() => proof.useFresh())]).toEqual([false, true])
})

it('C1 what is known goes on in another process: the proof, the act that asked for it, and that it was used', () => {
  const clock = { nowMs: () => 1_000_000 }
  const anew = (before: PersonProof): PersonProof => new PersonProof(clock, structuredClone(before.state))
  const first = new PersonProof(clock)
  expect(() => first.useFresh()).toThrow('proof-needed')
  const second = anew(first)
  second.given()
  const third = anew(second)
  third.ensure(5)
  third.useFresh()
  expect(() => anew(third).useFresh()).toThrow('proof-needed')
})
