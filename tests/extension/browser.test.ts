import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, seenMs, words } from './chromium.ts'

/**
 * What is the browser's: private windows, shortcuts, the context menu, the badge, the automatic lock, and the end of the background at any moment.
 * A press of a shortcut and a choice in the browser's own menus cannot be made by a driver: they begin here with the event that they lead to.
 */
const own = new Paired()

/** As much of the interface as the background and the popup's page have. */
interface Chrome {
  readonly commands: {
    getAll(): Promise<readonly { readonly name: string; readonly shortcut: string }[]>
    readonly onCommand: { dispatch(name: string, tab: object): void }
  }
  readonly contextMenus: {
    readonly onClicked: { dispatch(click: object, tab: object): void }
    update(id: string, to: object, done: () => void): void
  }
  readonly alarms: {
    getAll(): Promise<readonly { readonly name: string; readonly periodInMinutes?: number; readonly scheduledTime: number }[]>
    readonly onAlarm: { dispatch(alarm: object): void }
  }
  readonly action: { getBadgeText(where: { readonly tabId: number }): Promise<string> }
  readonly storage: Readonly<Record<'session' | 'local', { get(): Promise<object>; set(items: object): Promise<void> }>>
  readonly runtime: { readonly lastError?: { readonly message: string } }
  readonly windows: { create(what: object): Promise<unknown> }
}
const inWorker = async <T, A>(work: (argument: A) => Promise<T>, argument: A): Promise<T> =>
  (await own.worker()).evaluate(work as (argument: unknown) => Promise<T>, argument)

const values = (page: Page): Promise<string[]> => Promise.all(['user', 'pass'].map((name) => page.locator(`[name=${name}]`).inputValue()))
const filled = (page: Page): Promise<void> => until(async () => (await values(page)).join() === 'kari,hemmelig nok 1', 'filled')
const total = async (): Promise<number> => ((await own.call('find', '', '')).value as { readonly total: number }).total

async function findings(page: Page): Promise<{ readonly causes: readonly string[]; readonly why: readonly string[] }> {
  const { value } = await own.call('findings', await own.tabOf(page))
  const { causes, why } = value as {
    readonly causes: readonly { readonly code: string }[]
    readonly why: readonly { readonly about: string; readonly reason: string }[]
  }
  return { causes: causes.map(({ code }) => code), why: why.map(({ about, reason }) => `${about}: ${reason}`) }
}
const badge = async (page: Page): Promise<string> =>
  inWorker((tabId) => (globalThis as unknown as { chrome: Chrome }).chrome.action.getBadgeText({ tabId }), await own.tabOf(page))
const command = async (page: Page, name: string): Promise<void> =>
  inWorker(async ([wanted, id]) => (globalThis as unknown as { chrome: Chrome }).chrome.commands.onCommand.dispatch(wanted, { id }), [
    name,
    await own.tabOf(page),
  ] as const)
const chosen = async (page: Page, menuItemId: string): Promise<void> =>
  inWorker(
    async ([item, id]) =>
      (globalThis as unknown as { chrome: Chrome }).chrome.contextMenus.onClicked.dispatch({ menuItemId: item }, { id }),
    [menuItemId, await own.tabOf(page)] as const,
  )
const alarm = (): Promise<void> =>
  inWorker(async () => (globalThis as unknown as { chrome: Chrome }).chrome.alarms.onAlarm.dispatch({ name: 'wake' }), null)

async function privateWindow(path: string): Promise<Page> {
  const opened = own.context.waitForEvent('page')
  await own.popup.evaluate(
    (url) => (globalThis as unknown as { chrome: Chrome }).chrome.windows.create({ incognito: true, url }),
    `${own.origin()}${path}`,
  )
  const page = await opened
  page.setDefaultTimeout(20_000)
  await page.waitForLoadState()
  return page
}
async function unlock(): Promise<void> {
  await own.call('unlock', passcode)
}
/** As if nobody had done anything for so long. Once more if a call of the popup was still under way, as after an unlock, and said that somebody is there. */
async function idle(minutes: number): Promise<void> {
  const since = Date.now() - minutes * 60_000
  await until(
    () =>
      inWorker(async (touched) => {
        const { session } = (globalThis as unknown as { chrome: Chrome }).chrome.storage
        await session.set({ 'touched-ms': touched })
        await new Promise((resolve) => setTimeout(resolve, 150))
        const now = (await session.get()) as { readonly 'touched-ms'?: number; readonly 'unlock-key'?: string }
        return now['touched-ms'] === touched || now['unlock-key'] === undefined
      }, since),
    'nobody is there',
  )
}
const keptInSession = (): Promise<string[]> =>
  inWorker(async () => Object.keys(await (globalThis as unknown as { chrome: Chrome }).chrome.storage.session.get()), null)

describe('the extension and its browser, in Chromium', () => {
  beforeAll(async () => {
    await own.start({ private: true })
    await own.seed([
      { title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() },
      { title: 'Bank A', username: 'kari', password: 'hemmelig nok 4', site: own.origin('bank.example') },
      { title: 'Bank B', username: 'firma', password: 'hemmelig nok 5', site: own.origin('bank.example') },
    ])
    await own.join()
  })
  afterAll(() => own.end())

  describe('E3 in a private window', () => {
    it('nothing is offered at the field, the popup says why, and fills when it is asked to', async () => {
      const page = await privateWindow('/plain')
      await page.locator('#user').click()
      await page.waitForTimeout(450)
      expect(own.hasInline(page)).toBe(false)
      expect(await findings(page)).toEqual({ causes: ['private-window'], why: ['fill: private-window', 'save: private-window'] })
      expect((await own.call('fill', await own.idOf('Shop'), await own.tabOf(page), '')).value).toMatchObject({ outcome: 'filled' })
      expect(await values(page)).toEqual(['kari', 'hemmelig nok 1'])
      await page.close()
    })

    it('nothing is saved, nothing is asked, and nothing is left of it', async () => {
      const before = await total()
      const page = await privateWindow('/plain')
      await page.locator('[name=user]').fill('hemmelig')
      await page.locator('[name=pass]').fill('et annet passord')
      await page.locator('button').click()
      await page.waitForURL(/welcome/)
      await until(async () => (await findings(page)).why.includes('save: private-window'))
      await page.waitForTimeout(450)
      expect(own.hasInline(page)).toBe(false)
      await page.close()
      const ordinary = await own.open('/welcome')
      await ordinary.waitForTimeout(450)
      expect(own.hasInline(ordinary)).toBe(false)
      expect(await total()).toBe(before)
      await ordinary.close()
    })

    it('no strong password is suggested by itself', async () => {
      const page = await privateWindow('/sign-up')
      await page.locator('#pass').click()
      await page.waitForTimeout(450)
      expect(own.hasInline(page)).toBe(false)
      await page.close()
    })
  })

  it('the browser has assigned both shortcuts; the one for filling fills where one account fits', async () => {
    const all = await inWorker(() => (globalThis as unknown as { chrome: Chrome }).chrome.commands.getAll(), null)
    expect(all.map(({ name, shortcut }) => [name, shortcut])).toEqual([
      ['_execute_action', 'Ctrl+Shift+X'],
      ['fill', 'Ctrl+Shift+Y'],
    ])
    const page = await own.open('/plain')
    await command(page, 'fill')
    await filled(page)
    await page.close()
  })

  it('E6 the shortcut fills nothing where several accounts fit', async () => {
    const page = await own.open('/plain', own.origin('bank.example'))
    await command(page, 'fill')
    await page.waitForTimeout(600)
    expect(await values(page)).toEqual(['', ''])
    await page.close()
  })

  it('the context menu is there, and fills', async () => {
    const missing = await inWorker(
      () =>
        Promise.all(
          ['fill', 'open', 'nobody'].map(
            (id) =>
              new Promise<boolean>((resolve) => {
                const { contextMenus, runtime } = (globalThis as unknown as { chrome: Chrome }).chrome
                contextMenus.update(id, {}, () => resolve(runtime.lastError !== undefined))
              }),
          ),
        ),
      null,
    )
    expect(missing).toEqual([false, false, true])
    const page = await own.open('/plain')
    await chosen(page, 'fill')
    await filled(page)
    await page.close()
  })

  it('the badge counts the accounts of the site, follows the tab, and says nothing while locked', async () => {
    const page = await own.open('/plain', own.origin('bank.example'))
    await until(async () => (await badge(page)) === '2', 'two')
    await page.goto(`${own.origin()}/plain`)
    await until(async () => (await badge(page)) === '1', 'one')
    await page.goto(`${own.origin('nobody.example')}/plain`)
    await until(async () => (await badge(page)) === '', 'none')
    await page.goto(`${own.origin()}/plain`)
    await until(async () => (await badge(page)) === '1', 'one again')
    await own.call('lock')
    await until(async () => (await badge(page)) === '', 'none while locked')
    await unlock()
    await until(async () => (await badge(page)) !== '', 'after unlocking')
    expect(await badge(page)).toBe('1')
    await page.close()
  })

  it('C1 locks by itself when nobody has done anything for the time that was set, and not before', async () => {
    const periods = await inWorker(() => (globalThis as unknown as { chrome: Chrome }).chrome.alarms.getAll(), null)
    expect(periods).toMatchObject([{ periodInMinutes: 0.5 }])
    await idle(4)
    await alarm()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await own.popup.getByRole('searchbox').waitFor()
    await idle(6)
    await alarm()
    await own.popup.getByRole('button', { name: words.t('web.locked.unlock') }).waitFor()
    expect((await own.call('find', '', '')).failure?.code).toBe('locked')
    expect(await keptInSession()).not.toContain('unlock-key')
    await unlock()
    await own.popup.getByRole('searchbox').waitFor()
  })

  it('C1 what the popup asks for by itself, as the running code, does not put the lock off; a key that is pressed there does', async () => {
    const touched = (): Promise<number> =>
      inWorker(async () => {
        const { session } = (globalThis as unknown as { chrome: Chrome }).chrome.storage
        return ((await session.get()) as { readonly 'touched-ms': number })['touched-ms']
      }, null)
    const id = await own.idOf('Shop')
    await idle(4)
    const before = await touched()
    for (const [name, ...args] of [
      ['find', '', ''],
      ['findings', 1],
      ['item', id],
      ['verificationCode', id],
    ] as const)
      await own.call(name, ...args)
    expect(await touched()).toBe(before)
    await own.popup.bringToFront()
    await until(async () => {
      // told at most every few seconds
      await own.popup.keyboard.press('Shift')
      return (await touched()) > before
    }, 'somebody is there')
    expect(await touched()).toBeGreaterThan(before)
  })

  describe('C1 when the machine slept for longer than that, and what a person does comes before any alarm', () => {
    const eightHours = 8 * 60
    it.each(['find', 'reveal', 'verificationCode', 'fill'])('%s finds the keychain locked, and does not put the lock off', async (name) => {
      const id = await own.idOf('Shop')
      await idle(eightHours)
      expect((await own.call(name, id, name === 'fill' ? 1 : 'password', '')).failure?.code).toBe('locked')
      expect(await keptInSession()).not.toContain('unlock-key')
      expect((await own.call('find', '', '')).failure?.code).toBe('locked')
      await unlock()
    })

    it('the same in another life of the background, which still has the key', async () => {
      const id = await own.idOf('Shop')
      await idle(eightHours)
      await own.endWorker()
      expect((await own.call('reveal', id, 'password')).failure?.code).toBe('locked')
      expect(await keptInSession()).not.toContain('unlock-key')
      await unlock()
    })

    it('a clock that was set back keeps nothing open', async () => {
      await idle(-10)
      expect((await own.call('find', '', '')).failure?.code).toBe('locked')
      await unlock()
    })

    it('a popup that is opened shows the lock', async () => {
      const page = await own.open('/plain')
      await idle(eightHours)
      const popup = await own.popupOver(page)
      await popup.getByRole('button', { name: words.t('web.locked.unlock') }).waitFor()
      expect(await popup.getByText('kari').count()).toBe(0)
      await unlock()
      await popup.close()
      await page.close()
    })

    it('a field that is touched names no account, and a menu that stood there is gone', async () => {
      const page = await own.open('/plain')
      await page.locator('#user').click()
      await own.inline(page)
      const spot = await own.aim(page, /Shop/)
      await page.waitForTimeout(seenMs)
      await idle(eightHours)
      await own.clickAt(page, spot)
      await until(() => Promise.resolve(!own.hasInline(page)), 'the menu is gone')
      expect(await values(page)).toEqual(['', ''])
      expect((await own.call('find', '', '')).failure?.code).toBe('locked')
      await page.locator('#pass').click()
      const frame = await own.inline(page)
      expect(await frame.getByRole('button').count()).toBe(1)
      expect(await frame.getByRole('button').innerText()).toContain(words.t('extension.inline.unlock'))
      await unlock()
      await page.close()
    })
  })

  describe('C2 what was copied in the popup', () => {
    const secret = 'hemmelig nok 1'
    const clipboard = (): Promise<string> => own.popup.evaluate('navigator.clipboard.readText()')
    const copy = async (): Promise<void> => {
      await own.popup.bringToFront()
      const row = own.popup.getByRole('listitem').filter({ hasText: 'Shop' })
      await row.getByRole('button', { name: words.t('extension.copy-password') }).click()
      await until(async () => (await clipboard()) === secret && (await keptInSession()).includes('copied'), 'copied')
    }
    const due = async (): Promise<void> => {
      await inWorker(async () => (globalThis as unknown as { chrome: Chrome }).chrome.alarms.onAlarm.dispatch({ name: 'clipboard' }), null)
      await until(async () => !(await keptInSession()).includes('copied'), 'looked at')
    }

    it('is gone from the clipboard after a minute, also when popup and background have ended; it is kept nowhere', async () => {
      await copy()
      const kept = await inWorker(async () => (globalThis as unknown as { chrome: Chrome }).chrome.storage.session.get(), null)
      expect(JSON.stringify(kept)).not.toContain(secret)
      const planned = await inWorker(() => (globalThis as unknown as { chrome: Chrome }).chrome.alarms.getAll(), null)
      const at = planned.find(({ name }) => name === 'clipboard')?.scheduledTime ?? 0
      expect(Math.abs(at - Date.now() - 60_000)).toBeLessThan(30_000)
      await own.endWorker()
      await due()
      await until(async () => (await clipboard()) === '', 'emptied')
      expect(await clipboard()).toBe('')
    })

    it('stays what it is when something else was copied since', async () => {
      await copy()
      await own.popup.evaluate("navigator.clipboard.writeText('something else')")
      await due()
      await own.popup.waitForTimeout(500)
      expect(await clipboard()).toBe('something else')
    })
  })

  it('E6 a lock takes what stands at a field with it', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.inline(page)
    await own.call('lock')
    await until(() => Promise.resolve(!own.hasInline(page)), 'the menu is gone')
    expect(own.hasInline(page)).toBe(false)
    await unlock()
    await page.close()
  })

  it('E1 a row that is chosen is decided again: switched off since it was listed, it fills nothing', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.inline(page)
    await own.call('changeAutofill', { switches: { fillPasswords: false } })
    await own.choose(page, /Shop/)
    await page.waitForTimeout(300)
    expect(await values(page)).toEqual(['', ''])
    await own.call('changeAutofill', { switches: { fillPasswords: true } })
    await page.locator('#pass').click()
    await own.choose(page, /Shop/)
    await filled(page)
    await page.close()
  })

  describe('when the browser ends the background', () => {
    it('goes on without a passcode, offers at the first field that is touched, and hears of other devices again', async () => {
      await own.endWorker()
      const page = await own.open('/plain')
      await page.locator('#user').click()
      await own.choose(page, /Shop/)
      await filled(page)
      await until(async () => (await badge(page)) === '1')
      await page.close()
      await own.cli.addPassword('After the end', 'hemmelig nok 9')
      await own.popup.getByText('After the end').waitFor()
      expect(await own.popup.getByText('After the end').count()).toBe(1)
    })

    it('what was locked stays locked', async () => {
      await own.call('lock')
      await own.endWorker()
      await own.popup.getByRole('button', { name: words.t('web.locked.unlock') }).waitFor()
      expect((await own.call('find', '', '')).failure?.code).toBe('locked')
      await unlock()
    })

    it('A41 nothing secret is written down for it: the key, two times and that open tabs were reached are in memory alone, and no file of the extension but the sealed store', async () => {
      const stored = await inWorker(async () => {
        const { storage } = (globalThis as unknown as { chrome: Chrome }).chrome
        return { local: Object.keys(await storage.local.get()), session: Object.keys(await storage.session.get()).sort() }
      }, null)
      expect(stored).toEqual({ local: [], session: ['open-tabs-reached', 'person-proof', 'touched-ms', 'unlock-key'] })
    })
  })

  it('E6 the menu opens each time, without the popup ever having been opened (a report of another manager)', async () => {
    for (let turn = 0; turn < 4; turn++) {
      if (turn % 2 === 1) await own.endWorker()
      for (const path of ['/plain', '/late', '/step-one']) {
        const page = await own.open(path)
        await page.locator('#user').click()
        const frame = await own.inline(page)
        expect(await frame.getByRole('button', { name: /Shop/ }).count()).toBe(1)
        await page.close()
      }
    }
  })

  it('E2 a page without form, names or a real button: filled, and a new login of it saved (a report of another manager)', async () => {
    const page = await own.open('/bare')
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await page.locator('#pass').inputValue()) === 'hemmelig nok 1')
    expect(await page.locator('#user').inputValue()).toBe('kari')
    await page.goto(`${own.origin('bare.example')}/bare`)
    await page.locator('#user').fill('ny@example.org')
    await page.locator('#pass').fill('nytt passord 20')
    await page.keyboard.press('Escape')
    await page.locator('#go').click()
    await own.choose(page, words.t('extension.save.save'))
    const saved = async (): Promise<readonly { readonly username: string }[]> =>
      ((await own.call('find', '', own.origin('bare.example'))).value as { readonly matches: readonly { readonly username: string }[] })
        .matches
    await until(async () => (await saved()).length === 1, 'saved')
    expect(await saved()).toMatchObject([{ username: 'ny@example.org' }])
    await page.close()
  })

  it('C1 a device that was removed and keeps its copy locks like any other', async () => {
    const devices = (await own.cli.ok(['devices']))['devices'] as readonly { readonly id: string; readonly name: string }[]
    await own.cli.ok(['devices', 'remove', devices.find(({ name }) => name === 'Chrome')?.id ?? '', '--yes'])
    await until(async () => (await own.call('add', 'password', [['title', 'after']])).failure !== undefined, 'it knows')
    expect((await own.call('find', '', '')).type).toBe('result')
    await idle(6)
    await alarm()
    await until(async () => !(await keptInSession()).includes('unlock-key'), 'the key is gone')
    expect((await own.call('find', '', '')).failure?.code).toBe('locked')
    await unlock()
    await idle(6)
    expect((await own.call('find', '', '')).failure?.code).toBe('locked')
  })
})
