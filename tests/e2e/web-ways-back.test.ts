import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { passcode, until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/**
 * Ways back in a real Chromium (F1 … F9, C1): number, two factors off and on, security code, and a new browser that comes back with it after an
 * SMS. The messages are those that the server lays into its outbox; the command line is the other device, which is told of everything.
 */
describe.each(['nb', 'en'] satisfies Language[])('ways back in the web app in %s', (language) => {
  const world = new World()
  const email = `veien.${language}@example.org`
  const title = language === 'nb' ? 'Nettbanken' : 'My bank'
  let browser: Browser
  let server: Server
  let web: WebPage
  let pc: Device

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, language, 'desktop')
    await web.createAccount(email)
    pc = world.device('PC')
    await pc.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'PC'])
    const joining = pc.start(['join', '--wait'])
    const { code } = JSON.parse(await joining.line()) as { code: string }
    await web.go('/devices')
    await web.button('web.devices.approve').click()
    await web.field('web.devices.code').fill(code)
    await inDialog('web.devices.approve').click()
    await joining.done
    await pc.addPassword(title, 'hemmelig')
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  function inDialog(key: Parameters<WebPage['t']>[0]): Locator {
    return web.page.getByRole('dialog').getByRole('button', { name: web.t(key), exact: true })
  }
  async function closed(): Promise<void> {
    await until(async () => (await web.page.getByRole('dialog').count()) === 0, 'the dialog is gone')
  }
  async function noticesOf(device: Device): Promise<string[]> {
    await device.ok(['sync'])
    return ((await device.ok(['status'])).notices as { kind: string }[]).map(({ kind }) => kind)
  }

  /** The newest code to a number, once it is there. */
  let seen = 0
  async function sms(): Promise<string> {
    const codes = (): string[] =>
      readFileSync(join(server.data, 'outbox', 'messages.jsonl'), 'utf8')
        .split('\n')
        .flatMap((line) => /"channel":"sms".*#([0-9]{6})/.exec(line)?.[1] ?? [])
    await until(async () => codes().length > seen, 'an SMS')
    seen = codes().length
    return codes().at(-1) as string
  }
  /** The pace of half a minute is the server's business; here its memory of when it last sent is set back. */
  function letTimePass(): void {
    const database = new DatabaseSync(join(server.data, 'nokkel.db'))
    database.exec('pragma busy_timeout = 5000; update sms_sends set time_ms = time_ms - 4000000')
    database.close()
  }

  it('F1 F2 what applies with two factors on is shown, and nothing of a security code or a verification number', async () => {
    await web.go('/recovery')
    await web.see('web.two-factor.is-on')
    await web.see('web.number.none')
    await web.see('web.passcodes.current')
    await web.see('web.services')
    for (const key of ['web.ways.security-code', 'web.number'] as const)
      expect(await web.page.getByRole('heading', { name: web.t(key), exact: true }).count()).toBe(0)
  })

  it('F3 two factors do not go off without a number', async () => {
    await web.button('web.two-factor.turn-off').click()
    await web.see('web.two-factor.off-3')
    await web.see('web.two-factor.number-first')
    expect(await inDialog('web.two-factor.turn-off').count()).toBe(0)
    await inDialog('web.cancel').click()
  })

  it('F4 F8 C1 a number is chosen by passcode and the code that came to it, shown whole after a proof, and tested', async () => {
    await web.button('web.number.choose').click()
    await web.field('web.number.new').fill('1234')
    await web.field('web.passcode').fill('135799')
    await inDialog('web.ways.send').click()
    await web.seeText(web.words.errorText('passcode-wrong').message)
    await web.field('web.passcode').fill(passcode)
    await inDialog('web.ways.send').click()
    await web.seeText(web.words.errorText('phone-invalid').message)
    await web.field('web.number.new').fill('+47 400 00 070')
    await inDialog('web.ways.send').click()
    await web.see('web.ways.sent', { digits: '70' })
    await web.seeText(web.words.label('sms', 'delivered'))
    const code = await sms()
    await web.field('web.ways.code').fill(code === '000000' ? '000001' : '000000')
    await inDialog('web.number.use').click()
    await web.seeText(web.words.errorText('verification-code-wrong').message)
    await web.look('number-choose')
    await web.field('web.ways.code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await inDialog('web.number.use').click()
    await closed()
    await web.see('web.number.masked', { digits: '70' })
    expect(await web.page.content()).not.toContain('40000070')
    expect(await noticesOf(pc)).toContain('number-changed')
    letTimePass()
    await web.button('web.number.test').click()
    await inDialog('web.ways.send').click()
    await web.field('web.ways.code').fill(await sms())
    await inDialog('web.proof.go').click()
    await closed()
    letTimePass()
  })

  it('F1 F3 two factors go off after what follows was read, with the passcode and an SMS; the other device is told', async () => {
    await web.button('web.two-factor.turn-off').click()
    for (const key of ['web.two-factor.off-1', 'web.two-factor.off-2', 'web.two-factor.off-3', 'web.two-factor.told'] as const)
      await web.see(key)
    await inDialog('web.ways.send').click()
    const code = await sms()
    await web.field('web.ways.code').fill(code)
    await web.page.getByRole('dialog').getByLabel(web.t('web.passcode'), { exact: true }).fill('135799')
    await inDialog('web.two-factor.turn-off').click()
    // a slip in the passcode has not used the code up
    await web.seeText(web.words.errorText('passcode-wrong').message)
    await web.look('two-factor-off')
    await web.page.getByRole('dialog').getByLabel(web.t('web.passcode'), { exact: true }).fill(passcode)
    await inDialog('web.two-factor.turn-off').click()
    await closed()
    await web.see('web.two-factor.is-off')
    await web.see('web.security-code.is-not')
    expect(await web.page.getByRole('heading', { name: web.t('web.number'), exact: true }).count()).toBe(1)
    expect(await noticesOf(pc)).toContain('two-factor-off')
    letTimePass()
  })

  it('F3 C1 a security code: too weak ones are refused with the reason while they are typed; then a strong one is set', async () => {
    await web.button('web.security-code.set').click()
    const code = web.page.getByRole('dialog').getByLabel(web.t('web.ways.security-code'), { exact: true })
    for (const [text, reason] of [
      ['12', 'too-short'],
      ['123456', 'run'],
      ['777777', 'one-character'],
      ['112233', 'pairs'],
      ['738204', null],
    ] as const) {
      await code.fill(text)
      if (reason === null) await until(async () => (await code.getAttribute('aria-invalid')) === 'false', 'it is strong enough')
      else await web.seeText(web.words.errorText('weak-security-code', { reason }).message)
      expect(await inDialog('web.security-code.set').isEnabled()).toBe(reason === null)
    }
    await code.fill('121212')
    await web.seeText(web.words.errorText('weak-security-code', { reason: 'repeated' }).message)
    await web.look('security-code-weak')
    await code.fill('738204')
    await web.field('web.security-code.again').fill('738205')
    await inDialog('web.security-code.set').click()
    await web.see('web.security-code.differs')
    await web.field('web.security-code.again').fill('738204')
    await inDialog('web.security-code.set').click()
    await web.prove()
    await web.see('web.security-code.is')
    await closed()
    await web.look('ways-back-security-code')
  })

  it('A5 F3 F7 F9 a new browser comes back with an SMS and the security code, its guesses told; the others hear of it', async () => {
    letTimePass()
    const found = await WebPage.open(browser, server.url, language, 'phone')
    await found.signIn(email)
    await found.button('web.ways.title').click()
    await found.button('web.ways.security-code').click()
    await found.see('web.sms.goes-to', { digits: '70' })
    await found.look('sms-first')
    await found.button('web.number.lost').click()
    await found.see('web.number.lost-text')
    await found.button('web.back').click()
    await found.button('web.ways.send').click()
    await found.field('web.ways.code').fill(await sms())
    await found.button('web.proof.go').click()
    await found.seeText(found.words.t('recovery.attempts', { count: 10 }))
    await found.field('web.ways.security-code').fill('738 205')
    await found.button('web.recovery.use-go').click()
    await found.seeText(found.words.t('recovery.attempts', { count: 9 }))
    await found.field('web.ways.security-code').fill('738 204')
    await found.button('web.recovery.use-go').click()
    await found.option(title).waitFor()
    // with the same code the way is open for the next one
    await found.go('/recovery')
    await found.see('web.security-code.is')
    expect(await noticesOf(pc)).toContain('device-recovered')
    expect(found.complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
    expect(found.violations).toEqual([])
    await found.close()
  })

  it('F3 F6 forgotten: another is made by the device and shown once; and there may be none', async () => {
    await web.see('web.security-code.forgot')
    await web.button('web.security-code.change').click()
    await web.page.getByLabel(web.t('web.security-code.kind')).selectOption('random')
    await inDialog('web.security-code.make').click()
    await web.prove()
    await web.see('web.security-code.sheet-text')
    await web.look('security-code-made')
    const groups = await web.page
      .getByRole('list', { name: web.t('web.ways.security-code') })
      .getByRole('listitem')
      .allInnerTexts()
    expect(groups.join('')).toMatch(/^[0-9A-Z]{24}$/)
    await web.field('web.recovery.last-group').fill(groups.at(-1) ?? '')
    await web.button('web.done').click()
    await web.see('web.security-code.is')
    await web.button('web.security-code.remove').click()
    await inDialog('web.security-code.remove').click()
    await web.prove()
    await web.see('web.security-code.is-not')
    await closed()
  })

  it('F2 two factors go on again with the passcode; the passcode of this device is laid down', async () => {
    await web.button('web.two-factor.turn-on').click()
    await web.page.getByRole('dialog').getByLabel(web.t('web.passcode'), { exact: true }).fill(passcode)
    await inDialog('web.two-factor.turn-on').click()
    await closed()
    await web.see('web.two-factor.is-on')
    await web.see('web.passcodes.current')
    expect(await noticesOf(pc)).toContain('two-factor-on')
  })

  it('F2 VER-11 one more trusted number: a new browser has the code sent there instead; then it is removed', async () => {
    letTimePass()
    await web.button('web.number.add').click()
    await web.field('web.number.new').fill('+47 400 00 071')
    await web.page.getByRole('dialog').getByLabel(web.t('web.passcode'), { exact: true }).fill(passcode)
    await inDialog('web.ways.send').click()
    await web.field('web.ways.code').fill(await sms())
    await web.look('number-add')
    await inDialog('web.number.use').click()
    await closed()
    await web.see('web.number.masked', { digits: '71' })
    await web.look('numbers')
    letTimePass()
    const found = await WebPage.open(browser, server.url, language, 'phone')
    await found.signIn(email)
    await found.button('web.ways.title').click()
    await found.button('web.ways.passcode-of-one').click()
    await found.see('web.sms.goes-to', { digits: '70' })
    await found.look('sms-which')
    await found.button('web.number.send-other', { digits: '71' }).click()
    await found.see('web.sms.goes-to', { digits: '71' })
    await found.button('web.ways.send').click()
    await found.see('web.ways.sent', { digits: '71' })
    await found.field('web.ways.code').fill(await sms())
    await found.button('web.proof.go').click()
    await found.seeText(found.words.t('web.ways.passcode', { name: 'PC' }))
    expect(found.violations).toEqual([])
    await found.close()
    await web.page.getByRole('button', { name: web.words.t('web.number.remove-one', { digits: '71' }) }).click()
    await web.page.getByRole('dialog').getByLabel(web.t('web.passcode'), { exact: true }).fill(passcode)
    await inDialog('web.number.remove').click()
    await closed()
    await until(async () => (await web.page.getByText(web.words.t('web.number.masked', { digits: '71' })).count()) === 0, 'it is gone')
    expect(await noticesOf(pc)).toEqual(expect.arrayContaining(['number-added', 'number-removed']))
  })

  it('CIR-23 C1 the web app limits the extension after a proof; limited itself it lets nobody in and changes no way back', async () => {
    await web.go('/devices')
    const choice = web.page.getByLabel(web.t('policy.class.extension'))
    await choice.selectOption('no-membership')
    await web.see('web.policy.text.no-membership')
    await inDialog('web.policy.change').click()
    await web.prove()
    await closed()
    await until(async () => (await choice.inputValue()) === 'no-membership', 'it is shown')
    await pc.ok(['sync'])
    expect(await pc.ok(['policy', 'show'])).toEqual({ web: 'full', extension: 'no-membership' })
    await pc.ok(['policy', 'set', 'web', 'no-membership'])
    await web.see('web.policy.limited')
    expect(await web.button('web.devices.remove').count()).toBe(0)
    const other = world.device('Nettbrett')
    await other.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Nettbrett'])
    await other.ok(['join'])
    await web.see('web.policy.approve-elsewhere')
    expect(await web.button('web.devices.approve').count()).toBe(0)
    await web.look('browsers-limited')
    await web.go('/recovery')
    await web.see('web.policy.no-ways')
    expect(await web.button('web.recovery.create').count()).toBe(0)
  })

  it('is clean', () => {
    // a wrong passcode, number or code is an answer of the server too
    expect(web.complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
    expect(web.violations).toEqual([])
  })
})
