/** Erasing an account, with time to repent (H2, LIF-8). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deletionDelayMs } from '@nokkel/protocol/wire'
import { call, createPerson } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.dispose())

describe('H2: erasing an account', () => {
  test('is due in 14 days, can be taken back, and asking again does not move the day', async () => {
    const { device } = await createPerson(server.url)
    const { json: asked } = await call(device, 'accountDelete')
    const { json: again } = await call(device, 'accountDelete')
    expect(again).toEqual(asked)
    expect((await call(device, 'account')).json).toMatchObject({ deletionDueMs: (asked as { dueMs: number }).dueMs })
    const { json: activity } = await call(device, 'activity')
    expect(activity).toMatchObject({ events: [{ kind: 'deletion-asked' }, { kind: 'deletion-asked' }, { kind: 'account-created' }] })
    expect((await call(device, 'accountKeep')).json).toEqual({ dueMs: null })
    expect((await call(device, 'account')).json).toMatchObject({ deletionDueMs: null })
  })

  test('leaves nothing of that account and everything of the others', async () => {
    const { store, clock } = server.services
    const gone = await createPerson(server.url)
    const stays = await createPerson(server.url)
    await call(gone.device, 'accountDelete')
    const due = clock.nowMs() + deletionDelayMs
    expect(await store.dueDeletions(due - 60_000, 10)).toEqual([])
    expect(await store.dueDeletions(due + 60_000, 10)).toEqual([gone.accountId])
    await store.transaction(gone.accountId, (tx) => tx.eraseAccount(gone.accountId))
    expect(await store.findAccount(gone.accountId)).toBeUndefined()
    expect(await store.activity(gone.accountId, 10)).toEqual([])
    expect(await store.circleEntries(gone.accountId, -1, 10, 10)).toEqual([])
    expect((await call(gone.device, 'session')).problem.code).toBe('session-invalid')
    expect((await call(stays.device, 'session')).json).toMatchObject({ state: 'active' })
    expect(await store.dueDeletions(due + 60_000, 10)).toEqual([])
  })
})
