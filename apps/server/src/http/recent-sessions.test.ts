import { expect, test } from 'vitest'
import { newId, systemRandom, type AccountId, type DeviceId } from '@nokkel/base'
import type { SessionWithAccount } from '../store/store.ts'
import { RecentSessions } from './recent-sessions.ts'

const session = (tokenHash = systemRandom.bytes(32)): SessionWithAccount => ({
  accountId: newId<AccountId>(systemRandom),
  deviceId: newId<DeviceId>(systemRandom),
  tokenHash,
  class: 'cli',
  signKey: systemRandom.bytes(32),
  state: 'active',
  createdMs: 0,
  usedMs: 0,
  region: null,
})

test('a session is remembered for half a minute, by its own token, and not by a clock that jumped', () => {
  const recent = new RecentSessions()
  const [one, other] = [session(), session()]
  recent.note(one.tokenHash, one, 1_000_000)
  expect(recent.find(one.tokenHash, 1_030_000)).toBe(one)
  expect(recent.find(other.tokenHash, 1_000_000)).toBeUndefined()
  expect(recent.find(one.tokenHash, 900_000)).toBeUndefined()
  recent.note(one.tokenHash, one, 1_000_000)
  expect(recent.find(one.tokenHash, 1_030_001)).toBeUndefined()
  expect(recent.size).toBe(0)
})

test('no more than ten thousand; the oldest go', () => {
  const recent = new RecentSessions()
  const sessions = Array.from({ length: 10_002 }, () => session())
  for (const each of sessions) recent.note(each.tokenHash, each, 0)
  expect(recent.size).toBe(10_000)
  expect(sessions.slice(0, 3).map((each) => recent.find(each.tokenHash, 0))).toEqual([undefined, undefined, sessions[2]])
})
