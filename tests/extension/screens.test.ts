import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMessages } from '@nokkel/messages'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, seenMs } from './chromium.ts'
import { languages, overflow, picture, themes, violations } from './looks.ts'

/** Popup and frames as people see them: accessible in both languages and both themes. Pictures for docs/images with NOKKEL_SCREENSHOTS. */
const own = new Paired()

describe('screens of the extension', () => {
  let shownQr = ''
  const atJoining: unknown[] = []
  beforeAll(async () => {
    await own.start()
    await own.seed([
      { title: 'Nettbutikken', username: 'kari@example.org', password: 'hemmelig nok 1', site: own.origin() },
      {
        title: 'Nettbutikken, firma',
        username: 'firma@example.org',
        password: 'hemmelig nok 2',
        site: own.origin(),
        totp: 'JBSWY3DPEHPK3PXP',
      },
      {
        title: 'Et nettsted med et navn som er altfor langt til å få plass',
        username: 'et.langt.brukernavn.som.ikke.slutter@eksempel.example',
        password: 'x',
        site: 'https://other.example',
      },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
    ])
    await own.popup.setViewportSize({ width: 380, height: 640 })
    await own.popup.getByLabel(createMessages('en').t('extension.server')).waitFor()
    await picture(own.popup, 'enter-en')
    await own.signIn()
    atJoining.push(await violations(own.popup), await overflow(own.popup))
    await picture(own.popup, 'joining-en')
    shownQr = await own.shownQr()
    await own.approve()
    await own.call('changeAutofill', { neverSave: { add: ['never.example'] } })
  })
  afterAll(() => own.end())

  it('JOIN-11 the request is shown as a QR code beside its digits: the request, a secret, and the server, and nothing of it as text', () => {
    expect(shownQr).toMatch(/^NOKKEL1:[0-9A-F]{128}$/)
    expect(atJoining).toEqual([[], 0])
  })

  describe.each(languages)('%s', (language) => {
    const words = createMessages(language)
    it.each(themes)('the popup is accessible, narrow and wide: %s', async (theme) => {
      await own.call('changeSettings', { language })
      const { popup } = own
      // still: what fades in has less contrast on its way
      await popup.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await popup.getByRole('button', { name: words.t('web.nav.settings') }).waitFor()
      for (const [size, width] of [
        ['narrow', 380],
        ['wide', 1_000],
      ] as const) {
        await popup.setViewportSize({ width, height: 640 })
        const look = async (screen: string): Promise<void> => {
          // before axe looks, after which the next picture may be of what was there before
          if (size === 'narrow') await picture(popup, `${screen}-${language}-${theme}`)
          expect(await violations(popup)).toEqual([])
          expect(await overflow(popup)).toBe(0)
        }
        const press = (name: string): Promise<void> => popup.getByRole('button', { name, exact: true }).click()
        const see = (title: string): Promise<void> => popup.getByRole('heading', { name: title, exact: true }).waitFor()
        await popup.getByRole('searchbox', { name: words.t('web.search') }).waitFor()
        await look('list')
        await press(words.t('web.nav.settings'))
        await see(words.t('web.nav.settings'))
        await look('settings')
        if (size === 'narrow') {
          await popup.getByLabel(words.t('extension.auto-lock')).selectOption('60')
          await popup.getByRole('dialog', { name: words.t('web.proof.title') }).waitFor()
          await look('proof')
          await popup.keyboard.press('Escape')
          await press(words.t('web.add'))
          await see(words.t('web.edit.kind'))
          await look('kinds')
          await press(words.t('web.edit.new.card'))
          await see(words.t('web.edit.new.card'))
          await look('add-card')
        }
        await press(words.t('web.back'))
        const items = [
          ['item', 'Nettbutikken, firma'],
          ['long', 'Et nettsted med et navn som er altfor langt til å få plass'],
          ['card', 'Visa'],
        ] as const
        // wide, it is the same page in its middle: one look at each sort of page will do
        for (const [name, title] of items.slice(0, size === 'wide' ? 1 : items.length)) {
          await popup.getByText(title, { exact: true }).click()
          await see(title)
          if (name === 'item') await popup.getByText(/^\d{3} \d{3}$/).waitFor()
          await look(name)
          await press(words.t('web.item.edit'))
          await see(words.t('web.edit.title', { title }))
          await look(`${name}-edit`)
          if (size === 'wide' || name === 'card') {
            await press(words.t('web.back'))
            await press(words.t('web.back'))
            continue
          }
          await popup.getByLabel(words.label('field', 'title'), { exact: true }).fill('')
          await press(words.t('web.back'))
          await popup.getByRole('dialog', { name: words.t('web.typed.ask') }).waitFor()
          await look(`${name}-typed`)
          await press(words.t('web.typed.discard'))
          await see(title)
          await press(words.t('web.item.delete'))
          await popup.getByRole('dialog').waitFor()
          await look(`${name}-delete`)
          await popup.keyboard.press('Escape')
          await press(words.t('web.back'))
        }
      }
    })

    it.each(themes)('the window that asks about a passkey is accessible: %s', async (theme) => {
      await own.call('changeSettings', { language })
      const page = await own.open('/passkey', own.origin('passkey.example'))
      const look = async (kind: 'create' | 'get', name: string): Promise<Page> => {
        await page.locator(`#${kind}`).click()
        const asked = await own.consent()
        await asked.emulateMedia({ colorScheme: theme })
        await asked.setViewportSize({ width: 424, height: 520 })
        expect(await violations(asked)).toEqual([])
        expect(await overflow(asked)).toBe(0)
        await picture(asked, `${name}-${language}-${theme}`)
        return asked
      }
      const press = async (asked: Page): Promise<void> => {
        await until(async () => {
          await page.waitForTimeout(seenMs)
          if (!asked.isClosed())
            await asked
              .locator('.main')
              .click({ timeout: 3_000 })
              .catch(() => undefined)
          await page.waitForTimeout(100)
          return asked.isClosed()
        }, 'the yes')
      }
      const wish = (name: string): Promise<unknown> => page.evaluate(`void (wish.name = ${JSON.stringify(name)})`)
      await wish(`kari-${language}-${theme}`)
      await press(await look('create', 'passkey-create'))
      await wish('et.langt.brukernavn.som.ikke.slutter.med.det.forste@eksempel.example')
      await press(await look('create', 'passkey-long'))
      await (await look('get', 'passkey-choose')).close()
      await own.call('lock')
      await (await look('get', 'passkey-locked')).close()
      await own.call('unlock', passcode)
      await page.close()
    })

    it.each(themes)('the frames at a field are accessible: %s', async (theme) => {
      await own.call('changeSettings', { language })
      const page = await own.open('/plain')
      await page.emulateMedia({ colorScheme: theme })
      await page.locator('#user').click()
      const menu = await own.inline(page)
      await menu.getByRole('button').first().hover()
      expect(await violations(menu)).toEqual([])
      expect(await overflow(menu)).toBe(0)
      await picture(page, `menu-${language}-${theme}`)
      await page.goto(`${own.origin()}/sign-up`)
      await page.locator('#pass').click()
      expect(await violations(await own.inline(page))).toEqual([])
      await picture(page, `suggestion-${language}-${theme}`)
      await page.goto(`${own.origin()}/card-hosted`)
      await page.frameLocator('iframe').locator('#number').click()
      expect(await violations(await own.inline(page))).toEqual([])
      await picture(page, `card-${language}-${theme}`)
      await page.goto(`${own.origin(`${language}-${theme}.example`)}/plain`)
      await page.locator('[name=user]').fill('kari@example.org')
      await page.locator('[name=pass]').fill('et helt nytt passord')
      await page.keyboard.press('Escape')
      await page.locator('button').click()
      await page.waitForURL(/welcome/)
      const question = await own.inline(page)
      await question.getByRole('button', { name: words.t('extension.save.save'), exact: true }).waitFor()
      expect(await violations(question)).toEqual([])
      expect(await overflow(question)).toBe(0)
      await picture(page, `save-${language}-${theme}`)
      await page.close()
    })
  })
})
