import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { email, Paired, words } from './chromium.ts'

/** Today's extension on the storage of one from before decisions about filling were shared (`earlier/README.md`): nothing of it is lost, and it goes in once. */
const own = new Paired()
const left = join(import.meta.dirname, 'earlier')
interface Profile {
  readonly server: string
  readonly version: number
  readonly tables: Readonly<Record<string, Readonly<Record<string, string | number>>>>
}
const profile = JSON.parse(readFileSync(join(left, 'profile.json'), 'utf8')) as Profile
const never = ['aldri.example', 'og-aldri.example']

/** The server's data of then. Its sessions end when they were not used for half a year, which is not what this is about. */
function serverData(): string {
  const data = join(own.world.folder, 'earlier')
  mkdirSync(data)
  for (const name of ['nokkel.db', 'realm.db']) writeFileSync(join(data, name), gunzipSync(readFileSync(join(left, `${name}.gz`))))
  copyFileSync(join(left, 'server.key'), join(data, 'server.key'))
  const database = new DatabaseSync(join(data, 'nokkel.db'))
  database.prepare('update sessions set used_ms = ?').run(Date.now())
  database.close()
  return data
}

/** In the place of the empty store that this build has made meanwhile, with the object stores and the version of then. */
async function putProfile(): Promise<void> {
  await own.popup.evaluate(async ({ version, tables }) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error ?? new Error('no reason')))
      })
    await done(indexedDB.deleteDatabase('nokkelring'))
    const opening = indexedDB.open('nokkelring', version)
    opening.addEventListener('upgradeneeded', () => {
      for (const [table, rows] of Object.entries(tables)) {
        const store = opening.result.createObjectStore(table)
        for (const [key, value] of Object.entries(rows))
          store.put(typeof value === 'number' ? value : Uint8Array.from(atob(value), (each) => each.charCodeAt(0)), key)
      }
    })
    const database = await done(opening)
    database.close()
  }, profile)
  await own.endWorker()
  await own.popup.reload()
}

const atMachine = async (...args: readonly string[]): Promise<unknown> => own.cli.ok(['autofill', ...args])

describe('a browser that had an earlier build', () => {
  beforeAll(async () => {
    const server = await own.world.server({ data: serverData() })
    await own.start({ earlier: { server, host: new URL(profile.server).host } })
    await server.stop()
    await putProfile()
  })
  afterAll(() => own.end())

  it('E1 E2 E4 opens with the passcode of then, without a network, and goes by what was set then', async () => {
    await own.popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
    await own.popup.getByRole('button', { name: words.t('web.locked.unlock') }).click()
    await own.popup.getByRole('searchbox').waitFor()
    expect(await own.snapshot()).toMatchObject({
      state: 'trusted',
      settings: { autoLockMinutes: 17, proofMinutes: 3, language: 'system' },
      autofill: { neverSave: never, allowOff: ['spor-ikke.example'], fillCards: false, apart: true },
    })
    expect(await own.idOf('Banken')).toMatch(/^[0-9a-f]{32}$/)
  })

  it('SYN-32 its lists go to all devices with the first synchronisation, and its switch stays its own', async () => {
    await own.server.start()
    await own.cli.ok(['sign-in', '--server', own.server.url, '--email', email])
    const joining = own.cli.start(['join', '--wait'])
    const { requestId, code } = JSON.parse(await joining.line()) as { requestId: string; code: string }
    await until(async () => (await own.snapshot()).joinRequests.some((request) => request.requestId === requestId), 'the request')
    expect(await own.call('approve', requestId, code)).toMatchObject({ type: 'result' })
    expect((await joining.done).code).toBe(0)
    await until(async () => {
      await own.cli.ok(['sync'])
      return ((await atMachine('show')) as { readonly neverSave: readonly string[] }).neverSave.length > 0
    }, 'the decisions on the command line')
    expect(await atMachine('show')).toMatchObject({ neverSave: never, allowOff: ['spor-ikke.example'], fillCards: true })
    expect((await own.snapshot()).autofill).toMatchObject({ neverSave: never, fillCards: false, apart: true })
    expect((await own.cli.ok(['list'])).items).toMatchObject([{ title: 'Banken' }])
  })

  it('SYN-32 once: what is taken out elsewhere does not come back with the next start', async () => {
    await atMachine('never', 'aldri.example', '--undo')
    await until(async () => !(await own.snapshot()).autofill.neverSave.includes('aldri.example'), 'the decision in the browser')
    await own.endWorker()
    await own.popup.reload()
    await own.popup.getByRole('searchbox').waitFor()
    expect(await own.snapshot()).toMatchObject({
      settings: { autoLockMinutes: 17, proofMinutes: 3 },
      autofill: { neverSave: ['og-aldri.example'], allowOff: ['spor-ikke.example'], fillCards: false, apart: true },
    })
    await own.cli.ok(['sync'])
    expect(await atMachine('show')).toMatchObject({ neverSave: ['og-aldri.example'] })
  })
})
