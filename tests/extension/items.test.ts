import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { totpCode } from '@nokkel/keychain'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** One item in the popup, in a real Chromium (EXT-13): looked at, copied, edited, added, deleted; with another device that does the same. */
const own = new Paired()
const secret = 'hemmelig nok 1'
const totp = 'JBSWY3DPEHPK3PXP'
const { t, label } = words
let popup: Page

const button = (name: string) => popup.getByRole('button', { name, exact: true })
const heading = (name: string) => popup.getByRole('heading', { name, exact: true, level: 1 })
const field = (name: string) => popup.getByLabel(label('field', name), { exact: true })
const dialog = (title: string) => popup.getByRole('dialog', { name: title })
const copied = (): Promise<string> => popup.evaluate(() => navigator.clipboard.readText())
const showPassword = (): string => t('web.item.show-field', { field: label('field', 'password').toLowerCase() })
/** All that the page holds: as markup, and as what stands in its fields. */
const everything = (): Promise<string> =>
  popup.evaluate(
    () =>
      document.documentElement.outerHTML +
      [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input,textarea')].map(({ value }) => value).join('\n'),
  )
async function prove(): Promise<void> {
  await dialog(t('web.proof.title')).getByLabel(t('web.passcode'), { exact: true }).fill(passcode)
  await popup.keyboard.press('Enter')
  await dialog(t('web.proof.title')).waitFor({ state: 'detached' })
}
/** By its row, with the keyboard. */
async function open(title: string): Promise<void> {
  await popup.getByRole('listitem').locator('[data-item]').filter({ hasText: title }).first().press('Enter')
  await heading(title).waitFor()
}
async function edit(title: string): Promise<void> {
  await open(title)
  await button(t('web.item.edit')).click()
  await heading(t('web.edit.title', { title })).waitFor()
}
async function toList(): Promise<void> {
  while ((await popup.getByRole('searchbox').count()) === 0) {
    await popup.keyboard.press('Escape')
    await popup.waitForTimeout(50)
    const discard = button(t('web.typed.discard'))
    if ((await discard.count()) > 0) await discard.click()
  }
}
async function onOther(title: string): Promise<ReadonlyMap<string, unknown>> {
  await own.cli.ok(['sync'])
  const { item } = await own.cli.ok(['show', title, '--reveal'])
  return new Map((item.fields as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]))
}

describe('EXT-13 one item in the popup', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([
      { title: 'Shop', username: 'kari', password: secret, site: own.origin(), totp },
      { title: 'Bank', username: 'ola', password: 'hemmelig nok 2', site: own.origin('bank.example') },
      { title: 'Dying', username: 'dying', password: 'hemmelig nok 3', site: own.origin('dying.example') },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
    ])
    await own.cli.ok(['add', 'note', '--title', 'L'.repeat(300), '--field', 'notes=-'], { input: `${'o'.repeat(9_000)}\nend` })
    await own.join()
    await own.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    popup = await own.popupOver(await own.open('/plain'))
    await popup.setViewportSize({ width: 380, height: 600 })
    await popup.getByRole('listitem').first().waitFor()
  })
  beforeEach(async () => {
    await popup.bringToFront()
    await toList()
  })
  afterAll(() => own.end())

  it('EXT-8 opens from its row by the keyboard; no secret is in the page before it is asked for with a proof, and none after it is left', async () => {
    await own.age(6)
    await popup.reload()
    await popup.getByRole('listitem').first().waitFor()
    await open('Shop')
    await button(t('web.codes.show')).waitFor()
    for (const hidden of [secret, totp]) expect(await everything()).not.toContain(hidden)
    expect((await own.call('itemForEdit', await own.idOf('Shop'))).failure?.code).toBe('proof-needed')
    await button(showPassword()).click()
    await prove()
    await popup.getByText(secret, { exact: true }).waitFor()
    await popup.keyboard.press('Escape')
    await popup.getByRole('searchbox').waitFor()
    expect(await everything()).not.toContain(secret)
    // and the focus is where it was
    await until(() => popup.evaluate(() => document.activeElement?.textContent?.includes('Shop') === true), 'the row has the focus')
  })

  it('each field is copied, and the code runs and is that of its key', async () => {
    await open('Shop')
    for (const [name, text] of [
      ['username', 'kari'],
      ['password', secret],
    ] as const) {
      await button(t('web.item.copy-field', { field: label('field', name).toLowerCase() })).click()
      await until(async () => (await copied()) === text, 'copied')
    }
    expect(await everything()).not.toContain(secret)
    await button(t('web.item.copy-field', { field: label('field', 'code').toLowerCase() })).click()
    await until(async () => /^\d{6}$/.test(await copied()), 'the code is copied')
    const around = await Promise.all([-30_000, 0].map(async (ms) => (await totpCode(totp, Date.now() + ms)).code))
    expect(around).toContain(await copied())
    await popup.getByText(new RegExp(`^${around.map((code) => code.replace(/(...)/, '$1 ')).join('|')}$`)).waitFor()
  })

  it('what is edited here is on another device, and only what was changed was sent', async () => {
    await edit('Shop')
    await field('username').fill('kari.nordmann')
    await field('notes').fill('to linjer\nog en til')
    await own.cli.ok(['edit', 'Shop', '--field', 'password=-'], { input: 'fra maskinen' })
    await popup.getByText(t('web.edit.changed-elsewhere')).waitFor()
    await button(t('web.save')).click()
    await heading('Shop').waitFor()
    await until(async () => (await onOther('Shop')).get('username') === 'kari.nordmann', 'it is there')
    const there = await onOther('Shop')
    expect([there.get('password'), there.get('notes')]).toEqual(['fra maskinen', 'to linjer\nog en til'])
    expect(there.get('totp')).toContain(totp)
    await button(label('field', 'favorite')).click()
    await until(async () => (await onOther('Shop')).get('favorite') === true, 'the favourite')
  })

  it('C2 nothing that was typed goes without a question: Escape, back, settings, lock', async () => {
    await edit('Bank')
    const name = t('web.edit.title', { title: 'Bank' })
    await field('username').fill('ola.normann')
    for (const leave of [
      () => popup.keyboard.press('Escape'),
      () => button(t('web.back')).click(),
      () => button(t('web.nav.settings')).click(),
      () => button(t('web.nav.lock')).click(),
      () => button(t('web.cancel')).click(),
    ]) {
      await leave()
      await dialog(t('web.typed.ask')).waitFor()
      await button(t('web.typed.stay')).click()
      await dialog(t('web.typed.ask')).waitFor({ state: 'detached' })
      await heading(name).waitFor()
      expect(await field('username').inputValue()).toBe('ola.normann')
    }
    await popup.keyboard.press('Escape')
    await button(t('web.typed.discard')).click()
    await heading('Bank').waitFor()
    expect((await onOther('Bank')).get('username')).toBe('ola')
    // what is as it was needs no question
    await button(t('web.item.edit')).click()
    await heading(name).waitFor()
    await popup.keyboard.press('Escape')
    await heading('Bank').waitFor()
  })

  it('what cannot be stored is said at its field, and nothing is sent', async () => {
    await edit('Visa')
    await popup.getByLabel(t('web.item.expiry-month')).fill('13')
    await button(t('web.save')).click()
    await popup.getByText(t('web.edit.wrong.month')).waitFor()
    expect((await onOther('Visa')).get('expiryMonth')).toBe(10)
  })

  it('a new password: for the site of the tab, made here, and on the other device', async () => {
    await button(t('web.add')).click()
    await heading(t('web.edit.kind')).waitFor()
    await popup.keyboard.press('Enter')
    await heading(t('web.edit.new.password')).waitFor()
    expect(await field('title').inputValue()).toBe('shop.example')
    await field('title').fill('Ny')
    await field('username').fill('ny')
    await button(t('web.edit.generate')).click()
    await until(async () => (await field('password').inputValue()) !== '', 'made')
    const made = await field('password').inputValue()
    await button(t('web.save')).click()
    await heading('Ny').waitFor()
    expect(await everything()).not.toContain(made)
    await until(async () => (await onOther('Ny')).get('password') === made, 'it is there')
    expect((await onOther('Ny')).get(`site:${own.origin()}`)).toBe(true)
    await popup.keyboard.press('Escape')
    await popup.getByRole('listitem').filter({ hasText: 'Ny' }).first().waitFor()
  })

  it('an item that goes while its form is open takes nothing along: what was typed becomes a new one', async () => {
    await edit('Dying')
    await field('username').fill('typed here')
    await own.cli.ok(['delete', 'Dying'])
    await popup.getByText(t('web.edit.gone')).waitFor()
    await button(t('web.edit.save-new')).click()
    await heading('Dying').waitFor()
    await until(async () => (await onOther('Dying')).get('username') === 'typed here', 'it is there')
    expect((await onOther('Dying')).get('password')).toBe('hemmelig nok 3')
    // and one that is looked at says so
    await own.cli.ok(['delete', 'Dying'])
    await popup.getByText(t('web.item.gone')).waitFor()
    expect(await everything()).not.toContain('hemmelig nok 3')
  })

  it('deleting asks first, and can be taken back for 30 days', async () => {
    await open('Ny')
    await button(t('web.item.delete')).click()
    await popup.keyboard.press('Escape')
    await dialog(t('web.item.delete-ask', { title: 'Ny' })).waitFor({ state: 'detached' })
    await heading('Ny').waitFor()
    await button(t('web.item.delete')).click()
    await dialog(t('web.item.delete-ask', { title: 'Ny' }))
      .getByRole('button', { name: t('web.item.delete'), exact: true })
      .click()
    await popup.getByRole('searchbox').waitFor()
    const bin = async (): Promise<string> => {
      await own.cli.ok(['sync'])
      return JSON.stringify((await own.cli.ok(['list', '--deleted'])).items)
    }
    await until(async () => (await bin()).includes('"Ny"'), 'it is in the bin')
    expect(JSON.stringify((await own.cli.ok(['list'])).items)).not.toContain('"Ny"')
  })

  it('long values keep inside of the popup, and are all there', async () => {
    await open('L'.repeat(300))
    expect(await popup.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    await button(t('web.item.copy-field', { field: label('field', 'notes').toLowerCase() })).click()
    await until(async () => (await copied()).length === 9_004, 'all of it')
  })

  it('EXT-9 a lock takes what is shown; on a device that was removed its copy is for looking at', async () => {
    await open('Bank')
    await button(showPassword()).click()
    await popup.getByText('hemmelig nok 2', { exact: true }).waitFor()
    await own.call('lock')
    await button(t('web.locked.unlock')).waitFor()
    expect(await everything()).not.toContain('hemmelig nok 2')
    await own.call('unlock', passcode)
    await popup.getByRole('searchbox').waitFor()
    await open('Bank')
    const id = await own.idOf('Bank')
    const { devices } = (await own.cli.ok(['devices'])) as unknown as {
      readonly devices: readonly { readonly id: string; readonly name: string; readonly status: string }[]
    }
    await own.cli.ok(['devices', 'remove', devices.find(({ name }) => name === 'Chrome')?.id ?? '', '--yes'])
    await button(t('web.item.edit')).waitFor({ state: 'detached' })
    await heading('Bank').waitFor()
    for (const name of [t('web.item.delete'), label('field', 'favorite'), t('web.add')]) expect(await button(name).count()).toBe(0)
    for (const [name, ...args] of [
      ['edit', id, [['username', 'x']]],
      ['delete', id],
      ['add', 'note', [['title', 'x']]],
    ] as const)
      expect((await own.call(name, ...args)).type).toBe('failure')
    expect((await own.call('reveal', id, 'password')).value).toBe('hemmelig nok 2')
  })
})
