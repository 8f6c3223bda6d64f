import { expect, test } from 'vitest'
import { NokkelError, systemRandom } from '@nokkel/base'
import { RefusedSessions } from './refused-sessions.ts'

test('a session that was refused for its pace is refused until then, no other one is, and no other error is remembered', async () => {
  const refused = new RefusedSessions()
  const [noisy, quiet, past] = [systemRandom.bytes(32), systemRandom.bytes(32), systemRandom.bytes(32)]
  refused.note(noisy, new NokkelError('rate-limited', { retryAfterSeconds: 30 }))
  refused.note(quiet, new NokkelError('session-invalid'))
  refused.note(past, new NokkelError('rate-limited', { retryAfterSeconds: 0 }))
  await expect(refused.ensureNone(noisy)).rejects.toMatchObject({ code: 'rate-limited', params: { retryAfterSeconds: 30 } })
  await expect(refused.ensureNone(noisy)).rejects.toThrow('rate-limited')
  await refused.ensureNone(quiet)
  await refused.ensureNone(past)
})
