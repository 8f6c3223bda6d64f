import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** Who is there (C1, LOC-13, EXT-8)? Asked in the popup before a secret leaves the background, and for each change of security settings. */
const own = new Paired()
const secret = 'hemmelig nok 1'

const age = (minutes: number): Promise<void> => own.age(minutes)
const codeOf = async (name: string, ...args: readonly unknown[]): Promise<string> => (await own.call(name, ...args)).failure?.code ?? 'done'
const dialog = () => own.popup.getByRole('dialog', { name: words.t('web.proof.title') })
const clipboard = (): Promise<string> => own.popup.evaluate('navigator.clipboard.readText()')
const copyButton = () => own.popup.getByRole('button', { name: words.t('extension.copy-password') }).first()
async function answerWith(text: string): Promise<void> {
  await dialog().getByLabel(words.t('web.passcode'), { exact: true }).fill(text)
  await own.popup.keyboard.press('Enter')
}
const password = (page: Page): Promise<string> => page.locator('[name=pass]').inputValue()

describe('C1 who is there, in the extension', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([{ title: 'Shop', username: 'kari', password: secret, site: own.origin(), totp: 'JBSWY3DPEHPK3PXP' }])
    await own.join()
    await own.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  beforeEach(async () => {
    await own.popup.bringToFront()
    await own.popup.evaluate("navigator.clipboard.writeText('before')")
  })
  afterAll(() => own.end())

  it('an unlock counts, for the set time and no longer, and in each life of the background', async () => {
    const id = await own.idOf('Shop')
    await own.call('lock')
    await own.call('unlock', passcode)
    expect((await own.call('reveal', id, 'password')).value).toBe(secret)
    await own.endWorker()
    expect((await own.call('reveal', id, 'password')).value).toBe(secret)
    await age(4)
    expect(await codeOf('verificationCode', id)).toBe('done')
    await age(6)
    for (const [name, ...args] of [
      ['reveal', id, 'password'],
      ['verificationCode', id],
      ['suggestion', 1],
      ['approve', 'x'.repeat(22), '123456'],
    ] as const)
      expect([name, await codeOf(name, ...args)]).toEqual([name, 'proof-needed'])
    await own.call('lock')
    expect(await codeOf('reveal', id, 'password')).toBe('locked')
    expect(await codeOf('prove', passcode)).toBe('locked')
    await own.call('unlock', passcode)
  })

  it('filling is no showing: what a person chooses goes into the page, in the popup and at the field', async () => {
    await age(60)
    const page = await own.open('/plain')
    expect((await own.call('fill', await own.idOf('Shop'), await own.tabOf(page), '')).value).toMatchObject({ outcome: 'filled' })
    expect(await password(page)).toBe(secret)
    await page.goto(`${own.origin()}/plain`)
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await password(page)) === secret, 'filled')
    expect(await codeOf('reveal', await own.idOf('Shop'), 'password')).toBe('proof-needed')
    await page.close()
  })

  it('the popup asks in place, by keyboard alone, until it was right, and then does what was asked', async () => {
    await age(6)
    await copyButton().focus()
    await own.popup.keyboard.press('Enter')
    await dialog().waitFor()
    await answerWith('999999')
    await dialog().getByText(words.errorText('passcode-wrong').message).waitFor()
    expect(await clipboard()).toBe('before')
    await answerWith(passcode)
    await dialog().waitFor({ state: 'detached' })
    await until(async () => (await clipboard()) === secret, 'copied')
    const focused = (): Promise<boolean> => copyButton().evaluate((button) => button === document.activeElement)
    await until(focused, 'the focus is where it was')
    expect(await focused()).toBe(true)
    for (const kept of [passcode, secret]) expect(await own.popup.content()).not.toContain(kept)
    // and not again for a while
    await own.popup.evaluate("navigator.clipboard.writeText('before')")
    await copyButton().press('Enter')
    await until(async () => (await clipboard()) === secret, 'copied again')
    expect(await dialog().count()).toBe(0)
  })

  it('Escape is a no: nothing is copied, and nothing is said to be wrong', async () => {
    await age(6)
    await copyButton().press('Enter')
    await dialog().waitFor()
    await own.popup.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect(await clipboard()).toBe('before')
    expect(await own.popup.getByRole('alert').count()).toBe(0)
  })

  it('a lock while it is asked ends it', async () => {
    await age(6)
    await copyButton().press('Enter')
    await dialog().waitFor()
    await own.call('lock')
    await dialog().waitFor({ state: 'detached' })
    await own.popup.getByRole('button', { name: words.t('web.locked.unlock') }).waitFor()
    await own.call('unlock', passcode)
    await copyButton().waitFor()
    expect(await clipboard()).toBe('before')
  })

  it('each change of the lock and of this question takes a proof of its own, also right after an unlock; the language takes none', async () => {
    for (const changes of [{ autoLockMinutes: 240 }, { proofMinutes: 240 }]) {
      expect(await codeOf('changeSettings', changes)).toBe('proof-needed')
      expect(await codeOf('changeSettings', changes)).toBe('proof-needed')
    }
    expect(await codeOf('changeSettings', { language: 'en' })).toBe('done')
    await own.popup.getByRole('button', { name: words.t('web.nav.settings') }).click()
    const choice = own.popup.getByLabel(words.t('extension.auto-lock'))
    await choice.selectOption('60')
    await dialog().waitFor()
    expect(await choice.inputValue()).toBe('5')
    await answerWith(passcode)
    await until(async () => (await choice.inputValue()) === '60', 'it is set')
    await own.popup.getByLabel(words.t('web.settings.proof')).selectOption('1')
    await dialog().waitFor()
    await answerWith(passcode)
    await until(async () => (await own.popup.getByLabel(words.t('web.settings.proof')).inputValue()) === '1', 'it is set')
    await age(2)
    expect(await codeOf('reveal', await own.idOf('Shop'), 'password')).toBe('proof-needed')
  })
})
