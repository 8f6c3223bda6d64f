/** The commands against a real server, two devices. What a whole household of devices does is tested in tests/e2e. */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePlace, run, serverLauncher, start, until, type Place, type Ran } from './run-cli.ts'

const proofs = { NOKKEL_PASSWORD: 'riktig hest batteri stift', NOKKEL_PASSCODE: '482915' }
const email = 'ola@example.org'

let place: Place
let server: ChildProcess
let url = ''

interface Device {
  readonly home: string
  run(args: readonly string[], options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string }): Promise<Ran>
  /** The one JSON document of a command that must succeed. */
  json(args: readonly string[], options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string }): Promise<Record<string, unknown>>
  /** The code of the error of a command that must fail, and its exit status. */
  refused(
    args: readonly string[],
    options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ): Promise<readonly [string, number | null]>
}

function makeDevice(name: string): Device {
  const home = join(place.folder, name)
  const runIt: Device['run'] = (args, options = {}) =>
    run(args, place, { ...options, env: { NOKKEL_HOME: home, ...proofs, ...options.env } })
  return {
    home,
    run: runIt,
    async json(args, options) {
      const ran = await runIt([...args, '--json'], options)
      expect([ran.code, ran.stderr], ran.stdout).toEqual([0, ''])
      return JSON.parse(ran.stdout) as Record<string, unknown>
    },
    async refused(args, options) {
      const ran = await runIt([...args, '--json'], options)
      return [(JSON.parse(ran.stdout) as { error: { code: string } }).error.code, ran.code]
    },
  }
}

let mac: Device
let phone: Device

beforeAll(async () => {
  place = makePlace()
  server = start(['serve', '--port', '0', '--data', join(place.folder, 'server')], {
    script: serverLauncher,
    env: { ...place.env, NOKKEL_RATE_LIMITS: 'off', NOKKEL_LOG_LEVEL: 'warn' },
  })
  server.stdout?.setEncoding('utf8').on('data', (text: string) => (url = /https?:\/\/\S+/.exec(text)?.[0] ?? url))
  await until(async () => url !== '' && (await fetch(`${url}/healthz`)).ok, 'a server')
  mac = makeDevice('mac')
  phone = makeDevice('phone')
})
afterAll(async () => {
  for (const device of [mac, phone]) await device.run(['lock'])
  server.kill('SIGKILL')
  place.end()
})

describe('the commands', () => {
  it('A4: creates an account, in a folder for this user alone', async () => {
    expect(await mac.refused(['account', 'create', '--server', url, '--email', email], { env: { NOKKEL_PASSCODE: '123456' } })).toEqual([
      'weak-passcode',
      2,
    ])
    expect(await mac.refused(['account', 'create', '--server', 'http://example.org', '--email', email])).toEqual(['server-url-invalid', 2])
    expect(await mac.json(['account', 'create', '--server', url, '--email', email, '--device-name', 'Mac'])).toMatchObject({
      state: 'trusted',
      deviceName: 'Mac',
    })
    expect((statSync(mac.home).mode & 0o777).toString(8)).toBe('700')
    for (const name of readdirSync(mac.home)) expect((statSync(join(mac.home, name)).mode & 0o077).toString(8), name).toBe('0')
  })

  it('A5: signs in without trust, and shows nothing before the approval', async () => {
    expect(await phone.refused(['sign-in', '--server', url, '--email', email], { env: { NOKKEL_PASSWORD: 'wrong password' } })).toEqual([
      'sign-in-failed',
      1,
    ])
    expect(await phone.json(['sign-in', '--server', url, '--email', email, '--device-name', 'Phone'])).toMatchObject({ state: 'signed-in' })
    expect(await phone.refused(['list'])).toEqual(['not-trusted', 4])
    expect(await phone.refused(['add', 'password', '--title', 'x'])).toEqual(['not-trusted', 4])
  })

  it('A5, A7: joins in the background while the person is at the other device', async () => {
    const ticket = await phone.json(['join'])
    expect(Object.keys(ticket).sort()).toEqual(['code', 'expiresMs', 'requestId'])
    const { requests } = (await mac.json(['devices'])) as { requests: object[] }
    expect(requests).toMatchObject([{ requestId: ticket['requestId'], name: 'Phone', state: 'pending' }])
    const wrong = String((Number(ticket['code']) + 1) % 1_000_000).padStart(6, '0')
    expect(await mac.refused(['devices', 'approve', 'Phone', '--code', wrong])).toEqual(['code-wrong', 1])
    expect(await mac.refused(['devices', 'approve', 'ffff', '--code', wrong])).toEqual(['request-not-found', 1])
    expect(await mac.refused(['devices', 'approve', 'Phone', '--code', '12'])).toEqual(['usage', 2])
    const code = String(ticket['code'])
    expect(
      await mac.json(['devices', 'approve', String(ticket['requestId']).slice(0, 6), '--code', `${code.slice(0, 3)} ${code.slice(3)}`]),
    ).toMatchObject({ device: { name: 'Phone', status: 'active' } })
    await until(async () => (await phone.json(['status']))['state'] === 'trusted', 'trust')
    await until(() => !existsSync(join(phone.home, 'waiting')), 'the end of the waiting process')
  })

  it('C1: unlocks once for many commands, and locks', async () => {
    const without = { env: { NOKKEL_PASSCODE: '' } }
    expect(await mac.refused(['list'], without)).toEqual(['locked', 3])
    expect(await mac.json(['status'], without)).toMatchObject({ state: 'locked' })
    expect(await mac.refused(['unlock'], { env: { NOKKEL_PASSCODE: 'not this one' } })).toEqual(['passcode-wrong', 3])
    expect(await mac.json(['unlock'])).toEqual({ unlocked: true, autoLockMinutes: 5 })
    expect(await mac.json(['list'], without)).toEqual({ items: [] })
    expect(await mac.json(['lock'], without)).toEqual({ locked: true, wasUnlocked: true })
    expect(await mac.refused(['list'], without)).toEqual(['locked', 3])
    await mac.json(['unlock'])
    await phone.json(['unlock'])
  })

  it('C2: adds items of the kinds, with secrets from standard input and files', async () => {
    const { id } = await mac.json(
      [
        'add',
        'password',
        '--title',
        'Nettbank',
        '--site',
        'https://bank.example',
        '--username',
        'ola',
        '--tag',
        'penger',
        '--field',
        'password=-',
        '--field',
        'custom:Ref=42',
      ],
      { input: 'hemmelig\n' },
    )
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    const file = join(place.folder, 'number')
    writeFileSync(file, '4111111111111111\n')
    await mac.json([
      'add',
      'card',
      '--title',
      'Kort',
      '--field',
      `number=@${file}`,
      '--field',
      'expiryMonth=12',
      '--field',
      'expiryYear=2030',
    ])
    await mac.json(['add', 'note', '--title', 'Notat', '--field', 'notes=-'], { input: 'første\nandre\n' })
    await mac.json(['add', 'wifi', '--title', 'Hytta', '--field', 'ssid=hytta', '--generate'])
    expect(await mac.refused(['add', 'password'])).toEqual(['usage', 2])
    expect(await mac.refused(['add', 'password', '--title', 'x', '--field', 'password=-', '--field', 'totp=-'])).toEqual(['usage', 2])
    expect((await mac.run(['show', 'Notat', '--field', 'notes'])).stdout).toBe('første\nandre\n')
    expect((await mac.run(['show', 'kort', '--field', 'number'])).stdout).toBe('4111111111111111\n')
    expect((await mac.run(['show', 'nettbank', '--field', 'Ref'])).stdout).toBe('42\n')
  })

  it('C1: masks secrets unless they are asked for', async () => {
    const shown = await mac.run(['show', 'Nettbank'])
    expect(shown.stdout).toContain('••••••••')
    expect(shown.stdout + JSON.stringify(await mac.json(['show', 'Nettbank']))).not.toContain('hemmelig')
    expect((await mac.run(['show', 'Nettbank', '--reveal'])).stdout).toContain('hemmelig')
    expect(JSON.stringify(await mac.json(['show', 'Nettbank', '--reveal']))).toContain('hemmelig')
    expect(await mac.refused(['show', 'Nettbank', '--field', 'totp'])).toEqual(['field-unknown', 2])
    expect(await mac.refused(['show', 'Nothing'])).toEqual(['not-found', 2])
  })

  it('B5: edits, keeps the history and puts earlier values back', async () => {
    expect(
      await mac.json(['edit', 'Nettbank', '--field', 'password=-', '--remove-tag', 'penger', '--remove-field', 'Ref', '--favorite'], {
        input: 'ny',
      }),
    ).toMatchObject({ changed: true })
    expect(await mac.json(['edit', 'Nettbank', '--username', 'ola'])).toMatchObject({ changed: false })
    expect(await mac.refused(['edit', 'Nettbank'])).toEqual(['usage', 2])
    expect(await mac.json(['history', 'Nettbank', '--reveal'])).toMatchObject({
      history: expect.arrayContaining([expect.objectContaining({ field: 'password', value: 'hemmelig' })]) as unknown,
    })
    const { history } = (await mac.json(['history', 'Nettbank'])) as { history: { index: number; field: string; value: unknown }[] }
    const entry = history.find(({ field }) => field === 'password')
    expect(entry?.value).toBeNull()
    await mac.json(['history', 'Nettbank', '--restore', String(entry?.index)])
    expect((await mac.run(['show', 'Nettbank', '--field', 'password'])).stdout).toBe('hemmelig\n')
    expect(await mac.refused(['history', 'Nettbank', '--restore', '99'])).toEqual(['not-found', 2])
  })

  it('B1: prints a line for each change that arrives, and ends by SIGINT with 130', async () => {
    const watching = start(['sync', '--watch'], { env: { ...place.env, NOKKEL_HOME: phone.home } })
    let lines = ''
    watching.stdout?.setEncoding('utf8').on('data', (text: string) => (lines += text))
    await until(() => lines.includes('"online"'), 'a live channel')
    const { id } = await mac.json(['add', 'password', '--title', 'Nytt', '--generate'])
    await until(() => lines.includes('"Nytt"'), 'the change')
    const changes = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id: string; title: string; by: string; tookMs: number })
    expect(changes.find((change) => change.id === id)).toMatchObject({
      type: 'item',
      title: 'Nytt',
      by: 'Mac',
      tookMs: expect.any(Number) as unknown,
    })
    const ended = new Promise((done) => watching.once('exit', done))
    watching.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(await phone.json(['sync'])).toMatchObject({ pending: 0 })
  })

  it('B5: deletes, restores and purges, by name or by the beginning of the identifier', async () => {
    const { id } = await phone.json(['delete', 'Nytt'])
    expect(await phone.refused(['show', 'Nyt'])).toEqual(['not-found', 2])
    await mac.json(['sync'])
    expect(await mac.json(['list', '--deleted'])).toMatchObject({ items: [{ id }] })
    await mac.json(['restore', String(id).slice(0, 8)])
    await mac.json(['delete', 'Nytt'])
    await mac.json(['purge', 'Nytt'])
    expect(await mac.json(['list', '--deleted'])).toEqual({ items: [] })
    expect(await mac.json(['list', 'hyt', '--kind', 'wifi'])).toMatchObject({ items: [{ title: 'Hytta' }] })
    expect(await mac.refused(['list', '--kind', 'frog'])).toEqual(['usage', 2])
  })

  it('B2: names items by more of the identifier where the title fits several, and lists duplicates', async () => {
    for (const title of ['Tvilling', 'Tvilling'])
      await mac.json(['add', 'password', '--title', title, '--site', 'https://same.example', '--username', 'u'])
    expect(await mac.refused(['delete', 'Tvilling'])).toEqual(['ambiguous', 2])
    const { groups } = (await mac.json(['list', '--duplicates'])) as { groups: { id: string }[][] }
    expect(groups).toHaveLength(1)
    for (const { id } of groups[0] ?? []) await mac.json(['purge', id])
  })

  it('imports a file and says what became of each row, in words too', async () => {
    const file = join(place.folder, 'passwords.csv')
    writeFileSync(file, 'name,url,username,password\nA,https://a.example,u,p\n,,,\n')
    expect(await mac.json(['import', file, '--dry-run'])).toMatchObject({
      format: 'chrome-csv',
      added: 1,
      rejected: [{ row: 3, reason: 'empty-row' }],
    })
    expect((await mac.run(['import', file, '--lang', 'nb'])).stdout).toMatch(
      /1 objekt lagt til\.\n1 rad ble ikke importert:\n {2}Rad 3: Raden er tom\./,
    )
    expect(await mac.json(['import', '-'], { input: readFileSync(file, 'utf8') })).toMatchObject({ added: 0, alreadyThere: 1 })
    expect(await mac.refused(['import', join(place.folder, 'none.csv')])).toEqual(['io-failed', 1])
    expect(await mac.refused(['import', '-'], { input: 'nothing of the kind' })).toEqual(['format-unknown', 2])
  })

  it('C2: copies to the clipboard and takes it off again', async () => {
    const folder = join(place.folder, 'bin')
    mkdirSync(folder)
    const board = join(place.folder, 'clipboard')
    for (const [name, script] of [
      ['wl-copy', `cat > ${board}`],
      ['wl-paste', `cat ${board}`],
    ] as const) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    const env = { PATH: `${folder}:${place.env['PATH'] ?? ''}`, WAYLAND_DISPLAY: 'x' }
    expect(await mac.json(['show', 'Nettbank', '--copy'], { env })).toEqual({ copied: 'password', clearsInSeconds: 60 })
    expect(readFileSync(board, 'utf8')).toBe('hemmelig')
    expect(await mac.json(['show', 'Nettbank', '--copy', 'username'], { env })).toMatchObject({ copied: 'username' })
    expect(readFileSync(board, 'utf8')).toBe('ola')
    const none = await mac.run(['show', 'Nettbank', '--copy'], { env: { WAYLAND_DISPLAY: '', DISPLAY: '' } })
    expect([none.code, none.stderr.includes('No clipboard tool')]).toEqual([1, true])
  })

  it('H2: shows the activity, and what of it this device has checked', async () => {
    const { events } = (await mac.json(['activity'])) as { events: { kind: string; verified: boolean }[] }
    expect(events.filter(({ verified }) => verified).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['circle-genesis', 'circle-add']),
    )
    expect((await mac.run(['activity', '--lang', 'nb'])).stdout).toContain('enhet godkjent')
  })

  it('changes settings and speaks the language that was set, also while locked', async () => {
    expect(await phone.json(['settings', '--auto-lock', '30', '--language', 'nb'])).toEqual({ autoLockMinutes: 30, language: 'nb' })
    expect(await phone.refused(['settings', '--auto-lock', '0'])).toEqual(['usage', 2])
    await phone.json(['lock'])
    expect((await phone.run(['list'], { env: { NOKKEL_PASSCODE: '' } })).stderr).toContain('Nøkkelringen er låst')
    await phone.json(['settings', '--language', 'system'])
    expect(await phone.json(['unlock'])).toMatchObject({ autoLockMinutes: 30 })
  })

  it('C1: changes the passcode only against the old one', async () => {
    expect(
      await phone.refused(['passcode', 'change'], { env: { NOKKEL_PASSCODE: 'not this one', NOKKEL_NEW_PASSCODE: '915482' } }),
    ).toEqual(['passcode-wrong', 3])
    expect(await phone.refused(['passcode', 'change'])).toEqual(['usage', 2])
    await phone.json(['passcode', 'change'], { env: { NOKKEL_NEW_PASSCODE: '915482' } })
    await phone.json(['lock'])
    expect(await phone.refused(['list'])).toEqual(['passcode-wrong', 3])
    await phone.json(['unlock'], { env: { NOKKEL_PASSCODE: '915482' } })
    await phone.json(['passcode', 'change'], { env: { NOKKEL_PASSCODE: '915482', NOKKEL_NEW_PASSCODE: proofs.NOKKEL_PASSCODE } })
  })

  it('mends a damaged file: moves it aside, says where, and fetches the rest', async () => {
    await phone.json(['sync'])
    const before = (await phone.json(['list']))['items']
    const database = new DatabaseSync(join(phone.home, 'keychain.sqlite'))
    database.exec('UPDATE pages SET value = zeroblob(10)')
    database.close()
    const ran = await phone.run(['list'])
    expect(ran.stderr).toContain('was damaged. It now lies at')
    expect(readdirSync(phone.home).some((name) => name.startsWith('keychain.sqlite.damaged'))).toBe(true)
    expect((await phone.json(['list']))['items']).toEqual(before)
  })

  it('D2: turns off with a kept copy, and on again by approval without duplicates', async () => {
    const before = ((await phone.json(['list']))['items'] as object[]).length
    expect(await phone.refused(['off'])).toEqual(['usage', 2])
    expect(await phone.refused(['sign-out'])).toEqual(['already-trusted', 6])
    await phone.json(['off', '--keep'])
    expect(await phone.json(['status'])).toMatchObject({ state: 'off' })
    expect((await phone.json(['list']))['items']).toHaveLength(before)
    expect(await phone.refused(['delete', 'Nettbank'])).toEqual(['keychain-off', 4])
    const ticket = await phone.json(['on'])
    await mac.json(['devices', 'approve', String(ticket['requestId']), '--code', String(ticket['code'])])
    await until(async () => (await phone.json(['status']))['state'] === 'trusted', 'trust')
    await until(() => !existsSync(join(phone.home, 'waiting')), 'the end of the waiting process')
    expect((await phone.json(['list']))['items']).toHaveLength(before)
    expect(await phone.refused(['on'])).toEqual(['already-on', 6])
  })

  it('B3, F9: renames and removes devices, and tells the removed one', async () => {
    expect(await mac.json(['devices', 'rename', 'Phone', 'Telefon'])).toMatchObject({ name: 'Telefon' })
    expect(await mac.refused(['devices', 'remove', 'Mac'])).toEqual(['cannot-remove-self', 6])
    expect(await mac.json(['devices', 'remove', 'telefon', '--delete-copy'])).toMatchObject({ removed: true, deleteCopy: true })
    expect(await phone.json(['status'])).toMatchObject({ state: 'removed', removal: { byName: 'Mac', disposition: 'delete' } })
    // F9: one line after other commands, until it has been shown
    expect((await phone.run(['list'])).stderr).toMatch(/new notice.*nokkel status/)
    expect((await phone.run(['status'])).stdout).toContain('This device was removed, by Mac.')
    expect((await phone.run(['list'])).stderr).not.toContain('notice')
    expect(await phone.refused(['add', 'password', '--title', 'x'])).toEqual(['device-removed', 4])
    expect(await mac.refused(['off', '--delete'])).toEqual(['last-device', 6])
  })

  it('A6: works on without the server, and says that changes wait', async () => {
    const ended = new Promise((done) => server.once('exit', done))
    server.kill('SIGTERM')
    await ended
    expect(await mac.refused(['sync'])).toEqual(['offline', 5])
    expect((await mac.run(['delete', 'Hytta'])).stderr).toContain('1 change waits to be sent.')
    expect(await mac.json(['status'])).toMatchObject({ online: false, pendingChanges: 1 })
    expect((await mac.run(['devices'])).code).toBe(0)
    rmSync(join(place.folder, 'clipboard'), { force: true })
  })
})
