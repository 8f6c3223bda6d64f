import type { Browser, CDPSession } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { passcode, until, World, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** Who is there: the device's own lock (WebAuthn PRF, with the browser's virtual authenticator), proofs before acts, and the recovery key. */
describe.each(['nb', 'en'] satisfies Language[])('proving who one is, in %s', (language) => {
  const world = new World()
  const email = `kari.${language}@example.org`
  let browser: Browser
  let server: Server
  let web: WebPage
  let devtools: CDPSession
  let authenticator = ''
  let url = ''
  const sent: string[] = []
  const title = language === 'nb' ? 'Nettbanken' : 'My bank'

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    // credentials are bound to names
    url = server.url.replace('127.0.0.1', 'localhost')
    browser = await startBrowser()
    web = await WebPage.open(browser, url, language, 'desktop')
    devtools = await web.page.context().newCDPSession(web.page)
    await devtools.send('WebAuthn.enable')
    authenticator = (
      await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          ctap2Version: 'ctap2_1',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          hasPrf: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
    ).authenticatorId
    web.page.on('request', (request) => sent.push(request.url(), request.postDataBuffer()?.toString('latin1') ?? ''))
    web.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload.toString('latin1'))))
    await web.page.reload()
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('C1 A37 the device’s own lock is offered, opens the keychain, and nothing of its answer leaves the page', async () => {
    await web.createAccount(email)
    // what the browser hands to the page is noted here, to be looked for everywhere afterwards
    await web.page.evaluate(() => {
      const noted: number[][] = []
      Object.assign(globalThis, { noted })
      const get = PublicKeyCredential.prototype.getClientExtensionResults
      PublicKeyCredential.prototype.getClientExtensionResults = function () {
        const results = get.call(this)
        const first = results.prf?.results?.first
        if (first instanceof ArrayBuffer) noted.push([...new Uint8Array(first)])
        return results
      }
    })
    await web.see('web.device-lock.offer')
    await web.look('device-lock-offer')
    await web.button('web.device-lock.on').click()
    await web.see('web.proof.text')
    await web.look('proof')
    await web.prove('135799')
    await web.seeText(web.words.errorText('passcode-wrong').message)
    await web.prove()
    await web.see('web.device-lock.turned-on')
    const outputs = await web.page.evaluate(() => (globalThis as unknown as { noted: number[][] }).noted)
    expect(outputs.length).toBeGreaterThan(0)
    await web.button('web.nav.lock').click()
    await web.see('web.locked.device-lock')
    await web.look('locked-device-lock')
    await web.button('web.locked.device-lock').click()
    await web.see('web.list.empty.all')
    const rows = await web.page.evaluate(async () => {
      const found: string[] = []
      for (const { name = '' } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((done, fail) => {
          const opening = indexedDB.open(name)
          opening.addEventListener('success', () => done(opening.result))
          opening.addEventListener('error', () => fail(opening.error ?? new Error('not opened')))
        })
        for (const store of db.objectStoreNames) {
          const all = await new Promise<unknown[]>((done) => {
            const asking = db.transaction(store).objectStore(store).getAll()
            asking.addEventListener('success', () => done(asking.result as unknown[]))
          })
          for (const row of all)
            found.push(
              JSON.stringify(row, (_, value: unknown) =>
                value instanceof Uint8Array || value instanceof ArrayBuffer ? String.fromCodePoint(...new Uint8Array(value)) : value,
              ),
            )
        }
        db.close()
      }
      return found
    })
    expect(rows.length).toBeGreaterThan(0)
    const everything = [...sent, ...rows].join('\n')
    for (const output of outputs) {
      const bytes = Buffer.from(output)
      for (const form of [bytes.toString('latin1'), bytes.toString('hex'), bytes.toString('base64url'), bytes.toString('base64')])
        expect(everything.includes(form)).toBe(false)
    }
  })

  it('C1 what changes security or takes data out asks each time, also right after an unlock', async () => {
    await web.go('/settings')
    await web.see('web.device-lock.is-on')
    await web.look('settings-security')
    await web.page.getByLabel(web.t('web.settings.proof')).selectOption('2')
    await web.see('web.proof.text')
    // the lock of the device is a proof too
    await web.button('web.proof.device-lock').click()
    await until(async () => (await web.page.getByLabel(web.t('web.settings.proof')).inputValue()) === '2', 'it is set')
    await web.page.getByLabel(web.t('web.settings.auto-lock')).selectOption('10')
    await web.see('web.proof.text')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.cancel') })
      .click()
    expect(await web.page.getByLabel(web.t('web.settings.auto-lock')).inputValue()).toBe('5')
    await web.button('web.end.export').click()
    await web.see('web.proof.text')
    const saved = web.page.waitForEvent('download')
    await web.prove()
    expect((await saved).suggestedFilename()).toBe('nokkelring-server.json')
  })

  it('C1 the passcode stays as the way back when the lock of the device is gone, and it can be turned off', async () => {
    await web.button('web.nav.lock').click()
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId: authenticator })
    await web.button('web.locked.device-lock').click()
    await web.unlock()
    await web.go('/settings')
    await web.page.getByRole('button', { name: web.t('web.device-lock.off'), exact: true }).click()
    await web.prove()
    await web.see('web.device-lock.turned-off')
    await web.button('web.nav.lock').click()
    await web.see('web.locked.title')
    expect(await web.button('web.locked.device-lock').count()).toBe(0)
    await web.unlock()
  })

  it('F10 a recovery key is made after a proof, shown once, left only by who has it on paper, and can be checked', async () => {
    await web.go('/recovery')
    await web.see('web.recovery.key-is-not')
    await web.button('web.recovery.create').click()
    await web.prove()
    await web.see('web.recovery.shown-once')
    const groups = await web.page
      .getByRole('list', { name: web.t('web.recovery.key') })
      .getByRole('listitem')
      .allInnerTexts()
    expect(groups.map((group) => group.length)).toEqual([4, 4, 4, 4, 4, 4, 4])
    key = groups.join('-')
    await web.field('web.recovery.last-group').fill('AAAA')
    await web.button('web.done').click()
    await web.see('web.recovery.last-group-differs')
    await web.field('web.recovery.last-group').fill(groups.at(-1) ?? '')
    await web.button('web.done').click()
    await web.see('web.recovery.key-is')
    expect(await web.page.content()).not.toContain(groups[3])
    await web.button('web.recovery.check').click()
    const dialog = web.page.getByRole('dialog')
    await dialog.getByLabel(web.t('web.recovery.key'), { exact: true }).fill(key.slice(0, -1))
    await dialog.getByRole('button', { name: web.t('web.recovery.check') }).click()
    await web.seeText(web.words.errorText('recovery-key-invalid', { reason: 'length', length: 27 }).message)
    await dialog.getByLabel(web.t('web.recovery.key'), { exact: true }).fill(key.toLowerCase().replaceAll('-', ' '))
    await dialog.getByRole('button', { name: web.t('web.recovery.check') }).click()
    await web.see('recovery-key.fits')
    await web.look('recovery-check')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.close') })
      .first()
      .click()
  })
  let key = ''

  it('A5 F9 F10 another browser comes back with it and the password, and the first is told', async () => {
    await web.go('/items/all')
    await web.button('web.edit.new.password').click()
    await web.field('field.title').fill(title)
    await web.button('web.save').click()
    await web.option(title).waitFor()
    const found = await WebPage.open(browser, url, language, 'phone')
    await found.signIn(email)
    await found.button('web.ways.title').click()
    await found.button('web.recovery.use').click()
    const field = found.field('web.recovery.key')
    await field.fill(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)
    await found.button('web.recovery.use-go').click()
    await found.seeText(found.words.errorText('recovery-key-invalid', { reason: 'checksum' }).message)
    await field.fill(key)
    await found.button('web.recovery.use-go').click()
    await found.option(title).waitFor()
    await web.page
      .getByText(web.words.labelWith('notice', 'device-recovered', { name: '' }).split(':')[0] ?? '')
      .first()
      .waitFor()
    await web.look('recovered-told')
    expect(found.complaints).toEqual([])
    expect(found.violations).toEqual([])
    await found.close()
  })

  it('F2 F7 another comes back with the passcode of the first, after six digits that the first shows', async () => {
    const found = await WebPage.open(browser, url, language, 'phone')
    await found.signIn(email)
    await found.button('web.ways.title').click()
    await found.page.getByRole('button', { name: /^(Koden på|Passcode of) / }).click()
    await found.see('web.ways.factor')
    await found.field('web.ways.code').fill('000000')
    await found.button('web.proof.go').click()
    await found.seeText(found.words.errorText('verification-code-wrong').message)
    await web.go('/recovery')
    await web.button('web.device-code.show').click()
    await web.prove()
    const shown = web.page.getByRole('status').filter({ hasText: /\d{3} \d{3}/ })
    const digits = /\d{3} \d{3}/.exec(await shown.innerText())?.[0] ?? ''
    await found.field('web.ways.code').fill(digits)
    await found.button('web.proof.go').click()
    // ESC-4: which devices there are is told now, and not before
    // the browser before this one may have been closed before it had laid down its own: then there is nothing to choose
    const choice = found.page.getByRole('button', { name: /^(Koden på «|Passcode of “)/ }).first()
    const passcodeField = found.field('web.ways.passcode-field')
    await choice.or(passcodeField).first().waitFor()
    if (!(await passcodeField.isVisible())) await choice.click()
    await found.seeText(found.words.t('recovery.attempts', { count: 10 }))
    await found.look('recover-by-code')
    await found.field('web.ways.passcode-field').fill('135799')
    await found.button('web.recovery.use-go').click()
    await found.seeText(found.words.t('recovery.attempts', { count: 9 }))
    await found.field('web.ways.passcode-field').fill(passcode)
    await found.button('web.recovery.use-go').click()
    await found.option(title).waitFor()
    await web.go('/items/all')
    await web.option(title).waitFor()
    expect(found.complaints).toEqual([])
    expect(found.violations).toEqual([])
    await found.close()
  })

  it('is clean', () => {
    expect(web.complaints).toEqual([])
    expect(web.violations).toEqual([])
  })
})
