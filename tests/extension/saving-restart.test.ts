import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/**
 * What was typed and is not saved yet, when the browser ends the background or the keychain is locked, in a real Chromium: it waits in the
 * browser's memory for its time, and no longer (E2, EXT-5).
 */
const own = new Paired()

interface Login {
  readonly id: string
  readonly username: string
}
async function logins(host: string): Promise<readonly Login[]> {
  const { value } = await own.call('find', '', own.origin(host))
  return (value as { readonly matches: readonly Login[] } | undefined)?.matches ?? []
}
async function signIn(page: Page, username: string, password: string): Promise<void> {
  if (username !== '') await page.locator('[name=user]').fill(username)
  await page.locator('[name=pass]').fill(password)
  await page.keyboard.press('Escape')
  await page.locator('button').first().click()
}
async function question(page: Page): Promise<string> {
  return (await (await own.inline(page)).locator('main').innerText()).split('\n')[0] ?? ''
}
/** What the browser's memory holds for the background's next life. */
const kept = async (): Promise<string> =>
  (await own.worker()).evaluate(async () => {
    const { storage } = (globalThis as unknown as { chrome: { storage: { session: { get(key: null): Promise<unknown> } } } }).chrome
    return JSON.stringify(await storage.session.get(null))
  })
async function save(page: Page, host: string, login: { readonly username: string; readonly password: string }): Promise<void> {
  expect(await question(page)).toBe(words.t('extension.save.save-title'))
  await own.choose(page, words.t('extension.save.save'))
  await until(async () => (await logins(host)).length === 1, 'saved')
  const [saved] = await logins(host)
  expect(saved?.username).toBe(login.username)
  expect((await own.call('reveal', saved?.id ?? '', 'password')).value).toBe(login.password)
  await until(async () => !(await kept()).includes(login.password), 'nothing is kept any more')
  await page.close()
}

describe('saving, when the background ends or the keychain is locked', () => {
  beforeAll(async () => {
    await own.start()
    await own.join()
  })
  afterAll(() => own.end())

  it('E2 a question that was not answered stands on the next page, when the background was ended meanwhile', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await signIn(page, 'ola', 'nytt passord 1')
    await page.waitForURL(/welcome/)
    await own.inline(page)
    await own.endWorker()
    await page.goto(`${own.origin('first.example')}/nothing`)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await save(page, 'first.example', { username: 'ola', password: 'nytt passord 1' })
  })

  it('E2 a question whose background was ended under it is put once more on the same page, and its answer counts', async () => {
    const page = await own.open('/plain', own.origin('same.example'))
    await signIn(page, 'ola', 'nytt passord 2')
    await page.waitForURL(/welcome/)
    const before = await own.inline(page)
    await own.endWorker()
    await own.call('find', '', '')
    await until(async () => own.hasInline(page) && before.isDetached(), 'put once more')
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await save(page, 'same.example', { username: 'ola', password: 'nytt passord 2' })
  })

  it('E2 the name of a first step is saved with the password of the second, when the background was ended between them', async () => {
    const page = await own.open('/step-one', own.origin('steps.example'))
    await page.locator('[name=user]').fill('anne')
    await page.locator('button').click()
    await page.waitForURL(/step-two/)
    await until(async () => (await kept()).includes('anne'), 'kept')
    await own.endWorker()
    await signIn(page, '', 'nytt passord 3')
    await page.waitForURL(/welcome/)
    expect(await question(page)).toBe(words.t('extension.save.save-title'))
    await save(page, 'steps.example', { username: 'anne', password: 'nytt passord 3' })
  })

  it.each([
    ['is alive', 'locked.example', 'nytt passord 4'],
    ['is ended', 'ended.example', 'nytt passord 5'],
  ])('E2 a sign-in while locked is not asked about until the unlock; the background %s', async (life, host, password) => {
    await own.call('lock')
    const page = await own.open('/plain', own.origin(host))
    await signIn(page, 'per', password)
    await page.waitForURL(/welcome/)
    await until(async () => (await kept()).includes(password), 'kept')
    await page.waitForTimeout(500)
    expect(own.hasInline(page)).toBe(false)
    if (life === 'is ended') await own.endWorker()
    expect(await own.call('find', '', '')).toMatchObject({ type: 'failure' })
    await own.call('unlock', passcode)
    await save(page, host, { username: 'per', password })
  })

  it('C1 a lock forgets what was typed before it, in the browser’s memory too', async () => {
    const page = await own.open('/plain', own.origin('forgotten.example'))
    await signIn(page, 'per', 'nytt passord 6')
    await page.waitForURL(/welcome/)
    await own.inline(page)
    expect(await kept()).toContain('nytt passord 6')
    await own.call('lock')
    expect(await kept()).not.toContain('nytt passord 6')
    await own.call('unlock', passcode)
    await page.goto(`${own.origin('forgotten.example')}/nothing`)
    await page.waitForTimeout(800)
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })

  it('EXT-5 after five minutes it is gone, whether or not the background lived', async () => {
    const page = await own.open('/plain', own.origin('late.example'))
    await signIn(page, 'per', 'nytt passord 7')
    await page.waitForURL(/welcome/)
    await own.inline(page)
    // six minutes, without waiting for them
    await (
      await own.worker()
    ).evaluate(async () => {
      interface Area {
        get(key: string): Promise<Record<string, [number, { sinceMs: number }][]>>
        set(items: object): Promise<void>
      }
      const area = (globalThis as unknown as { chrome: { storage: { session: Area } } }).chrome.storage.session
      const found = (await area.get('saving-pending'))['saving-pending'] ?? []
      for (const [, value] of found) value.sinceMs -= 6 * 60_000
      await area.set({ 'saving-pending': found })
    })
    await own.endWorker()
    await own.call('find', '', '')
    await until(async () => !(await kept()).includes('nytt passord 7'), 'gone')
    await page.goto(`${own.origin('late.example')}/nothing`)
    await page.waitForTimeout(800)
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })
})
