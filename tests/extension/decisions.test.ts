import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** What a person decides for a site in one place holds in the other: the extension in a real Chromium and the command line, over a real server (SYN-32). */
const own = new Paired()

interface Shown {
  readonly neverSave: readonly string[]
  readonly allowOff: readonly string[]
  readonly fillCards: boolean
}
const atMachine = async (...args: readonly string[]): Promise<Shown> => (await own.cli.ok(['autofill', ...args])) as unknown as Shown
const inBrowser = async (): Promise<Shown> => (await own.snapshot()).autofill
const arrives = (what: (shown: Shown) => boolean): Promise<void> =>
  until(async () => what(await inBrowser()), 'the decision in the browser')

async function signIn(host: string): Promise<Page> {
  const page = await own.open('/plain', own.origin(host))
  await page.locator('[name=user]').fill('ola')
  await page.locator('[name=pass]').fill('nytt passord 1')
  await page.keyboard.press('Escape')
  await page.locator('button').first().click()
  await page.waitForURL(/welcome/)
  return page
}
async function saveReason(page: Page): Promise<string | undefined> {
  const { value } = await own.call('findings', await own.tabOf(page))
  return (value as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why.find(
    ({ about }) => about === 'save',
  )?.reason
}

describe('decisions that follow the person, in Chromium', () => {
  beforeAll(async () => {
    await own.start()
    await own.join()
  })
  afterAll(() => own.end())

  it('E2 "never", said on the command line for an address as it is copied, holds in the browser without a restart', async () => {
    expect((await atMachine('never', 'https://www.nettbank.no/login?x=1')).neverSave).toEqual(['nettbank.no'])
    expect((await own.cli.run(['autofill', 'never', 'not a site'])).json.error).toMatchObject({
      code: 'malformed',
      message: 'This is not the address of a site.',
    })
    await atMachine('never', 'elsewhere.example/login')
    await arrives(({ neverSave }) => neverSave.includes('elsewhere.example'))
    const page = await signIn('elsewhere.example')
    await until(async () => (await saveReason(page)) === 'never-for-this-site')
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })

  it('E2 "never", pressed in the browser, is on the command line, and taken back there is asked about again here', async () => {
    const page = await signIn('here.example')
    await own.choose(page, words.t('extension.save.never'))
    await until(async () => {
      await own.cli.ok(['sync'])
      return (await atMachine('show')).neverSave.includes('here.example')
    }, 'the decision on the command line')
    await page.close()
    expect((await atMachine('never', 'here.example', '--undo')).neverSave).not.toContain('here.example')
    await arrives(({ neverSave }) => !neverSave.includes('here.example'))
    const again = await signIn('here.example')
    expect((await (await own.inline(again)).locator('main').innerText()).split('\n')[0]).toBe(words.t('extension.save.save-title'))
    await again.close()
  })

  it('E1 E4 switches and sites that ask not to follow as well; switches of this browser alone stay', async () => {
    await atMachine('allow', 'off.example')
    await atMachine('set', 'cards', 'off')
    await arrives(({ allowOff, fillCards }) => allowOff.includes('off.example') && !fillCards)
    await own.popup.getByRole('button', { name: words.t('web.nav.settings') }).click()
    await own.popup.getByText('off.example', { exact: true }).waitFor()
    await own.popup.getByText(words.t('extension.autofill.apart')).click()
    await own.popup.getByText(words.t('extension.autofill.apart-on')).waitFor()
    await own.popup.getByText(words.t('autofill.fillCards')).click()
    await arrives(({ fillCards }) => fillCards)
    await own.cli.ok(['sync'])
    expect((await atMachine('show')).fillCards).toBe(false)
    await own.popup.getByText(words.t('extension.autofill.apart')).click()
    await own.popup.getByText(words.t('extension.autofill.apart-off')).waitFor()
    expect((await inBrowser()).fillCards).toBe(false)
    await own.popup.getByRole('button', { name: words.t('web.back') }).click()
  })

  it('E2 what both decide without a network is in both afterwards', async () => {
    await own.server.stop()
    await atMachine('never', 'machine.example')
    await own.call('changeAutofill', { neverSave: { add: ['browser.example'] } })
    await own.server.start()
    const both = ['browser.example', 'machine.example']
    await until(async () => {
      await own.cli.ok(['sync'])
      const { neverSave } = await atMachine('show')
      return both.every((site) => neverSave.includes(site))
    }, 'both on the command line')
    await arrives(({ neverSave }) => both.every((site) => neverSave.includes(site)))
    expect((await inBrowser()).neverSave).toEqual((await atMachine('show')).neverSave)
  })

  it('none of it is an item: lists and counts do not know of it', async () => {
    expect((await own.cli.ok(['list'])).items).toEqual([])
    expect(await own.cli.ok(['status'])).toMatchObject({ items: 0 })
    expect((await own.call('find', 'example', '')).value).toMatchObject({ total: 0 })
  })
})
