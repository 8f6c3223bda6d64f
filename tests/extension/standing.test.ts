import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMessages, type Messages } from '@nokkel/messages'
import { passcode, password, until } from '../e2e/harness.ts'
import { Paired } from './chromium.ts'
import { languages, overflow, picture, themes, violations } from './looks.ts'

/**
 * What the extension says of where it stands, in a real Chromium: no connection (A6), too old (A3), reset (D4), removed (B3), off everywhere (D2, D3);
 * that nothing is offered or filled then, and how it comes back.
 */
const own = new Paired()
const email = 'kari.extension@example.org'
/** The popup is read in Norwegian here; both languages have the same keys, which the compiler holds them to. */
const words = createMessages('nb')
const device = 'Chrome'

interface Found {
  readonly matches: readonly { readonly title: string }[]
  readonly others: readonly { readonly title: string }[]
}
async function titles(): Promise<readonly string[]> {
  const { value } = await own.call('find', '', '')
  const { matches, others } = (value ?? { matches: [], others: [] }) as Found
  return [...matches, ...others].map(({ title }) => title)
}
/** Said in the colours and languages that there are, for everybody to read; no picture without this. */
async function looks(name: string, says: (words: Messages) => string): Promise<void> {
  const { popup } = own
  await popup.bringToFront()
  await popup.setViewportSize({ width: 380, height: 640 })
  for (const language of languages) {
    await own.call('changeSettings', { language })
    await popup.getByText(start(says(createMessages(language)))).waitFor()
    for (const theme of themes) {
      await popup.emulateMedia({ colorScheme: theme })
      expect(await violations(popup)).toEqual([])
      expect(await overflow(popup)).toBe(0)
      await picture(popup, `${name}-${language}-${theme}`)
    }
  }
  await own.call('changeSettings', { language: 'nb' })
  await popup.getByText(start(says(words))).waitFor()
}
/** Up to where a name or a time begins. */
const start = (text: string): string => text.split(/[{…]/)[0] ?? ''
const says = (popup: Page, text: string) => popup.getByText(text).waitFor()
const button = (popup: Page, key: 'web.banner.join-again' | 'web.try-again') => popup.getByRole('button', { name: words.t(key) })

async function badge(page: Page): Promise<string> {
  const tabId = await own.tabOf(page)
  await page.bringToFront()
  return (await own.worker()).evaluate(
    (id) =>
      (
        globalThis as unknown as { chrome: { action: { getBadgeText(of: { tabId: number }): Promise<string> } } }
      ).chrome.action.getBadgeText({
        tabId: id,
      }),
    tabId,
  )
}
/** Nothing of the keychain reaches a page: no menu at the field, nothing filled by the popup's own call, no number on the icon. */
async function nothingReaches(page: Page, id: string): Promise<void> {
  await until(async () => (await badge(page)) === '', 'no number on the icon')
  await page.reload()
  await page.locator('#user').click()
  await page.waitForTimeout(500)
  expect(own.hasInline(page)).toBe(false)
  const { type, value } = await own.call('fill', id, await own.tabOf(page), '')
  expect(type === 'failure' || (value as { readonly outcome: string }).outcome !== 'filled').toBe(true)
  expect(await page.locator('#pass').inputValue()).toBe('')
}
async function removeExtension(...more: readonly string[]): Promise<void> {
  const { devices } = (await own.cli.ok(['devices'])) as unknown as {
    readonly devices: readonly { readonly id: string; readonly name: string; readonly status: string }[]
  }
  const found = devices.find(({ name, status }) => name === device && status === 'active')
  await own.cli.ok(['devices', 'remove', found?.id ?? '', '--yes', ...more])
}
/** As a person does it, with the button that the banner has. */
async function signInAgain(): Promise<void> {
  const { popup } = own
  await button(popup, 'web.banner.join-again').click()
  await popup.getByLabel(words.t('web.password'), { exact: true }).fill(password)
  await popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
  await popup.getByRole('button', { name: words.t('web.welcome.sign-in'), exact: true }).click()
}
async function comeBack(): Promise<void> {
  await signInAgain()
  await own.popup.getByRole('img', { name: words.t('web.join.qr') }).waitFor()
  await own.approve()
  await until(async () => (await titles()).includes('Shop'), 'everything is there again')
}

describe('where the extension stands, in Chromium', () => {
  let page: Page
  let shop = ''
  beforeAll(async () => {
    await own.start()
    await own.seed([{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() }])
    await own.join()
    await own.call('changeSettings', { language: 'nb' })
    page = await own.open('/plain')
    shop = await own.idOf('Shop')
    await until(async () => (await badge(page)) === '1', 'a number on the icon')
  })
  afterAll(() => own.end())

  it('A6 no connection: it says so, since when and what waits; there again, it goes on by itself', async () => {
    await own.server.stop()
    await says(own.popup, start(words.t('web.banner.offline-since', { time: '…' })))
    await own.call('add', 'password', [['title', 'Made offline']])
    await says(own.popup, words.t('web.banner.pending', { count: 1 }))
    await looks('offline', ({ t }) => t('web.banner.offline-since', { time: '…' }))
    expect(await titles()).toContain('Shop')
    await own.server.start()
    await own.popup.getByText(start(words.t('web.banner.offline-since', { time: '…' }))).waitFor({ state: 'detached' })
    await until(async () => {
      await own.cli.ok(['sync'])
      return JSON.stringify(await own.cli.ok(['list'])).includes('Made offline')
    }, 'it was sent')
  })

  it('A3 too old for the server: it says so and keeps everything; served again, it goes on when asked to', async () => {
    const { data } = own.server
    const port = Number(new URL(own.server.url).port)
    await own.server.stop()
    const strict = await own.world.server({ data, port, env: { NOKKEL_MIN_EXTENSION: '9.9.9' } })
    const { message, hint } = words.errorText('client-too-old', { minimum: '9.9.9' })
    await says(own.popup, words.t('sync.paused', { reason: `${message} ${hint}` }))
    await looks('paused', ({ errorText }) => errorText('client-too-old', { minimum: '9.9.9' }).message)
    expect(await titles()).toContain('Shop')
    const another = await own.popupOver(page)
    await says(another, message)
    await another.close()
    await strict.stop()
    own.server = await own.world.server({ data, port })
    // a page behind another one draws nothing, and what is not drawn cannot be pressed
    await own.popup.bringToFront()
    await until(async () => {
      const again = button(own.popup, 'web.try-again')
      // it may go on by itself just then, and nothing is left to press
      if ((await again.count()) > 0) await again.click({ timeout: 500 }).catch(() => undefined)
      return (await own.popup.getByText(message).count()) === 0 && (await own.call('sync')).type === 'result'
    }, 'it goes on')
    expect(await button(own.popup, 'web.try-again').count()).toBe(0)
  })

  it('D4 reset by another device: it says by whom, the copy is for looking at alone, and it joins anew with it', async () => {
    await own.cli.ok(['reset', '--from-device', '--confirm', email])
    await says(own.popup, words.t('web.banner.removed-keep'))
    await own.popup.getByText(start(words.t('web.banner.reset', { name: 'Maskinen', time: '…' }))).waitFor()
    await looks('reset', ({ t }) => t('web.banner.reset', { name: 'Maskinen', time: '…' }))
    expect(await titles()).toContain('Shop')
    await nothingReaches(page, shop)
    const over = await own.popupOver(page)
    await over.getByText('Shop', { exact: true }).waitFor()
    expect(await over.getByRole('button', { name: words.t('extension.fill'), exact: true }).count()).toBe(0)
    await over.close()
    await comeBack()
    await own.cli.ok(['sync'])
    shop = await own.idOf('Shop')
  })

  it('B3 removed, the copy stays: it says by whom, and asks to join again', async () => {
    await removeExtension()
    await says(own.popup, words.t('web.banner.removed-keep'))
    await own.popup.getByText(start(words.t('web.banner.removed', { name: 'Maskinen', time: '…' }))).waitFor()
    await looks('removed', ({ t }) => t('web.banner.removed', { name: 'Maskinen', time: '…' }))
    await button(own.popup, 'web.banner.join-again').click()
    await own.popup.getByLabel(words.t('web.password'), { exact: true }).waitFor()
    await looks('join-again', ({ t }) => t('web.banner.removed', { name: 'Maskinen', time: '…' }))
    await own.popup.reload()
    expect(await titles()).toContain('Shop')
    await nothingReaches(page, shop)
    await comeBack()
  })

  it('B3 removed, the copy goes: nothing is listed any more, in the popup that is open and in the next one', async () => {
    await page.locator('#user').click()
    await own.inline(page)
    await page.keyboard.press('Escape')
    await removeExtension('--delete-copy')
    await says(own.popup, words.t('web.banner.removed-delete'))
    await looks('removed-delete', ({ t }) => t('web.banner.removed-delete'))
    for (const popup of [own.popup, await own.popupOver(page)]) {
      await says(popup, words.t('web.banner.removed-delete'))
      expect(await popup.locator('body').innerText()).not.toMatch(/Shop|kari\b|Made offline/)
      if (popup !== own.popup) await popup.close()
    }
    expect(await titles()).toEqual([])
    expect((await own.call('reveal', shop, 'password')).type).toBe('failure')
    await nothingReaches(page, shop)
    await own.endWorker()
    expect(await titles()).toEqual([])
    await comeBack()
  })

  it('D2 D3 off everywhere, the copies stay: it says so, and whoever turns it on again first brings its copy along', async () => {
    await own.cli.ok(['off', '--everywhere', '--keep', '--confirm', email])
    await says(own.popup, words.t('web.banner.removed-keep'))
    await looks('off', ({ t }) => t('web.banner.removed-keep'))
    await nothingReaches(page, shop)
    expect(await titles()).toContain('Shop')
    await signInAgain()
    await button(own.popup, 'web.banner.join-again').waitFor({ state: 'detached' })
    await until(async () => (await titles()).includes('Shop'), 'what it kept')
    await until(async () => (await badge(page)) === '1', 'a number on the icon')
  })
})
