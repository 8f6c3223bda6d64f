import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language, MessageKey } from '@nokkel/messages'
import { importFormats } from '@nokkel/transfer'
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

  /** The strings that are alive in the page, its workers aside. */
  async function heap(): Promise<string> {
    const devtools = await web.page.context().newCDPSession(web.page)
    const chunks: string[] = []
    devtools.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
    await devtools.send('HeapProfiler.collectGarbage')
    await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    await devtools.detach()
    return chunks.join('')
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

  it('C1 whoever does not say who they are sees the item as before, and no word of it being gone', async () => {
    // longer than a proof holds, so that time may pass without a lock
    await web.go('/settings')
    const lock = web.page.getByLabel(web.t('web.settings.auto-lock'))
    await lock.selectOption('240')
    await web.prove()
    await until(async () => (await lock.inputValue()) === '240', 'it is set')
    await web.go('/items/all')
    await web.option('Biblioteket').click()
    await web.page.getByRole('heading', { name: 'Biblioteket' }).waitFor()
    for (const worker of web.page.workers())
      await worker.evaluate(() => {
        const now = Date.now.bind(Date)
        Date.now = () => now() + 600_000
      })
    await web.button('web.item.edit').click()
    await web.see('web.proof.title')
    await inDialog('web.cancel').click()
    await closed()
    await web.page.getByRole('heading', { name: 'Biblioteket' }).waitFor()
    expect(await web.page.getByText(web.t('web.item.gone')).count()).toBe(0)
  })

  it('C2 a minute after copying the clipboard is emptied, unless something else was put there; nothing of it stays in the page', async () => {
    const clipboard = (): Promise<string> => web.page.evaluate(() => navigator.clipboard.readText())
    const aMinuteOn = (): Promise<void> =>
      web.page.evaluate(() => {
        const now = Date.now()
        Date.now = () => now + 61_000
        dispatchEvent(new Event('focus'))
      })
    const secret = 'wimxeq-zedwy6-Rukhef'
    await add('password', 'Kopien')
    await web.field('field.password').fill(secret)
    await web.button('web.save').click()
    await closed()
    const copy = web.button('web.item.copy-field', { field: web.t('field.password').toLowerCase() })
    await copy.click()
    await web.prove()
    await until(async () => (await clipboard()) === secret, 'it is copied')
    await web.page.evaluate(() => dispatchEvent(new Event('focus')))
    expect(await clipboard()).toBe(secret)
    await aMinuteOn()
    await until(async () => (await clipboard()) === '', 'it is emptied')
    await copy.click()
    await until(async () => (await clipboard()) === secret, 'it is copied again')
    await web.page.evaluate(() => navigator.clipboard.writeText('noe annet'))
    await aMinuteOn()
    // what is emptied is emptied by then: the clipboard is asked in turn
    expect(await clipboard()).toBe('noe annet')
    await copy.click()
    await until(async () => (await clipboard()) === secret, 'it is copied once more')
    await web.go('/items/all')
    await web.button('web.nav.lock').click()
    await web.see('web.locked.title')
    await until(async () => !(await heap()).includes(secret), 'it has left the memory of the page', 60_000)
    await web.unlock()
    await web.field('web.search').waitFor()
  })

  it('C2 favourites have a place of their own once there are any; earlier values can be copied', async () => {
    await web.go('/items/all')
    await web.page.getByRole('button', { name: web.t('web.category.all') }).click()
    await web.page.getByRole('menuitem', { name: web.t('web.category.password') }).waitFor()
    expect(await web.page.getByRole('menuitem', { name: web.t('web.category.favorite') }).count()).toBe(0)
    await web.page.keyboard.press('Escape')
    await web.option('Kopien').click()
    await web.button('web.item.edit').click()
    await web.field('field.password').fill('pivgas-7xedDo-kirbuz')
    await web.page.getByLabel(web.t('field.favorite'), { exact: true }).check()
    await web.button('web.save').click()
    await closed()
    await web.page.getByText(web.t('web.item.history-count', { count: 1 })).click()
    await web.page
      .getByRole('listitem')
      .getByRole('button', { name: web.t('web.item.copy-field', { field: web.t('field.password').toLowerCase() }) })
      .click()
    await until(async () => (await web.page.evaluate(() => navigator.clipboard.readText())) === 'wimxeq-zedwy6-Rukhef', 'it is copied')
    await web.go('/items/all')
    await web.page.getByRole('button', { name: web.t('web.category.all') }).click()
    await web.page.getByRole('menuitem', { name: web.t('web.category.favorite') }).click()
    await web.option('Kopien').waitFor()
    expect(await web.page.getByRole('option').count()).toBe(1)
    await web.look('favourites')
  })

  it('an import names what it adds and what it leaves out, and a row that ends early is remarked on', async () => {
    await web.go('/import')
    const csv =
      'name,url,username,password,note\nPosten,https://posten.example,kari,passord-1-her,\nFinn,https://finn.example\nPosten,https://posten.example,kari,passord-1-her,\n'
    // dropped on the page, as from a window of files
    const data = await web.page.evaluateHandle((text) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], 'ark.csv', { type: 'text/csv' }))
      return transfer
    }, csv)
    await web.page.locator('main h1').dispatchEvent('drop', { dataTransfer: data })
    await web.button('web.import.go', { count: 2 }).waitFor()
    await web.seeText('Posten, Finn.')
    await web.seeText(web.words.importText('row-ends-early', { cells: 2, columns: 5 }))
    await web.see('import.would-reject', { count: 1 })
    await web.seeText(web.t('web.import.row-named', { row: 4, title: 'Posten' }))
    await web.look('import-remarks')
    await web.button('web.import.go', { count: 2 }).click()
    await web.see('import.rejected', { count: 1 })
    expect(await web.page.getByText(web.t('import.would-reject', { count: 1 })).count()).toBe(0)
  })

  it('a file whose format is not recognised can be read as one that the person names', async () => {
    await web.go('/import')
    const choosing = web.page.waitForEvent('filechooser')
    await web.button('web.import.choose').click()
    // no address of a site, by which browsers’ files are known
    const buffer = Buffer.from('Title,Password\nHytta,kirbuz-7-her\n')
    await (await choosing).setFiles({ name: 'egen.csv', mimeType: 'text/csv', buffer })
    await web.seeText(web.words.errorText('format-unknown').message)
    const choice = web.page.getByLabel(web.t('web.import.format'))
    expect((await choice.locator('option').allInnerTexts()).slice(1)).toEqual(importFormats.map((each) => web.words.importText(each)))
    await web.look('import-format')
    await choice.selectOption('1password-csv')
    await web.button('web.import.go', { count: 1 }).click()
    await web.see('web.import.finished')
    await web.button('web.done').click()
    await web.option('Hytta').waitFor()
  })

  it('is clean', () => {
    expect(web.complaints).toEqual([])
    expect(web.violations).toEqual([])
  })
})
