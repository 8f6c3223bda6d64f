import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** Offers to save and to update, in a real Chromium: what is asked, what is saved, what is not and why (E2, E3, E4). */
const own = new Paired()

async function logins(site: string): Promise<{ readonly id: string; readonly title: string; readonly username: string }[]> {
  const { value } = await own.call('find', '', site)
  return (value as { readonly matches: { readonly id: string; readonly title: string; readonly username: string }[] }).matches
}
const passwordOf = async (id: string): Promise<unknown> => (await own.call('reveal', id, 'password')).value
async function saveReason(page: Page): Promise<string | undefined> {
  const { value } = await own.call('findings', await own.tabOf(page))
  return (value as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why.find(
    ({ about }) => about === 'save',
  )?.reason
}
/** Types and sends, as a person does. */
async function signIn(page: Page, username: string, password: string): Promise<void> {
  if (username !== '') await page.locator('[name=user]').fill(username)
  await page.locator('[name=pass]').fill(password)
  await page.keyboard.press('Escape')
  await page.locator('button').first().click()
}
async function question(page: Page): Promise<string> {
  return (await (await own.inline(page)).locator('main').innerText()).split('\n')[0] ?? ''
}
const press = (page: Page, name: string): Promise<void> => own.choose(page, name)

describe('saving, in Chromium', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([{ title: 'Known', username: 'kari', password: 'gammelt passord', site: own.origin('known.example') }])
    await own.join()
    // however slow the machine is, what was saved can be looked at to the end (C1)
    await own.call('changeSettings', { proofMinutes: 240 })
    await own.call('prove', passcode)
    expect((await own.call('changeSettings', { proofMinutes: 240 })).type).toBe('result')
  })
  afterAll(() => own.end())

  it('E2 offers to save after a sign-in that led to another page, and saves it for that site', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await signIn(page, 'ola', 'nytt passord 1')
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await press(page, words.t('extension.save.save'))
    await until(async () => (await logins(own.origin('first.example'))).length === 1, 'saved')
    const [saved] = await logins(own.origin('first.example'))
    expect(saved).toMatchObject({ title: 'first.example', username: 'ola' })
    expect(await passwordOf(saved?.id ?? '')).toBe('nytt passord 1')
    await page.waitForTimeout(300)
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })

  it('E2 asks nothing when nothing changed, and says so (a report of another manager)', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await signIn(page, 'ola', 'nytt passord 1')
    await page.waitForURL(/welcome/)
    await until(async () => (await saveReason(page)) === 'nothing-changed')
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })

  it('AUT-4 a sign-in that failed is never saved: the page asks again', async () => {
    const page = await own.open('/plain', own.origin('failed.example'))
    await signIn(page, 'ola', 'wrong')
    await page.waitForURL(/refused/)
    await until(async () => (await saveReason(page)) === 'not-succeeded')
    expect(own.hasInline(page)).toBe(false)
    expect(await logins(own.origin('failed.example'))).toEqual([])
    await page.close()
  })

  it('AUT-4 single page: saved when the answer was good and the fields went away; not when it was refused', async () => {
    const page = await own.open('/spa', own.origin('spa.example'))
    await signIn(page, 'per', 'wrong')
    await until(async () => (await saveReason(page)) === 'not-succeeded')
    expect(own.hasInline(page)).toBe(false)
    await signIn(page, 'per', 'nytt passord 2')
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await press(page, words.t('extension.save.save'))
    await until(async () => (await logins(own.origin('spa.example'))).length === 1, 'saved')
    expect(await passwordOf((await logins(own.origin('spa.example')))[0]?.id ?? '')).toBe('nytt passord 2')
    await page.close()
  })

  it('E2 two steps: the name of the first page is saved with the password of the second', async () => {
    const page = await own.open('/step-one', own.origin('steps.example'))
    await page.locator('[name=user]').fill('anne')
    await page.locator('button').click()
    await page.waitForURL(/step-two/)
    await signIn(page, '', 'nytt passord 3')
    await page.waitForURL(/welcome/)
    await press(page, words.t('extension.save.save'))
    await until(async () => (await logins(own.origin('steps.example'))).length === 1, 'saved')
    expect((await logins(own.origin('steps.example')))[0]).toMatchObject({ username: 'anne' })
    await page.close()
  })

  it('E2 a changed password is offered as an update of that login, and the old one stays in its history', async () => {
    const page = await own.open('/plain', own.origin('known.example'))
    await signIn(page, 'kari', 'nytt passord 4')
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.update-title'))
    await press(page, words.t('extension.save.update'))
    const [known] = await logins(own.origin('known.example'))
    await until(async () => (await passwordOf(known?.id ?? '')) === 'nytt passord 4', 'updated')
    expect(await logins(own.origin('known.example'))).toHaveLength(1)
    await page.close()
  })

  it('E2 change of password: the new one is offered for whoever has an account there', async () => {
    const page = await own.open('/change-password', own.origin('known.example'))
    await page.locator('[name=old]').fill('nytt passord 4')
    await page.locator('[name=pass]').fill('nytt passord 5')
    await page.locator('[name=again]').fill('nytt passord 5')
    await page.keyboard.press('Escape')
    await page.locator('button').click()
    await page.waitForURL(/welcome/)
    await press(page, words.t('extension.save.update'))
    const [known] = await logins(own.origin('known.example'))
    await until(async () => (await passwordOf(known?.id ?? '')) === 'nytt passord 5', 'updated')
    expect(await logins(own.origin('known.example'))).toHaveLength(1)
    await page.close()
  })

  it('E2 the strong password of a sign-up is offered for saving', async () => {
    const page = await own.open('/sign-up', own.origin('new.example'))
    await page.locator('[name=user]').fill('ny@example.org')
    await page.locator('[name=pass]').click()
    await own.choose(page, new RegExp(words.t('extension.inline.suggestion')))
    await until(async () => (await page.locator('[name=again]').inputValue()) !== '')
    const made = await page.locator('[name=pass]').inputValue()
    expect((await own.call('suggestion', await own.tabOf(page))).value).toBe(made)
    await page.locator('button').click()
    await page.waitForURL(/welcome/)
    await press(page, words.t('extension.save.save'))
    await until(async () => (await logins(own.origin('new.example'))).length === 1, 'saved')
    const [saved] = await logins(own.origin('new.example'))
    expect([saved?.username, await passwordOf(saved?.id ?? '')]).toEqual(['ny@example.org', made])
    await page.close()
  })

  it('E2 once: not now closes the question and it does not come back', async () => {
    const page = await own.open('/plain', own.origin('later.example'))
    await signIn(page, 'ola', 'nytt passord 6')
    await page.waitForURL(/welcome/)
    await (await own.inline(page)).getByRole('button', { name: words.t('extension.save.not-now') }).click()
    await until(async () => !own.hasInline(page), 'closed')
    await page.goto(`${own.origin('later.example')}/nothing`)
    await page.waitForTimeout(800)
    expect(own.hasInline(page)).toBe(false)
    expect(await logins(own.origin('later.example'))).toEqual([])
    await page.close()
  })

  it('E2 a question that was not answered stands on the next page again', async () => {
    const page = await own.open('/plain', own.origin('goes-on.example'))
    await signIn(page, 'ola', 'nytt passord 7')
    await page.waitForURL(/welcome/)
    await own.inline(page)
    await page.goto(`${own.origin('goes-on.example')}/nothing`)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await page.close()
  })

  it('E2 never for this site: listed, obeyed, and undone', async () => {
    const page = await own.open('/plain', own.origin('never.example'))
    await signIn(page, 'ola', 'nytt passord 8')
    await page.waitForURL(/welcome/)
    await press(page, words.t('extension.save.never'))
    await until(async () => (await saveReason(page)) === 'never-for-this-site')
    await page.goto(`${own.origin('never.example')}/plain`)
    await signIn(page, 'ola', 'nytt passord 8')
    await page.waitForURL(/welcome/)
    await page.waitForTimeout(700)
    expect(own.hasInline(page)).toBe(false)
    await own.popup.getByRole('button', { name: words.t('web.nav.settings') }).click()
    await own.popup.getByText('never.example', { exact: true }).waitFor()
    await own.popup.getByRole('button', { name: words.t('autofill.remove-site', { site: 'never.example' }) }).click()
    await own.popup.getByText('never.example', { exact: true }).waitFor({ state: 'detached' })
    await own.popup.getByRole('button', { name: words.t('web.back') }).click()
    await page.goto(`${own.origin('never.example')}/plain`)
    await signIn(page, 'ola', 'nytt passord 8')
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await page.close()
  })

  it('E4 a site that asks not to is not offered saving until it is allowed there', async () => {
    const page = await own.open('/off', own.origin('off.example'))
    await signIn(page, 'ola', 'nytt passord 9')
    await page.waitForURL(/welcome/)
    await until(async () => (await saveReason(page)) === 'autocomplete-off')
    expect(own.hasInline(page)).toBe(false)
    await own.call('change', 'allow-site', 'off.example')
    await page.goto(`${own.origin('off.example')}/off`)
    await signIn(page, 'ola', 'nytt passord 9')
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await page.close()
  })

  it('E1 offers to save can be switched off, and the popup says so', async () => {
    expect(await own.call('changeAutofill', { switches: { offerToSave: false } })).toMatchObject({ type: 'result' })
    const page = await own.open('/plain', own.origin('quiet.example'))
    await signIn(page, 'ola', 'nytt passord 10')
    await page.waitForURL(/welcome/)
    await until(async () => (await saveReason(page)) === 'switched-off-save')
    expect(own.hasInline(page)).toBe(false)
    await own.call('change', 'switch-on-saving', '')
    expect(await saveReason(page)).not.toBe('switched-off-save')
    await page.close()
  })

  it('E6 what was typed into a frame of another site is saved for that site', async () => {
    const page = await own.open('/frame-cross', own.origin('partner.example'))
    await until(async () => (await page.frame('inner')?.locator('input').count()) === 2)
    const frame = page.frame('inner')
    await frame?.locator('[name=user]').fill('i rammen')
    await frame?.locator('[name=pass]').fill('nytt passord 11')
    await page.keyboard.press('Escape')
    await frame?.locator('button').click()
    await press(page, words.t('extension.save.save'))
    await until(async () => (await logins(own.origin())).length === 1, 'saved')
    expect((await logins(own.origin()))[0]).toMatchObject({ username: 'i rammen' })
    expect(await logins(own.origin('partner.example'))).toEqual([])
    await page.close()
  })

  async function cards(): Promise<readonly { readonly id: string; readonly title: string; readonly kind: string }[]> {
    const { value } = await own.call('find', '', '')
    const { others } = value as { readonly others: readonly { readonly id: string; readonly title: string; readonly kind: string }[] }
    return others.filter(({ kind }) => kind === 'card')
  }
  async function pay(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const control = page.locator(`[name=${name}]`)
      if ((await control.evaluate((element) => element.localName)) === 'select') await control.selectOption(value)
      else await control.fill(value)
    }
    // nobody types a card so fast that the background has not said yet which fields are one's
    await page.waitForTimeout(450)
    await page.keyboard.press('Escape')
    await page.locator('button').first().click()
  }
  const visa = { holder: 'Kari Nordmann', number: '4111 1111 1111 1111', expiry: '10/28', code: '737' }

  it('E2 E5 a card is offered after a check-out that led on, and saved without its security code', async () => {
    const page = await own.open('/pay', own.origin('pay.example'))
    await pay(page, visa)
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.card-title'))
    expect(await (await own.inline(page)).locator('main').innerText()).toContain('•••• 1111 · 10/28')
    await press(page, words.t('extension.save.save'))
    await until(async () => (await cards()).length === 1, 'saved')
    const [saved] = await cards()
    expect(saved?.title).toBe('Visa •••• 1111')
    expect((await own.call('reveal', saved?.id ?? '', 'number')).value).toBe('4111111111111111')
    const all = JSON.stringify(await own.cli.ok(['show', saved?.id ?? '', '--reveal']))
    expect(all).toContain('Kari Nordmann')
    // as a word of its own: identifiers and times are long runs of digits
    expect(all).not.toMatch(/\b737\b/)
    await page.close()
  })

  it('E2 a card that is known is not asked about again; another expiry date is an update', async () => {
    const page = await own.open('/pay', own.origin('pay.example'))
    await pay(page, visa)
    await page.waitForURL(/welcome/)
    await until(async () => (await saveReason(page)) === 'card-known')
    expect(own.hasInline(page)).toBe(false)
    await page.goto(`${own.origin('pay.example')}/pay-parts`)
    await pay(page, { card1: '4111', card2: '1111', card3: '1111', card4: '1111', month: '11', year: '2031', code: '737' })
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.update-card-title'))
    await press(page, words.t('extension.save.update'))
    const [known] = await cards()
    await until(async () => (await own.call('reveal', known?.id ?? '', 'expiryYear')).value === '2031', 'updated')
    expect(await cards()).toHaveLength(1)
    await page.close()
  })

  it('AUT-4 a card that was declined, and digits that are no card number, are not asked about', async () => {
    const page = await own.open('/pay', own.origin('pay.example'))
    await pay(page, { ...visa, holder: 'declined', number: '5555555555554444' })
    await page.waitForURL(/declined/)
    await until(async () => (await saveReason(page)) === 'not-succeeded')
    expect(own.hasInline(page)).toBe(false)
    await page.goto(`${own.origin('pay.example')}/pay`)
    await pay(page, { ...visa, number: '5555555555554445' })
    await page.waitForURL(/welcome/)
    await page.waitForTimeout(700)
    expect(own.hasInline(page)).toBe(false)
    expect(await cards()).toHaveLength(1)
    await page.close()
  })
})
