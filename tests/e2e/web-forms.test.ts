import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language, MessageKey } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { until, World } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** What is typed in a form is kept, or it is said at its field why it cannot be; on a telephone, where most of a form is out of sight. */
const words = ['nb', 'en'] satisfies Language[]

describe.each(words)('the forms of the web app on a telephone, in %s', (language) => {
  const world = new World()
  const library = 'https://library.example/login?a=1,2'
  let browser: Browser
  let web: WebPage

  const dialogs = (): Locator => web.page.getByRole('dialog').filter({ visible: true })
  const inDialog = (key: MessageKey): Locator =>
    dialogs()
      .last()
      .getByRole('button', { name: web.t(key), exact: true })
  async function add(kind: 'password' | 'card', title: string): Promise<void> {
    await web.go('/items/all')
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t(`web.edit.new.${kind}`) }).click()
    await web.field('field.title').fill(title)
  }
  async function closed(): Promise<void> {
    await until(async () => (await web.page.getByRole('dialog').count()) === 0, 'the form is closed')
  }
  /** The field has the focus, is called wrong and why, and nothing covers it or the reason. */
  async function expectFault(key: MessageKey, why: string): Promise<void> {
    const field = web.field(key)
    await until(async () => (await field.getAttribute('aria-invalid')) === 'true', 'it is called wrong')
    await until(() => field.evaluate((element) => element === document.activeElement), 'it has the focus')
    const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ')
    const reason = web.page.locator(ids.map((id) => `[id="${id}"]`).join(', ')).filter({ hasText: why })
    for (const each of [field, reason])
      await until(
        () =>
          each.evaluate((element) => {
            const { left, top, width, height } = element.getBoundingClientRect()
            const seen = document.elementFromPoint(left + width / 2, top + height / 2)
            return seen !== null && element.contains(seen)
          }),
        'it is in sight',
      )
  }

  beforeAll(async () => {
    buildWebApp()
    const server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, language, 'phone')
    await web.page.emulateMedia({ reducedMotion: 'reduce' })
    await web.createAccount(`skjema.${language}@example.org`)
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('C2 a card is not saved with a month, a year or a number that cannot be, and says so at the field', async () => {
    await add('card', 'Visa')
    await web.field('web.item.expiry-month').fill('19')
    await web.field('field.notes').fill('\n'.repeat(20))
    await web.button('web.save').click()
    await expectFault('web.item.expiry-month', web.t('web.edit.wrong.month'))
    await web.look('card-wrong')
    await web.field('web.item.expiry-month').fill('9')
    await web.field('web.item.expiry-year').fill('2x28')
    await web.button('web.save').click()
    await expectFault('web.item.expiry-year', web.t('web.edit.wrong.year'))
    await web.field('web.item.expiry-year').fill('2028')
    await web.field('field.number').fill('1234 abc')
    await web.button('web.save').click()
    await expectFault('field.number', web.t('web.edit.wrong.card-number'))
    // doubted, and kept when it is saved as it is
    await web.field('field.number').fill('4111 1111 1111 1112')
    await web.button('web.save').click()
    await expectFault('field.number', web.t('web.edit.number-unsure'))
    await web.button('web.save').click()
    await closed()
    await web.seeText('09/2028')
  })

  it('C2 a year that cannot be does not take the old one away', async () => {
    await web.button('web.item.edit').click()
    await web.field('web.item.expiry-year').fill('2x28')
    await web.button('web.save').click()
    await expectFault('web.item.expiry-year', web.t('web.edit.wrong.year'))
    await inDialog('web.close').click()
    await inDialog('web.typed.discard').click()
    await closed()
    await web.seeText('09/2028')
  })

  it('C2 an address with a comma stays one site, and a key that makes no codes is refused at its field', async () => {
    await add('password', 'Biblioteket')
    await web.field('web.edit.sites').fill(`${library}\nlibrary.example`)
    await web.field('field.totp').fill('12345678')
    await web.button('web.save').click()
    await expectFault('field.totp', web.t('web.edit.wrong.totp'))
    await web.field('field.totp').fill('')
    await web.button('web.save').click()
    await closed()
    await web.button('web.item.edit').click()
    await until(
      async () => (await web.field('web.edit.sites').inputValue()) === `${library}\nlibrary.example`,
      'both are there, and no more',
    )
    // nothing was typed: nothing is asked
    await web.page.keyboard.press('Escape')
    await closed()
  })

  it('C2 what the keychain refuses stands at the field, or where Save is', async () => {
    await add('password', 'Lang')
    await web.field('web.edit.sites').fill(`https://a.example/${'x'.repeat(2_100)}`)
    await web.button('web.save').click()
    await expectFault('web.edit.sites', web.words.errorText('too-large', { field: 'site' }).message)
    await web.field('web.edit.sites').fill(Array.from({ length: 150 }, (_, n) => `https://${n}.example/${'y'.repeat(1_500)}`).join('\n'))
    await web.button('web.save').click()
    const said = dialogs().getByRole('alert').filter({ hasText: /\S/ })
    await said.waitFor()
    const { y = 0, height = 0 } = (await said.boundingBox()) ?? {}
    expect(y).toBeGreaterThan(0)
    expect(y + height).toBeLessThan(web.page.viewportSize()?.height ?? 0)
    await inDialog('web.cancel').click()
    await inDialog('web.typed.discard').click()
    await closed()
  })

  it('C2 Escape, a press beside the form and Cancel do not throw away what was typed', async () => {
    await add('password', 'Legekontoret')
    await web.button('web.edit.generate').click()
    const ways: (() => Promise<void>)[] = [
      () => web.page.keyboard.press('Escape'),
      () => web.page.mouse.click(195, 10),
      () => inDialog('web.cancel').click(),
      () => inDialog('web.close').click(),
    ]
    for (const leave of ways) {
      await leave()
      await web.see('web.typed.ask')
      await inDialog('web.typed.stay').click()
      await until(async () => (await web.page.getByText(web.t('web.typed.ask')).count()) === 0, 'the question is gone')
      expect(await web.field('field.title').inputValue()).toBe('Legekontoret')
    }
    await web.page.keyboard.press('Escape')
    await web.see('web.typed.ask')
    await web.look('typed-ask')
    await inDialog('web.typed.discard').click()
    await closed()
    expect(await web.option('Legekontoret').count()).toBe(0)
  })

  it('is clean', () => {
    expect(web.complaints).toEqual([])
    expect(web.violations).toEqual([])
  })
})
