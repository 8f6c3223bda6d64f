import type { Frame, Page } from 'playwright-core'
import { createDoctorWords } from '@nokkel/messages/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'
import { filledCards } from './site/pages.ts'

/** The extension in a real Chromium, with a real server and the command line as the other device: what is offered and filled, and where not. */
const own = new Paired()

const value = (where: Page | Frame, name: string): Promise<string> => where.locator(`[name=${name}]`).inputValue()
const inner = async (page: Page): Promise<Frame> => {
  await until(
    async () => page.frame('inner')?.url().startsWith('http') === true && (await page.frame('inner')?.locator('input').count()) !== 0,
  )
  return page.frame('inner') as Frame
}
/** What the background would say to a focus in this very moment is nothing: given the time that it takes elsewhere to say something. */
async function staysQuiet(page: Page): Promise<boolean> {
  await page.waitForTimeout(450)
  return !own.hasInline(page)
}
async function whyOf(page: Page): Promise<string[]> {
  const { value: found } = await own.call('findings', await own.tabOf(page))
  return (found as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why.map(
    ({ about, reason }) => `${about}: ${reason}`,
  )
}
/** The doctor's causes, as the popup shows them. */
async function causesOf(page: Page): Promise<string[]> {
  const { value: found } = await own.call('findings', await own.tabOf(page))
  return (found as { readonly causes: readonly { readonly code: string }[] }).causes.map(({ code }) => code)
}
async function fillFromPopup(page: Page, title: string, confirmed = ''): Promise<unknown> {
  return (await own.call('fill', await own.idOf(title), await own.tabOf(page), confirmed)).value
}

describe('filling, in Chromium', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([
      { title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() },
      { title: 'Elsewhere', username: 'ola', password: 'hemmelig nok 2', site: 'https://elsewhere.example' },
      { title: 'One page', username: 'per', password: 'hemmelig nok 3', site: own.origin('per.github.io') },
      { title: 'Bank A', username: 'kari', password: 'hemmelig nok 4', site: own.origin('bank.example') },
      { title: 'Bank B', username: 'firma', password: 'hemmelig nok 5', site: own.origin('bank.example') },
      { title: 'With code', username: 'kari', password: 'hemmelig nok 6', site: own.origin('code.example'), totp: 'JBSWY3DPEHPK3PXP' },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
      { title: 'Mastercard', holder: 'Kari Nordmann', number: '5555555555554444', month: '3', year: '2029' },
    ])
  })
  afterAll(() => own.end())

  it('A5 signs in, shows a code, and joins when another device types it; A7 everything is there', async () => {
    await own.join()
    await own.popup.getByText('Shop', { exact: true }).waitFor()
    expect(await own.popup.getByText('Elsewhere').count()).toBe(1)
  })

  it('B1 what another device writes appears without anything being pressed', async () => {
    await own.cli.addPassword('Added later', 'hemmelig nok 9')
    await own.popup.getByText('Added later').waitFor()
    expect(await own.popup.getByText('Added later').count()).toBe(1)
  })

  it('E6 offers the account of the site at the field that has the focus, and fills it when it is chosen', async () => {
    const page = await own.open('/plain')
    expect(own.hasInline(page)).toBe(false)
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    expect(await value(page, 'user')).toBe('kari')
    expect(await staysQuiet(page)).toBe(true)
    await page.close()
  })

  it('E6 Escape closes the menu for this field, and a click opens it again; arrows and Enter choose', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.inline(page)
    await page.keyboard.press('Escape')
    expect(await staysQuiet(page)).toBe(true)
    await page.locator('#user').click()
    await own.inline(page)
    await page.waitForTimeout(800)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await until(async () => (await value(page, 'user')) === 'kari')
    expect(await value(page, 'pass')).toBe('hemmelig nok 1')
    await page.close()
  })

  it.each(['/spa', '/framework', '/shadow-open', '/shadow-closed', '/shadow-beside', '/shadow-custom-beside', '/shadow-name', '/dialog'])(
    'E6 fills at the field: %s',
    async (path) => {
      const page = await own.open(path)
      const shadow = path.startsWith('/shadow')
      if (path === '/dialog') await page.locator('#open').click()
      if (shadow) await page.evaluate('put()')
      else await page.locator('#user').click()
      await own.choose(page, /Shop/)
      const values = (): Promise<unknown> => (shadow ? page.evaluate('values()') : Promise.all([value(page, 'user'), value(page, 'pass')]))
      await until(async () => JSON.stringify(await values()) === '["kari","hemmelig nok 1"]', `${path} filled`)
      await page.waitForTimeout(100)
      expect(await values()).toEqual(['kari', 'hemmelig nok 1'])
      await page.close()
    },
  )

  it('E6 two steps: the name first, then the password, which the site focuses itself', async () => {
    const page = await own.open('/step-one')
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'user')) === 'kari')
    await page.getByRole('button').click()
    await page.waitForURL(/step-two/)
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    expect(await page.locator('[name=pass]').count()).toBe(1)
    await page.close()
  })

  it('E6 a step that its site fades in after it has got the focus', async () => {
    const page = await own.open('/fading')
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    expect(await value(page, 'user')).toBe('kari')
    await page.close()
  })

  it('E6 with several accounts the person chooses', async () => {
    const page = await own.open('/plain', own.origin('bank.example'))
    await page.locator('#user').click()
    const frame = await own.inline(page)
    expect(await frame.getByRole('listitem').count()).toBe(2)
    await own.choose(page, /Bank B/)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 5')
    expect(await value(page, 'user')).toBe('firma')
    await page.close()
  })

  it('EXT-11 the account that was used last stands first the next time', async () => {
    for (const [title, user] of [
      ['Bank A', 'kari'],
      ['Bank B', 'firma'],
      ['Bank A', 'kari'],
    ] as const) {
      const page = await own.open('/plain', own.origin('bank.example'))
      await page.locator('#user').click()
      await own.choose(page, new RegExp(title))
      await until(async () => (await value(page, 'user')) === user)
      await until(async () => {
        const { value: found } = await own.call('find', '', page.url())
        return (found as { readonly matches: readonly { readonly title: string }[] }).matches[0]?.title === title
      }, `${title} first in the popup`)
      await page.reload()
      await page.locator('#user').click()
      expect(await (await own.inline(page)).getByRole('listitem').first().textContent()).toContain(title)
      await page.close()
    }
  })

  it.each([
    ['a look-alike domain', 'shop.example.evil.example'],
    ['another site of the same ending', 'shop-example.example'],
    ['a neighbour under a public suffix', 'ola.github.io'],
  ])('E6 offers nothing on %s, and says why', async (_, host) => {
    const page = await own.open('/plain', own.origin(host))
    await page.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await whyOf(page)).toEqual(['fill: no-match'])
    expect(await causesOf(page)).toEqual(['no-match'])
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'other-site' })
    expect(await value(page, 'pass')).toBe('')
    await page.close()
  })

  it('E6 fills nothing on plain HTTP that was saved on HTTPS, not even when asked', async () => {
    const page = await own.open('/plain', own.origin('shop.example', 'http'))
    await page.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await whyOf(page)).toEqual(['fill: insecure-page'])
    expect(await causesOf(page)).toEqual(['insecure-page'])
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'insecure-page' })
    expect(await value(page, 'pass')).toBe('')
    await page.close()
  })

  it('A32 refuses a form of a secure page that is sent in the clear, and names the address of one that goes to another site', async () => {
    const page = await own.open('/insecure-action')
    await page.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'insecure-page' })
    await page.goto(`${own.origin()}/elsewhere-action`)
    await page.locator('#user').click()
    const frame = await own.inline(page)
    expect(await frame.locator('.note').textContent()).toContain(`https://collector.example:${own.site.port}`)
    await page.close()
  })

  it('E6 fills a frame of the own site like the page itself', async () => {
    const page = await own.open('/frame-same')
    const frame = await inner(page)
    await frame.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(frame, 'pass')) === 'hemmelig nok 1')
    expect(await value(frame, 'user')).toBe('kari')
    await page.close()
  })

  it('E8 a user code in a framed sign-in is the user name, and no verification code (a report of another manager)', async () => {
    const page = await own.open('/frame-user-code', own.origin('code.example'))
    const frame = await inner(page)
    await frame.locator('#user').click()
    await own.choose(page, /With code/)
    await until(async () => (await value(frame, 'pass')) === 'hemmelig nok 6')
    expect(await value(frame, 'user')).toBe('kari')
    await page.close()
  })

  it('E6 names the origin of a frame of another site, at the field and in the popup', async () => {
    const page = await own.open('/frame-cross', own.origin('partner.example'))
    const frame = await inner(page)
    expect(await fillFromPopup(page, 'Shop')).toEqual({ outcome: 'ask', origin: own.origin() })
    expect(await fillFromPopup(page, 'Shop', own.origin('evil.example'))).toEqual({ outcome: 'ask', origin: own.origin() })
    expect(await value(frame, 'pass')).toBe('')
    await frame.locator('#user').click()
    expect(await (await own.inline(page)).locator('.note').textContent()).toContain(own.origin())
    await page.keyboard.press('Escape')
    expect(await fillFromPopup(page, 'Shop', own.origin())).toMatchObject({ outcome: 'filled' })
    expect(await value(frame, 'pass')).toBe('hemmelig nok 1')
    await page.close()
  })

  it('A32 a sandboxed frame has the address of its site and not its rights: nothing', async () => {
    const page = await own.open('/frame-sandboxed')
    const frame = await inner(page)
    await frame.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'no-field' })
    expect(await value(frame, 'pass')).toBe('')
    await page.close()
  })

  it('E7 offers a strong password where a new one is asked for, fills it twice, and keeps to the rules of the site', async () => {
    const page = await own.open('/sign-up')
    await page.locator('#pass').click()
    await own.choose(page, new RegExp(words.t('extension.inline.suggestion')))
    await until(async () => (await value(page, 'pass')) !== '')
    expect(await value(page, 'pass')).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/)
    expect(await value(page, 'again')).toBe(await value(page, 'pass'))
    expect(await value(page, 'user')).toBe('')
    await page.goto(`${own.origin()}/sign-up-rules`)
    await page.locator('#pass').click()
    await own.choose(page, new RegExp(words.t('extension.inline.suggestion')))
    await until(async () => (await value(page, 'pass')) !== '')
    expect(await value(page, 'pass')).toMatch(/^\d{8}$/)
    await page.close()
  })

  it('E7 an account that is there already may be chosen where only one password is asked for, and not where a new one is repeated', async () => {
    const page = await own.open('/sign-up')
    await page.locator('#pass').click()
    expect(await (await own.inline(page)).getByRole('listitem').count()).toBe(1)
    await page.goto(`${own.origin()}/sign-up-rules`)
    await page.locator('#pass').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'pass')) !== '')
    expect(await value(page, 'pass')).toBe('hemmelig nok 1')
    await page.close()
  })

  it('E7 change of password: the old one is filled, the new one is suggested', async () => {
    const page = await own.open('/change-password')
    await page.locator('#old').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'old')) === 'hemmelig nok 1')
    expect(await value(page, 'pass')).toBe('')
    await page.locator('#pass').click()
    await own.choose(page, new RegExp(words.t('extension.inline.suggestion')))
    await until(async () => (await value(page, 'again')) !== '')
    expect(await value(page, 'old')).toBe('hemmelig nok 1')
    await page.close()
  })

  it('E8 fills the verification code', async () => {
    const page = await own.open('/code', own.origin('code.example'))
    await page.locator('#code').click()
    await own.choose(page, new RegExp(words.t('extension.inline.code')))
    await until(async () => /^\d{6}$/.test(await value(page, 'code')))
    expect(await value(page, 'code')).toHaveLength(6)
    await page.close()
  })

  describe('E8 AUT-9 a message with a code, pasted whole', () => {
    const paste = async (page: Page, message: string, where: Page | Frame = page): Promise<void> => {
      await own.popup.bringToFront()
      await own.popup.evaluate((text) => navigator.clipboard.writeText(text), message)
      await page.bringToFront()
      await where.locator('#code').click()
      // the background has said by then what the field is for
      if (where === page) await page.waitForTimeout(450)
      else await own.inline(page)
      await where.locator('#code').press('Control+V')
    }
    const note = async (page: Page): Promise<string> => {
      const shown = (): Frame | undefined => page.frames().find((each) => each.url().endsWith('/inline.html'))
      await until(async () => ((await shown()?.locator('.note').count()) ?? 0) > 0, 'the note')
      return (await shown()?.locator('.note').textContent()) ?? ''
    }
    const message = (line: string): string => `123456 er koden din hos oss.\n\n${line}\n`

    it.each(['/code', '/code-boxes'])('on the host that it names: the code alone goes in, wherever the page wants it: %s', async (path) => {
      await own.context.grantPermissions(['clipboard-read', 'clipboard-write'])
      const page = await own.open(path)
      await paste(page, message('@shop.example #123456'))
      const read = (): Promise<string> =>
        page.locator('input').evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value).join(''))
      await until(async () => (await read()) === '123456')
      expect(await staysQuiet(page)).toBe(true)
      await page.close()
    })

    it('with a locked keychain too, of which nothing is needed', async () => {
      await own.call('lock')
      const page = await own.open('/code')
      await paste(page, message('@shop.example #123456'))
      await until(async () => (await value(page, 'code')) === '123456')
      expect(await value(page, 'code')).toBe('123456')
      await page.close()
      await own.call('unlock', passcode)
    })

    it('on another host of the site: after both were named, and a click', async () => {
      const page = await own.open('/code', own.origin('per.github.io'))
      await paste(page, message('@login.per.github.io #123456'))
      expect(await note(page)).toBe(words.t('extension.inline.pasted-site', { host: 'login.per.github.io', site: 'per.github.io' }))
      expect(await value(page, 'code')).toBe('')
      await own.choose(page, /123456/)
      await until(async () => (await value(page, 'code')) === '123456')
      expect(await value(page, 'code')).toBe('123456')
      await page.close()
    })

    it('on any other site: nothing goes in, and both are named', async () => {
      for (const line of ['@bank.example #123456', '@shop.example #123456 @pay.example', '@kari.github.io #123456']) {
        const page = await own.open('/code', own.origin(line.includes('github') ? 'per.github.io' : 'shop.example'))
        await paste(page, message(line))
        const { hostname: site } = new URL(page.url())
        const host = /pay\.example|bank\.example|kari\.github\.io/.exec(line)?.[0] ?? ''
        expect(await note(page)).toBe(words.t('extension.inline.pasted-other', { host, site }))
        expect(await value(page, 'code')).toBe('')
        await page.close()
      }
    })

    it('in a frame: only if the message names it as well as the page, after a click', async () => {
      const page = await own.open('/frame-code')
      const frame = await inner(page)
      await paste(page, message('@shop.example #123456 @code.example'), frame)
      expect(await note(page)).toBe(words.t('extension.inline.pasted-site', { host: 'code.example', site: 'code.example' }))
      await own.choose(page, /123456/)
      await until(async () => (await value(frame, 'code')) === '123456')
      await frame.locator('#code').fill('')
      await page.locator('h1').click()
      await paste(page, message('@code.example #123456'), frame)
      expect(await note(page)).toContain(words.t('extension.inline.pasted-other', { host: 'code.example', site: 'code.example' }))
      expect(await value(frame, 'code')).toBe('')
      await page.close()
    })

    it('is pasted like any other text where no code is asked for, and where it names no site', async () => {
      const page = await own.open('/code')
      await paste(page, '123456')
      expect(await value(page, 'code')).toBe('123456')
      await page.goto(`${own.origin()}/plain`)
      await page.locator('#user').click()
      await own.inline(page)
      await own.popup.evaluate((text) => navigator.clipboard.writeText(text), '@shop.example #123456')
      await page.bringToFront()
      await page.locator('#user').press('Control+V')
      expect(await value(page, 'user')).toBe('@shop.example #123456')
      await page.close()
    })
  })

  it.each(filledCards)('E5 the person chooses which card, and the security code stays empty: %s', async (path, expected) => {
    const page = await own.open(path)
    await page.locator('input').first().click()
    expect(await (await own.inline(page)).getByRole('listitem').count()).toBe(2)
    await own.choose(page, /Visa.*1111/)
    const names = Object.keys(expected)
    const read = async (): Promise<Record<string, string>> =>
      Object.fromEntries(await Promise.all(names.map(async (name) => [name, await value(page, name)] as const)))
    await until(async () => (await value(page, names[0] ?? '')) !== '')
    await page.waitForTimeout(100)
    expect(await read()).toEqual(expected)
    await page.close()
  })

  it('E5 the menu does not open at the security code, and a hosted card frame is named', async () => {
    const page = await own.open('/card')
    await page.locator('[name=code]').click()
    expect(await staysQuiet(page)).toBe(true)
    await page.goto(`${own.origin()}/card-hosted`)
    const frame = await inner(page)
    await frame.locator('#number').click()
    expect(await (await own.inline(page)).locator('.note').textContent()).toContain(own.origin('pay.example'))
    await page.close()
  })

  it('E6 no menu on a search box, and none on a page without fields; each says why', async () => {
    const page = await own.open('/search')
    await page.locator('#q').click()
    expect(await staysQuiet(page)).toBe(true)
    await page.goto(`${own.origin()}/nothing`)
    expect(await whyOf(page)).toEqual(['fill: no-fillable-field'])
    expect(await causesOf(page)).toEqual(['no-field'])
    await page.close()
  })

  it('E4 a site that asks not to is left alone until it is allowed, and a press in the popup fills it', async () => {
    const page = await own.open('/off')
    await page.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await whyOf(page)).toEqual(['fill: autocomplete-off'])
    expect(await causesOf(page)).toEqual(['site-asks-not'])
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'filled' })
    await own.call('change', 'allow-site', 'shop.example')
    await page.reload()
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    await own.call('changeAutofill', { allowOff: { remove: ['shop.example'] } })
    expect(await whyOf(page)).toEqual(['fill: autocomplete-off'])
    await page.close()
  })

  it('E1 switched off, nothing is offered or filled, and the popup says what to switch on', async () => {
    await own.call('changeAutofill', { switches: { fillPasswords: false, fillCards: false } })
    const page = await own.open('/plain')
    await page.locator('#user').click()
    expect(await staysQuiet(page)).toBe(true)
    expect(await whyOf(page)).toEqual(['fill: switched-off-passwords'])
    expect(await causesOf(page)).toEqual(['passwords-off'])
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'switched-off' })
    await page.goto(`${own.origin()}/card`)
    expect(await whyOf(page)).toEqual(['fill: switched-off-cards'])
    expect(await causesOf(page)).toEqual(['cards-off'])
    await own.call('change', 'switch-on-passwords', '')
    await own.call('change', 'switch-on-cards', '')
    expect(await whyOf(page)).toEqual(['fill: offered'])
    expect(await causesOf(page)).toEqual([])
    await page.close()
  })

  it('E9 the popup says the cause, what helps, and makes the one change', async () => {
    await own.call('changeAutofill', { switches: { fillPasswords: false } })
    const page = await own.open('/plain')
    const popup = await own.popupOver(page)
    const why = popup.getByRole('group').filter({ hasText: words.t('extension.why') })
    const said = createDoctorWords(words)
    await why.getByText(said.title({ code: 'passwords-off' })).waitFor()
    expect(await why.innerText()).toContain(said.because({ code: 'passwords-off', evidence: [] }))
    expect(await why.innerText()).toContain(said.step('switch-on-passwords', 'extension'))
    await why.getByRole('button', { name: said.action('switch-on-passwords') }).click()
    await why.getByText(words.label('why-fill', 'offered')).waitFor({ state: 'attached' })
    expect(await causesOf(page)).toEqual([])
    await popup.close()
    await page.goto(`${own.origin('bank.example', 'http')}/plain`)
    const other = await own.popupOver(page)
    const evidence = [
      { name: 'host', type: 'host', value: 'bank.example' },
      { name: 'count', type: 'count', value: 2 },
    ]
    await other.getByText(said.because({ code: 'insecure-page', evidence })).waitFor({ state: 'attached' })
    expect(await causesOf(page)).toEqual(['insecure-page'])
    await other.close()
    await page.close()
  })

  it('C1 locks, refuses while locked, offers to unlock at the field, and opens with the passcode', async () => {
    await own.popup.getByRole('button', { name: words.t('web.nav.lock') }).click()
    await own.popup.getByText(words.t('web.locked.title')).waitFor()
    expect(await own.call('find', '', '')).toMatchObject({ type: 'failure', failure: { code: 'locked' } })
    const page = await own.open('/plain')
    await page.locator('#user').click()
    const frame = await own.inline(page)
    expect(await frame.getByRole('listitem').allTextContents()).toEqual([
      `${words.t('extension.inline.locked')}${words.t('extension.inline.unlock')}`,
    ])
    await page.close()
    await own.popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
    await own.popup.getByRole('button', { name: words.t('web.locked.unlock') }).click()
    await own.popup.getByText('Shop', { exact: true }).waitFor()
    expect(((await own.call('generate')).value as string).length).toBe(20)
  })
})
