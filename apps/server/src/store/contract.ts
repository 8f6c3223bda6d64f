/**
 * How a `Store` behaves, whatever database is below. An adapter's test calls this with a way to open an empty one. Values here are
 * no valid protocol objects: a store does not look into them.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  newId,
  NokkelError,
  systemRandom,
  type AccountId,
  type Bytes,
  type DeviceId,
  type ItemId,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import { emailKeyOf, type AppendBase, type JoinRow, type SessionRow, type Store, type StoreTx } from './store.ts'

const bytes = (length: number): Bytes => systemRandom.bytes(length)
const id = <T extends AccountId | DeviceId | VaultId | ItemId | RequestId>(): T => newId<T>(systemRandom)

export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const account = (email: string) => ({
      accountId: id<AccountId>(),
      email,
      emailKey: emailKeyOf(email),
      phone: null,
      region: 'NO',
      registrationRecord: 'record',
      bind: bytes(32),
      genesisHash: bytes(32),
      createdMs: 1_000,
    })

    async function withVault(email = `${id<ItemId>()}@example.org`): Promise<{ accountId: AccountId; vault: VaultId; genesisHash: Bytes }> {
      const row = account(email)
      const vault = id<VaultId>()
      await store.transaction(row.accountId, async (tx) => {
        await tx.insertAccount(row)
        await tx.appendCircleEntry(row.accountId, 0, bytes(10), row.genesisHash)
        await tx.insertVault(row.accountId, vault, { seq: 0, hash: row.genesisHash })
      })
      return { accountId: row.accountId, vault, genesisHash: row.genesisHash }
    }

    const append = (
      accountId: AccountId,
      vault: VaultId,
      seq: number,
      records: readonly { itemId: ItemId; record: Bytes }[],
      batch = bytes(50),
    ) => {
      const hash = bytes(32)
      return store.transaction(accountId, async (tx) => ({
        hash,
        batch,
        delta: await tx.appendBatch(accountId, vault, { seq, hash, batch, records }),
      }))
    }

    test('identity: both ids are there and differ', () => {
      expect(store.serverId).toMatch(/^[0-9a-f]{32}$/)
      expect(store.incarnation).toMatch(/^[0-9a-f]{32}$/)
      expect(store.incarnation).not.toBe(store.serverId)
    })

    test('accounts: found by id and address, one an address and one an id', async () => {
      const row = account('Åse@Example.org')
      await store.transaction(row.accountId, (tx) => tx.insertAccount(row))
      expect(await store.findAccount(row.accountId)).toMatchObject({
        email: 'Åse@Example.org',
        circleSeq: -1,
        recordCount: 0,
        storedBytes: 0,
      })
      expect((await store.findAccountByEmail('åse@example.org'))?.bind).toEqual(row.bind)
      expect(await store.findAccountByEmail('other@example.org')).toBeUndefined()
      const again = { ...account('åse@example.ORG') }
      await expect(store.transaction(again.accountId, (tx) => tx.insertAccount(again))).rejects.toMatchObject({ code: 'account-exists' })
      await expect(store.transaction(row.accountId, (tx) => tx.insertAccount({ ...row, emailKey: 'x@y' }))).rejects.toMatchObject({
        code: 'account-exists',
      })
      expect(await store.countAccounts()).toBe(1)
    })

    test('transactions: all or nothing, and one that fails takes no other along', async () => {
      const { accountId, vault } = await withVault()
      const failing = (seq: number) =>
        store.transaction(accountId, async (tx) => {
          await tx.appendBatch(accountId, vault, {
            seq,
            hash: bytes(32),
            batch: bytes(10),
            records: [{ itemId: id<ItemId>(), record: bytes(10) }],
          })
          throw new NokkelError('conflict')
        })
      const results = await Promise.allSettled([
        failing(1),
        append(accountId, vault, 1, [{ itemId: id<ItemId>(), record: bytes(20) }]),
        failing(2),
        failing(3),
      ])
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected'])
      expect(await store.vaultState(accountId, vault)).toMatchObject({ seq: 1, recordCount: 1 })
      expect(await store.findAccount(accountId)).toMatchObject({ recordCount: 1, batchCount: 1, storedBytes: 70 })
    })

    test('transactions on one account do not overlap', async () => {
      const { accountId, vault } = await withVault()
      const next = () =>
        store.transaction(accountId, async (tx) => {
          const seq = ((await tx.vaultState(accountId, vault))?.seq ?? 0) + 1
          await new Promise((resolve) => setImmediate(resolve))
          await tx.appendBatch(accountId, vault, { seq, hash: bytes(32), batch: bytes(8), records: [] })
          return seq
        })
      expect((await Promise.all(Array.from({ length: 50 }, next))).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, i) => i + 1),
      )
    })

    test('a transaction sees its own writes, others see them after it', async () => {
      const { accountId } = await withVault()
      let inside: string | undefined
      await store.transaction(accountId, async (tx) => {
        await tx.putSession(session(accountId))
        inside = (await tx.sessionsOf(accountId))[0]?.state
      })
      expect(inside).toBe('pending')
      expect(await store.sessionsOf(accountId)).toHaveLength(1)
    })

    test('the circle: entries in order, within bounds', async () => {
      const { accountId } = await withVault()
      for (let seq = 1; seq <= 5; seq++)
        await store.transaction(accountId, (tx) => tx.appendCircleEntry(accountId, seq, new Uint8Array([seq]), bytes(32)))
      expect((await store.circleEntries(accountId, 1, 4, 100)).map(([first]) => first)).toEqual([2, 3, 4])
      expect(await store.circleEntries(accountId, 0, 100, 2)).toHaveLength(2)
      expect((await store.findAccount(accountId))?.circleSeq).toBe(5)
      await expect(store.transaction(accountId, (tx) => tx.appendCircleEntry(accountId, 5, bytes(1), bytes(32)))).rejects.toThrow()
    })

    test('shares for one device, wraps for all', async () => {
      const [mine, other] = [await withVault(), await withVault()]
      const [a, b] = [id<DeviceId>(), id<DeviceId>()]
      await store.transaction(mine.accountId, async (tx) => {
        await tx.insertShares(mine.accountId, [
          { deviceId: a, generation: 2, share: new Uint8Array([2]) },
          { deviceId: a, generation: 1, share: new Uint8Array([1]) },
          { deviceId: b, generation: 1, share: new Uint8Array([9]) },
        ])
        await tx.insertWraps(mine.accountId, [
          { vaultId: mine.vault, kind: 'vault', epoch: 1, under: 1, wrap: new Uint8Array([7]) },
          { vaultId: mine.vault, kind: 'previous', epoch: 1, under: 2, wrap: new Uint8Array([8]) },
        ])
      })
      expect(await store.sharesOf(mine.accountId, a)).toEqual([new Uint8Array([1]), new Uint8Array([2])])
      expect(await store.wrapsOf(mine.accountId)).toHaveLength(2)
      expect(await store.sharesOf(other.accountId, a)).toEqual([])
      expect(await store.wrapsOf(other.accountId)).toEqual([])
    })

    test('the log: sums, hashes, ends; a record replaced moves to the newer batch', async () => {
      const { accountId, vault, genesisHash } = await withVault()
      expect(await store.vaultState(accountId, vault)).toEqual({ seq: 0, hash: genesisHash, recordCount: 0 })
      const item = id<ItemId>()
      const first = await append(accountId, vault, 1, [{ itemId: item, record: bytes(100) }])
      const replacement = bytes(30)
      const second = await append(accountId, vault, 2, [{ itemId: item, record: replacement }])
      expect(first.delta).toEqual({ records: 1, bytes: 150, recordCount: 1, storedBytes: 150 })
      expect(second.delta).toEqual({ records: 0, bytes: -20, recordCount: 1, storedBytes: 130 })
      expect(await store.batchHash(accountId, vault, 1)).toEqual(first.hash)
      expect(await store.batchHash(accountId, vault, 3)).toBeUndefined()
      expect((await store.logEnds(accountId)).get(vault)).toEqual({ seq: 2, hash: second.hash })
      const page = await store.logPage(accountId, vault, 0, { batches: 10, records: 10, bytes: 10_000 })
      expect(page).toEqual({ headSeq: 2, lastSeq: 2, batches: [first.batch, second.batch], records: [replacement] })
      expect(await store.logPage(accountId, vault, 2, { batches: 10, records: 10, bytes: 10_000 })).toEqual({
        headSeq: 2,
        lastSeq: 2,
        batches: [],
        records: [],
      })
      expect(await store.logPage(accountId, id<VaultId>(), 0, { batches: 10, records: 10, bytes: 10_000 })).toBeUndefined()
      expect(await store.records(accountId, vault, [item, id<ItemId>()])).toEqual([replacement])
      expect(await store.records(accountId, vault, [])).toEqual([])
    })

    describe('a batch at once: as in a transaction where nothing moved, otherwise not at all', () => {
      const most = { accountRecords: 1_000, accountBytes: 100_000, vaultRecords: 1_000 }
      const batchOf = (seq: number, records: readonly { itemId: ItemId; record: Bytes }[]) => ({
        seq,
        hash: bytes(32),
        batch: bytes(50),
        records,
      })
      const record = (length = 100, itemId = id<ItemId>()) => ({ itemId, record: bytes(length) })
      const everything = async (accountId: AccountId, vault: VaultId) => [
        await store.findAccount(accountId),
        await store.vaultState(accountId, vault),
        await store.logPage(accountId, vault, 0, { batches: 100, records: 1_000, bytes: 1_000_000 }),
      ]
      const sender = (accountId: AccountId): SessionRow => ({
        accountId,
        deviceId: id<DeviceId>(),
        tokenHash: bytes(32),
        class: 'cli',
        signKey: bytes(32),
        state: 'active',
        createdMs: 0,
        usedMs: 0,
      })
      const withSender = async (): Promise<{ accountId: AccountId; vault: VaultId; session: SessionRow }> => {
        const { accountId, vault } = await withVault()
        const session = sender(accountId)
        await store.transaction(accountId, (tx) => tx.putSession(session))
        return { accountId, vault, session }
      }
      const baseOf = async ({
        accountId,
        vault,
        session,
      }: {
        accountId: AccountId
        vault: VaultId
        session: SessionRow
      }): Promise<AppendBase> => {
        const [row, end] = [await store.findAccount(accountId), await store.vaultState(accountId, vault)]
        if (row === undefined || end === undefined) throw new Error('no base')
        return { session, circleHead: row.circleHead, end }
      }

      test('rows and sums are those of a transaction', async () => {
        const [one, other] = [await withSender(), await withSender()]
        const [a, b, c] = [record(), record(200), record(0)]
        const steps = [batchOf(1, [a, b]), batchOf(2, []), batchOf(3, [record(30, a.itemId), c])]
        for (const step of steps) {
          const done = await store.appendAtOnce(one.accountId, one.vault, await baseOf(one), step, most)
          expect(done).toBe(store.appendsAtOnce)
          if (!done) await store.transaction(one.accountId, (tx) => tx.appendBatch(one.accountId, one.vault, step))
          await store.transaction(other.accountId, (tx) => tx.appendBatch(other.accountId, other.vault, step))
        }
        const [mine, ...log] = await everything(one.accountId, one.vault)
        const [theirs, ...otherLog] = await everything(other.accountId, other.vault)
        expect(log).toEqual(otherLog)
        const sums = { recordCount: 3, storedBytes: 380, batchCount: 3 }
        expect([mine, theirs]).toMatchObject([sums, sums])
      })

      type Write = (tx: StoreTx, accountId: AccountId, vault: VaultId, device: DeviceId) => Promise<unknown>
      test.each<[string, Write]>([
        ['the log moved', (tx, accountId, vault) => tx.appendBatch(accountId, vault, batchOf(1, [record()]))],
        ['the circle moved', (tx, accountId) => tx.appendCircleEntry(accountId, 1, bytes(3), bytes(32))],
        ['the account is gone', (tx, accountId) => tx.eraseAccount(accountId)],
        ['the device is removed', (tx, accountId, _vault, device) => tx.setSessionState(accountId, device, 'removed')],
        ['the keychain ended', (tx, accountId, _vault, device) => tx.setSessionState(accountId, device, 'ended')],
        ['the device signed out', (tx, accountId, _vault, device) => tx.deleteSession(accountId, device)],
        ['the device signed in anew', (tx, accountId, _vault, deviceId) => tx.putSession({ ...sender(accountId), deviceId })],
      ])('%s: nothing is written', async (_what, move) => {
        const one = await withSender()
        const { accountId, vault } = one
        const base = await baseOf(one)
        await store.transaction(accountId, (tx) => move(tx, accountId, vault, one.session.deviceId))
        const before = await everything(accountId, vault)
        expect(await store.appendAtOnce(accountId, vault, base, batchOf(1, [record()]), most)).toBe(false)
        expect(await everything(accountId, vault)).toEqual(before)
      })

      test('each limit holds to the unit, and what adds nothing is no matter of limits', async () => {
        if (!store.appendsAtOnce) return
        const one = await withSender()
        const { accountId, vault } = one
        const item = record(100)
        const attempt = async (seq: number, records: readonly { itemId: ItemId; record: Bytes }[], limits: Partial<typeof most>) =>
          await store.appendAtOnce(accountId, vault, await baseOf(one), batchOf(seq, records), { ...most, ...limits })
        for (const limits of [{ accountRecords: 0 }, { vaultRecords: 0 }, { accountBytes: 149 }])
          expect(await attempt(1, [item], limits)).toBe(false)
        expect(await attempt(1, [item], { accountRecords: 1, vaultRecords: 1, accountBytes: 150 })).toBe(true)
        expect(await attempt(2, [record(20, item.itemId)], { accountRecords: 0, vaultRecords: 0, accountBytes: 0 })).toBe(true)
        expect(await store.findAccount(accountId)).toMatchObject({ recordCount: 1, storedBytes: 120 })
      })

      test('many at once, mixed with transactions: one each place of the log, none lost, the sums right', async () => {
        const one = await withSender()
        const { accountId, vault } = one
        const items = Array.from({ length: 4 }, () => id<ItemId>())
        const push = async (n: number): Promise<void> => {
          for (;;) {
            const base = await baseOf(one)
            const batch = batchOf(base.end.seq + 1, [record(10 + n, items[n % items.length])])
            if (n % 5 !== 0 && (await store.appendAtOnce(accountId, vault, base, batch, most))) return
            const done = await store.transaction(accountId, async (tx) => {
              if ((await tx.vaultState(accountId, vault))?.seq !== base.end.seq) return false
              await tx.appendBatch(accountId, vault, batch)
              return true
            })
            if (done) return
          }
        }
        await Promise.all(Array.from({ length: 24 }, (_, n) => push(n)))
        const page = await store.logPage(accountId, vault, 0, { batches: 100, records: 100, bytes: 100_000 })
        expect(page).toMatchObject({ headSeq: 24, lastSeq: 24 })
        expect(page?.batches).toHaveLength(24)
        const left = page?.records.reduce((sum, each) => sum + each.length, 0) ?? 0
        expect(await store.findAccount(accountId)).toMatchObject({ recordCount: 4, batchCount: 24, storedBytes: 24 * 50 + left })
        expect(await store.vaultState(accountId, vault)).toMatchObject({ recordCount: 4 })
      })
    })

    test('batches of any size: each record once, the sums right', async () => {
      const { accountId, vault } = await withVault()
      const items = Array.from({ length: 100 }, () => id<ItemId>())
      let seq = 0
      for (const count of [100, 87, 3, 1]) {
        const { delta } = await append(
          accountId,
          vault,
          ++seq,
          items.slice(0, count).map((itemId) => ({ itemId, record: bytes(10 + seq) })),
        )
        expect(delta).toMatchObject({ records: seq === 1 ? 100 : 0, recordCount: 100 })
      }
      expect(await store.records(accountId, vault, items)).toHaveLength(100)
      // 13 of the first, 84, 2 and 1 of the later ones, and four batches of 50 bytes
      expect(await store.findAccount(accountId)).toMatchObject({ storedBytes: 13 * 11 + 84 * 12 + 2 * 13 + 14 + 200 })
    })

    test('pages keep within each limit, and return one batch however large', async () => {
      const { accountId, vault } = await withVault()
      for (let seq = 1; seq <= 6; seq++)
        await append(
          accountId,
          vault,
          seq,
          [1, 2].map(() => ({ itemId: id<ItemId>(), record: bytes(100) })),
          bytes(40),
        )
      const sizes = async (limits: Parameters<Store['logPage']>[3]) => {
        const page = await store.logPage(accountId, vault, 0, limits)
        return [page?.lastSeq, page?.batches.length, page?.records.length]
      }
      expect(await sizes({ batches: 4, records: 100, bytes: 100_000 })).toEqual([4, 4, 8])
      expect(await sizes({ batches: 100, records: 5, bytes: 100_000 })).toEqual([2, 2, 4])
      expect(await sizes({ batches: 100, records: 100, bytes: 800 })).toEqual([3, 3, 6])
      expect(await sizes({ batches: 100, records: 1, bytes: 10 })).toEqual([1, 1, 2])
    })

    const session = (accountId: AccountId, deviceId = id<DeviceId>(), usedMs = 1_000): SessionRow => ({
      accountId,
      deviceId,
      tokenHash: bytes(32),
      class: 'cli',
      signKey: bytes(32),
      state: 'pending',
      createdMs: usedMs,
      usedMs,
    })

    test('sessions: one a device, found by token, with the account’s region', async () => {
      const { accountId } = await withVault()
      const first = session(accountId)
      const second = { ...session(accountId, first.deviceId), state: 'active' as const }
      await store.transaction(accountId, (tx) => tx.putSession(first))
      await store.transaction(accountId, (tx) => tx.putSession(second))
      expect(await store.findSession(first.tokenHash)).toBeUndefined()
      expect(await store.findSession(second.tokenHash)).toEqual({ ...second, region: 'NO' })
      await store.touchSession(accountId, first.deviceId, 5_000)
      await store.transaction(accountId, (tx) => tx.setSessionState(accountId, first.deviceId, 'removed'))
      expect(await store.findSessionOfDevice(accountId, first.deviceId)).toMatchObject({ state: 'removed', usedMs: 5_000 })
      await store.transaction(accountId, (tx) => tx.deleteSession(accountId, first.deviceId))
      expect(await store.findSession(second.tokenHash)).toBeUndefined()
    })

    test('sessions and ends of logs that are looked up at the same time: each its own, and none for what is none', async () => {
      const owners = await Promise.all(Array.from({ length: 70 }, () => withVault()))
      const sessions = owners.map(({ accountId }) => session(accountId))
      for (const own of sessions) await store.transaction(own.accountId, (tx) => tx.putSession(own))
      const unknown = bytes(32)
      const asked = [...sessions.flatMap(({ tokenHash }) => [tokenHash, tokenHash]), unknown]
      const found = await Promise.all(asked.map((hash) => store.findSession(hash)))
      expect(found).toEqual([...sessions.flatMap((own) => Array.from({ length: 2 }, () => ({ ...own, region: 'NO' }))), undefined])
      const limits = { batches: 10, records: 10, bytes: 10_000 }
      const [first, second] = owners
      if (first === undefined || second === undefined) throw new Error('no owners')
      const pages = await Promise.all([
        ...owners.map(({ accountId, vault }) => store.logPage(accountId, vault, 0, limits)),
        // another account's vault is none of this one's
        store.logPage(first.accountId, second.vault, 0, limits),
      ])
      expect(pages.slice(0, -1).every((page) => page?.headSeq === 0)).toBe(true)
      expect(pages.at(-1)).toBeUndefined()
    })

    test('join requests and messages', async () => {
      const { accountId } = await withVault()
      const request = (createdMs: number): JoinRow => ({
        requestId: id<RequestId>(),
        deviceId: id<DeviceId>(),
        class: 'web',
        name: 'Ærlig 🔑',
        place: 'NO',
        state: 'pending',
        createdMs,
        seenMs: null,
      })
      const [old, recent] = [request(1_000), request(2_000)]
      await store.transaction(accountId, async (tx) => {
        await tx.putJoinRequest(accountId, old)
        await tx.putJoinRequest(accountId, recent)
        await tx.insertJoinMessage(accountId, recent.requestId, { run: 'r', step: 1, sender: old.deviceId, body: 'AA', createdMs: 5 })
        await tx.insertJoinMessage(accountId, recent.requestId, { run: 'r', step: 2, sender: recent.deviceId, body: 'BB', createdMs: 6 })
      })
      expect(await store.joinRequests(accountId, 0)).toEqual([recent, old])
      expect(await store.joinRequests(accountId, 1_500)).toEqual([recent])
      await store.transaction(accountId, (tx) => tx.setJoinState(accountId, old.requestId, 'declined'))
      expect(await store.joinRequest(accountId, old.requestId)).toEqual({ ...old, state: 'declined' })
      await store.transaction(accountId, (tx) => tx.markJoinsSeen(accountId, 3_000))
      await store.transaction(accountId, (tx) => tx.markJoinsSeen(accountId, 4_000))
      expect((await store.joinRequests(accountId, 0)).map(({ seenMs }) => seenMs)).toEqual([3_000, 3_000])
      expect((await store.joinMessages(accountId, recent.requestId)).map(({ body }) => body)).toEqual(['AA', 'BB'])
      const twice = (tx: StoreTx) =>
        tx.insertJoinMessage(accountId, recent.requestId, { run: 'r', step: 1, sender: old.deviceId, body: 'CC', createdMs: 7 })
      await expect(store.transaction(accountId, twice)).rejects.toThrow()
    })

    test('H2: activity, newest first, only the newest kept', async () => {
      const { accountId } = await withVault()
      for (let i = 0; i < 12; i++)
        await store.transaction(accountId, (tx) =>
          tx.addActivity(accountId, { timeMs: i, kind: `k${i}`, deviceId: null, place: '', detail: '' }, 10),
        )
      expect((await store.activity(accountId, 100)).map(({ timeMs }) => timeMs)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
      expect(await store.activity(accountId, 3)).toHaveLength(3)
    })

    test('pruning takes what is too old, by its state, and nothing else', async () => {
      const { accountId } = await withVault()
      const states = ['active', 'pending', 'removed'] as const
      const rows = states.flatMap((state) => [100, 200].map((usedMs) => ({ ...session(accountId, id<DeviceId>(), usedMs), state })))
      const request: JoinRow = {
        requestId: id<RequestId>(),
        deviceId: id<DeviceId>(),
        class: 'web',
        name: 'x',
        place: '',
        state: 'pending',
        createdMs: 100,
        seenMs: null,
      }
      await store.transaction(accountId, async (tx) => {
        for (const row of rows) await tx.putSession(row)
        await tx.putJoinRequest(accountId, request)
        await tx.insertJoinMessage(accountId, request.requestId, {
          run: 'r',
          step: 1,
          sender: request.deviceId,
          body: 'AA',
          createdMs: 100,
        })
      })
      await store.prune({ activeUsedBeforeMs: 100, pendingUsedBeforeMs: 150, removedUsedBeforeMs: 201, joinsCreatedBeforeMs: 101 })
      const left = await store.sessionsOf(accountId)
      expect(left.map(({ state, usedMs }) => `${state} ${usedMs}`).sort()).toEqual(['active 100', 'active 200', 'pending 200'])
      expect(await store.joinRequests(accountId, 0)).toEqual([])
      expect(await store.joinMessages(accountId, request.requestId)).toEqual([])
    })

    test('small settings of the server', async () => {
      expect(await store.findMeta('x')).toBeUndefined()
      await store.setMeta('x', '1')
      await store.setMeta('x', '2')
      expect(await store.findMeta('x')).toBe('2')
    })
  })
}
