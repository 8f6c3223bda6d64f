/**
 * Passkeys in a real Chromium (PK-1 … PK-8, E8): a site of ours as the relying party, judged by an independent verifier. Long because one browser with two
 * devices is the ground of every case, and costs more to set up than any of them takes.
 */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, passcode, until } from '../e2e/harness.ts'
import { confirmedMs, Paired, seenMs, words } from './chromium.ts'
import { pages } from './site/pages.ts'
import type { Verdict } from './site/passkeys.ts'

/**
 * Passkeys in Chromium, made and used through the extension at a site whose server holds every answer with a verifier of other hands. The
 * browser's own authenticator is a virtual one: what falls to the browser is answered by it, and can be told apart by its make.
 * Long because one paired browser and one site are the ground of every case.
 */
const own = new Paired()
const ours = '4e6f6b6b-b183-4d52-9c1e-72696e672026'
const site = (): string => own.origin('kari.github.io')
const button = (name: `extension.passkey.${'create' | 'create-title' | 'use' | 'elsewhere' | 'ok'}`): string => words.t(name)

/** The browser's authenticator is there before the page: one that comes later ends what waits in the browser now and then. */
async function open(path = '/passkey', origin = site()): Promise<Page> {
  const page = await own.context.newPage()
  page.setDefaultTimeout(20_000)
  const devtools = await own.context.newCDPSession(page)
  await virtual(devtools)
  await page.goto(`${origin}${path}`)
  return page
}
async function virtual(devtools: CDPSession): Promise<void> {
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}
const wish = (page: Page, more: object): Promise<void> =>
  page.evaluate((added) => Object.assign((globalThis as unknown as { wish: object }).wish, added) && undefined, more)

async function outcome(page: Page): Promise<Verdict | string> {
  const out = page.locator('#out')
  await until(async () => ((await out.textContent()) ?? '') !== '', 'an outcome')
  const text = (await out.textContent()) ?? ''
  return text.startsWith('{') ? (JSON.parse(text) as Verdict) : text
}

const consent = (): Promise<Page> => own.consent()
const isAsked = (): boolean => own.context.pages().some((page) => page.url().includes('/consent.html'))
/** Pressed as a person does, and again if it came too soon. */
async function press(asked: Page, name: string | RegExp): Promise<void> {
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, seenMs))
    if (asked.isClosed()) return true
    await asked
      .getByRole('button', { name })
      .first()
      .click({ timeout: 3_000 })
      .catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 200))
    return asked.isClosed()
  }, 'the choice')
}
async function create(page: Page, more: object = {}): Promise<Verdict | string> {
  await wish(page, more)
  await page.locator('#create').click()
  const asked = await consent()
  await press(asked, button('extension.passkey.create'))
  return outcome(page)
}
async function use(page: Page, more: object = {}): Promise<Verdict | string> {
  await wish(page, more)
  await page.locator('#get').click()
  const asked = await consent()
  await press(asked, button('extension.passkey.use'))
  return outcome(page)
}
async function why(page: Page): Promise<readonly string[]> {
  const { value } = await own.call('findings', await own.tabOf(page))
  return (value as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why
    .filter(({ about }) => about === 'passkey')
    .map(({ reason }) => reason)
}

/** Until the person is asked, and after it, a page sees the same: a promise that is open, and one error. */
async function refused(page: Page, kind: 'create' | 'get', act: (asked: Page) => Promise<unknown>): Promise<Verdict | string> {
  await page.locator(`#${kind}`).click()
  // a press that takes its window away is never confirmed: that it went is what is waited for
  await act(await consent()).catch(() => undefined)
  await until(async () => !isAsked(), 'the window is gone')
  return outcome(page)
}
async function items(): Promise<readonly { readonly title: string; readonly username: string }[]> {
  await own.cli.ok(['sync'])
  return (await own.cli.ok(['list', '--kind', 'passkey'])).items as unknown as readonly {
    readonly title: string
    readonly username: string
  }[]
}
const named = async (name: string): Promise<number> => (await items()).filter(({ username }) => username === name).length
/** What a page makes of the options before it asks. */
const change = (page: Page, code: string): Promise<void> =>
  page.evaluate(`void (globalThis.change = (options) => { ${code}; return options })`)

describe('passkeys, in Chromium', () => {
  beforeAll(async () => {
    await own.start({ private: true })
    await own.join()
  })
  afterAll(() => own.end())

  it('E8 a passkey is created, kept like any other item, and used on the next visit', async () => {
    const page = await open()
    await page.locator('#create').click()
    const asked = await consent()
    const text = await asked.locator('#app').innerText()
    for (const part of [button('extension.passkey.create-title'), 'kari.github.io', 'kari', 'The kari']) expect(text).toContain(part)
    await press(asked, button('extension.passkey.create'))
    expect(await outcome(page)).toEqual({ ok: true, name: 'kari', aaguid: ours, userVerified: false })
    expect(await why(page)).toEqual([])

    const other = await open()
    expect(await use(other)).toEqual({ ok: true, name: 'kari', userVerified: false })
    expect(await items()).toMatchObject([{ title: 'kari.github.io', username: 'kari', sites: [site()] }])
    const { value } = await own.call('find', '', `${site()}/passkey`)
    expect((value as { readonly matches: unknown }).matches).toMatchObject([{ kind: 'passkey', username: 'kari' }])
    await page.close()
    await other.close()
  })

  it('E8 what a page gets is as the browser makes it', async () => {
    const page = await open('/passkey', own.origin('form.github.io'))
    await create(page, { name: 'form' })
    const made = await page.evaluate(() => {
      const credential = (globalThis as unknown as { last: PublicKeyCredential }).last
      const response = credential.response as AuthenticatorAttestationResponse
      return [
        credential instanceof PublicKeyCredential,
        credential instanceof Credential,
        response instanceof AuthenticatorAttestationResponse,
        credential.type,
        credential.rawId.byteLength,
        response.getTransports(),
        response.getPublicKeyAlgorithm(),
        response.getPublicKey()?.byteLength,
        response.getAuthenticatorData().byteLength,
        credential.getClientExtensionResults(),
        JSON.stringify(credential) === JSON.stringify(credential.toJSON()),
        Object.prototype.toString.call(credential),
      ]
    })
    expect(made).toEqual([
      true,
      true,
      true,
      'public-key',
      32,
      ['internal'],
      -7,
      91,
      164,
      { credProps: { rk: true } },
      true,
      '[object PublicKeyCredential]',
    ])
    await use(page, { name: 'form', allow: true })
    const used = await page.evaluate(() => {
      const credential = (globalThis as unknown as { last: PublicKeyCredential }).last
      const response = credential.response as AuthenticatorAssertionResponse
      return [response instanceof AuthenticatorAssertionResponse, response.authenticatorData.byteLength, response.userHandle?.byteLength]
    })
    expect(used).toEqual([true, 37, 16])
    await page.close()
  })

  it('E8 a passkey of another manager, imported on another device, signs in here', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const part = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'))
    const id = Buffer.from('0011223344556677889900aabbccddee', 'hex').toString('base64url')
    own.site.party.add('imported.github.io', 'kari', {
      id,
      publicKey: isoCBOR.encode(new Map<number, number | Uint8Array>([[1, 2], [3, -7], [-1, 1], [-2, part(x)], [-3, part(y)]])), // prettier-ignore
      counter: 0,
    })
    const fido = {
      credentialId: `b64.${id}`,
      keyType: 'public-key',
      keyAlgorithm: 'ECDSA',
      keyCurve: 'P-256',
      keyValue: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url'),
      rpId: 'imported.github.io',
      userHandle: Buffer.from(own.site.party.handle('imported.github.io', 'kari')).toString('base64url'),
      userName: 'kari',
      counter: '0',
      discoverable: 'true',
      creationDate: '2026-01-01T00:00:00.000Z',
    }
    const file = join(own.world.folder, 'bitwarden.json')
    const login = { username: 'kari', uris: [{ uri: 'https://imported.github.io' }], fido2Credentials: [fido] }
    writeFileSync(file, JSON.stringify({ encrypted: false, folders: [], items: [{ type: 1, name: 'Imported', login }] }))
    await own.cli.ok(['import', file])
    await until(async () => ((await own.call('find', 'Imported', '')).value as { readonly total: number }).total > 0, 'it came')
    const page = await open('/passkey', own.origin('imported.github.io'))
    expect(await use(page)).toMatchObject({ ok: true, name: 'kari' })
    await page.close()
  })

  it('E8 several accounts: one chooses, and a list of the site leaves only its own', async () => {
    const page = await open('/passkey', own.origin('several.github.io'))
    for (const name of ['kari', 'ola', 'per']) expect(await create(page, { name })).toMatchObject({ ok: true })
    await page.locator('#get').click()
    const asked = await consent()
    expect(await asked.getByRole('listitem').count()).toBe(3)
    await press(asked, /ola/)
    expect(await outcome(page)).toMatchObject({ ok: true, name: 'ola' })
    await wish(page, { name: 'per', allow: true })
    await page.locator('#get').click()
    const alone = await consent()
    expect(await alone.locator('#app').innerText()).not.toMatch(/kari|ola/)
    await press(alone, button('extension.passkey.use'))
    expect(await outcome(page)).toMatchObject({ ok: true, name: 'per' })
    await page.close()
  })

  it('E8 a new passkey of the same account takes the place of the old one', async () => {
    const page = await open('/passkey', own.origin('again.github.io'))
    await create(page, { name: 'again' })
    expect(await create(page)).toMatchObject({ ok: true })
    expect(await named('again')).toBe(1)
    expect(await use(page)).toMatchObject({ ok: true, name: 'again' })
    await page.close()
  })

  describe('PK-6 whether a person is verified', () => {
    const passcodeField = (asked: Page) => asked.locator('#passcode')

    it('required: the passcode is asked for in the window, a wrong one is no answer, and the site is told the truth', async () => {
      const page = await open('/passkey', own.origin('verified.github.io'))
      await wish(page, { name: 'verified', verification: 'required' })
      await page.locator('#create').click()
      const asked = await consent()
      await asked.waitForTimeout(seenMs)
      await asked.getByRole('button', { name: button('extension.passkey.create') }).click()
      await passcodeField(asked).fill('000000')
      await until(async () => {
        await asked.getByRole('button', { name: button('extension.passkey.create') }).click()
        return (await asked.getByRole('alert').innerText()) !== ''
      }, 'it is said')
      expect(await named('verified')).toBe(0)
      await passcodeField(asked).fill(passcode)
      await press(asked, button('extension.passkey.create'))
      expect(await outcome(page)).toMatchObject({ ok: true, userVerified: true })
      await page.locator('#get').click()
      const again = await consent()
      await passcodeField(again).fill(passcode)
      await press(again, button('extension.passkey.use'))
      expect(await outcome(page)).toMatchObject({ ok: true, userVerified: true })
      await page.close()
    })

    it('preferred: as the person likes; discouraged: not asked', async () => {
      const page = await open('/passkey', own.origin('verified.github.io'))
      await page.locator('#get').click()
      const asked = await consent()
      await passcodeField(asked).press('Enter')
      await passcodeField(asked).fill(passcode)
      await asked.waitForTimeout(seenMs)
      await answered(() => passcodeField(asked).press('Enter'), confirmedMs)
      expect(await outcome(page)).toMatchObject({ ok: true, userVerified: true })
      expect(await use(page)).toMatchObject({ ok: true, userVerified: false })
      await wish(page, { verification: 'discouraged' })
      await page.locator('#get').click()
      const quiet = await consent()
      expect(await passcodeField(quiet).count()).toBe(0)
      await press(quiet, button('extension.passkey.use'))
      expect(await outcome(page)).toMatchObject({ ok: true, userVerified: false })
      await page.close()
    })

    it('C1 locked: opened in the window, which is a proof for this act', async () => {
      const page = await open('/passkey', own.origin('verified.github.io'))
      await own.call('lock')
      await page.locator('#get').click()
      const asked = await consent()
      expect(await asked.locator('#app').innerText()).not.toContain('verified\n')
      await passcodeField(asked).fill(passcode)
      await asked.getByRole('button', { name: words.t('web.locked.unlock') }).click()
      await asked.getByRole('button', { name: button('extension.passkey.use') }).waitFor()
      await press(asked, button('extension.passkey.use'))
      expect(await outcome(page)).toMatchObject({ ok: true, userVerified: true })
      await page.close()
    })
  })

  describe('PK-5 without a yes nothing is told', () => {
    it('closed, cancelled, or closed while it is locked: one error, and nothing is kept', async () => {
      const page = await open()
      expect(await refused(page, 'get', (asked) => asked.close())).toBe('NotAllowedError')
      expect(await why(page)).toEqual(['declined'])
      const cancel = (asked: Page): Promise<void> => asked.getByRole('button', { name: words.t('web.cancel') }).click()
      expect(await refused(page, 'get', cancel)).toBe('NotAllowedError')
      await wish(page, { name: 'declined' })
      expect(await refused(page, 'create', cancel)).toBe('NotAllowedError')
      expect(await named('declined')).toBe(0)
      await own.call('lock')
      expect(await refused(page, 'get', cancel)).toBe('NotAllowedError')
      await own.call('unlock', passcode)
      await page.close()
    })

    it('this device or a security key instead: the browser answers', async () => {
      const page = await open()
      await wish(page, { name: 'elsewhere' })
      const elsewhere = (asked: Page): Promise<void> => asked.getByRole('button', { name: button('extension.passkey.elsewhere') }).click()
      const made = await refused(page, 'create', elsewhere)
      expect(made).toMatchObject({ ok: true })
      expect((made as Verdict).aaguid).not.toBe(ours)
      expect(await named('elsewhere')).toBe(0)
      await page.close()
    })

    it('that there is one already is said after the yes, and a no looks like every other', async () => {
      const page = await open('/passkey', own.origin('excluded.github.io'))
      await create(page, { name: 'twice' })
      await wish(page, { exclude: true })
      expect(await refused(page, 'create', (asked) => asked.getByRole('button', { name: words.t('web.cancel') }).click())).toBe(
        'NotAllowedError',
      )
      expect(await refused(page, 'create', (asked) => press(asked, button('extension.passkey.ok')))).toBe('InvalidStateError')
      expect(await named('twice')).toBe(1)
      await page.close()
    })

    it('a press at once after the window came is nobody’s', async () => {
      const page = await open()
      await page.locator('#get').click()
      const asked = await consent()
      // as long as the window moves, every press comes too soon: a hand that is quicker than the eye, and a script
      await asked.evaluate(() => void setInterval(() => window.dispatchEvent(new Event('resize')), 20))
      const box = await asked.locator('.main').boundingBox()
      await asked.mouse.click((box?.x ?? 0) + 20, (box?.y ?? 0) + 20)
      await asked.evaluate(() => document.querySelector<HTMLButtonElement>('.main')?.click())
      await asked.waitForTimeout(300)
      expect(asked.isClosed()).toBe(false)
      await asked.close()
      expect(await outcome(page)).toBe('NotAllowedError')
      await page.close()
    })

    it('a page that gives up or goes away takes its question along, and leaves nothing', async () => {
      const page = await open()
      await wish(page, { name: 'gone' })
      await change(page, `globalThis.stop = new AbortController(); options.signal = stop.signal`)
      await page.locator('#create').click()
      await consent()
      await page.evaluate('stop.abort()')
      await until(async () => !isAsked(), 'closed')
      expect(await outcome(page)).toBe('AbortError')
      await page.locator('#create').click()
      await consent()
      await page.goto(`${site()}/welcome`)
      await until(async () => !isAsked(), 'closed again')
      expect(await named('gone')).toBe(0)
      await page.close()
    })
  })

  describe('PK-1 what is not ours is the browser’s, and nobody is asked', () => {
    it.each<[string, string, string]>([
      [
        'algorithm-unsupported',
        'an algorithm that we have not',
        `options.publicKey.pubKeyCredParams = [{ type: 'public-key', alg: -257 }]`,
      ],
      ['attestation-wanted', 'an attestation', `options.publicKey.attestation = 'direct'`],
      ['extension-unsupported', 'a secret beside the key', `options.publicKey.extensions = { prf: {} }`],
      ['malformed', 'a short challenge', `options.publicKey.challenge = new Uint8Array(8)`],
    ])('%s: %s', async (reason, _, code) => {
      const page = await open()
      await wish(page, { name: 'native' })
      await change(page, code)
      await page.locator('#create').click()
      await outcome(page)
      expect(await why(page)).toEqual([reason])
      expect([isAsked(), await named('native')]).toEqual([false, 0])
      await page.close()
    })

    it('a site without a passkey of ours, the switch, and a private window', async () => {
      const page = await open('/passkey', own.origin('nobody.github.io'))
      await page.locator('#get').click()
      await until(async () => (await why(page)).includes('no-passkey'), 'no passkey')
      expect(isAsked()).toBe(false)
      await own.call('changeAutofill', { switches: { passkeys: false } })
      await page.reload()
      await page.locator('#create').click()
      expect(await outcome(page)).toMatchObject({ ok: true })
      expect(await why(page)).toEqual(['passkeys-off'])
      await own.call('changeAutofill', { switches: { passkeys: true } })
      await page.close()
    })

    it('requests that want no question, or ask for passwords too', async () => {
      const page = await open()
      for (const code of [`options.mediation = 'silent'`, `options.password = true`]) {
        await change(page, code)
        await page.locator('#get').click()
        await page.waitForTimeout(800)
        expect(isAsked()).toBe(false)
      }
      await page.close()
    })
  })

  describe('PK-2 for its own site alone', () => {
    it.each(['shop.example', 'github.io', 'io', 'ola.github.io', 'sub.kari.github.io', 'Kari.github.io.', ''])(
      'never for %j',
      async (rpId) => {
        const page = await open()
        for (const kind of ['create', 'get'] as const) {
          await change(page, `const key = options.publicKey; ${kind === 'create' ? 'key.rp.id' : 'key.rpId'} = ${JSON.stringify(rpId)}`)
          await page.locator(`#${kind}`).click()
          expect(await outcome(page)).toBe('SecurityError')
        }
        expect([isAsked(), await why(page)]).toEqual([false, ['other-rp']])
        await page.close()
      },
    )

    it('a page below the site may ask for it, and is named', async () => {
      const page = await open('/passkey', own.origin('login.kari.github.io'))
      await wish(page, { rpId: 'kari.github.io' })
      await page.locator('#get').click()
      const asked = await consent()
      expect(await asked.locator('#app').innerText()).toContain('login.kari.github.io')
      await press(asked, button('extension.passkey.use'))
      expect(await outcome(page)).toMatchObject({ ok: true, name: 'kari' })
      await page.close()
    })

    it('nothing of ours is on plain HTTP', async () => {
      const page = await own.open('/passkey', own.origin('kari.github.io', 'http'))
      await page.locator('#get').click()
      expect(await outcome(page)).toBe('ReferenceError')
      expect(isAsked()).toBe(false)
      await page.close()
    })

    it('a frame of another site: nothing without a policy, and with one it uses a passkey under the names of both', async () => {
      const page = await open('/passkey-frame', own.origin('partner.example'))
      const inner = page.frameLocator('iframe')
      for (const kind of ['create', 'get']) {
        await inner.locator(`#${kind}`).click()
        await until(async () => ((await inner.locator('#out').textContent()) ?? '') !== '', 'an outcome')
        expect([await inner.locator('#out').textContent(), isAsked()]).toEqual(['NotAllowedError', false])
      }
      await page.goto(`${own.origin('partner.example')}/passkey-frame-allowed`)
      await inner
        .locator('#out')
        .evaluate(
          (_, top) => Object.assign((globalThis as unknown as { wish: object }).wish, { topOrigin: top }) && undefined,
          own.origin('partner.example'),
        )
      await inner.locator('#get').click()
      const asked = await consent()
      const text = await asked.locator('#app').innerText()
      expect(text).toContain('kari.github.io')
      expect(text).toContain('partner.example')
      await press(asked, button('extension.passkey.use'))
      const out = inner.locator('#out')
      await until(async () => ((await out.textContent()) ?? '') !== '', 'an outcome')
      expect(JSON.parse((await out.textContent()) ?? '')).toMatchObject({
        ok: true,
        crossOrigin: true,
        topOrigin: own.origin('partner.example'),
      })
      await inner.locator('#create').click()
      await page.waitForTimeout(800)
      expect(isAsked()).toBe(false)
      await page.close()
    })

    it('a frame of the same site is the site; a sandboxed one is nobody', async () => {
      const page = await open('/passkey-frame-same')
      const out = page.frameLocator('iframe').locator('#out')
      await page.frameLocator('iframe').locator('#get').click()
      await press(await consent(), button('extension.passkey.use'))
      await until(async () => ((await out.textContent()) ?? '') !== '', 'an outcome')
      expect(JSON.parse((await out.textContent()) ?? '')).toEqual({ ok: true, name: 'kari', userVerified: false })
      await page.goto(`${site()}/passkey-frame-sandboxed`)
      await page.frameLocator('iframe').locator('#get').click()
      await page.waitForTimeout(800)
      expect(isAsked()).toBe(false)
      await page.close()
    })
  })

  describe('PK-8 a sign-in that waits at a field', () => {
    const field = async (page: Page): Promise<void> => {
      await page.locator('body[data-waits]').waitFor({ state: 'attached' })
      await page.locator('#user').click()
    }
    const offered = (page: Page): Promise<boolean> => page.waitForTimeout(600).then(() => own.hasInline(page))

    it('goes on with the passkey that is chosen there, after the same question; a no leaves it waiting', async () => {
      const page = await open('/passkey-field')
      await field(page)
      expect(await (await own.inline(page)).locator('#app').innerText()).toMatch(/kari\s+Passkey/)
      await own.choose(page, /kari/)
      await (await consent()).close()
      await page.waitForTimeout(400)
      expect(await page.locator('#out').textContent()).toBe('')
      await field(page)
      await own.choose(page, /kari/)
      await press(await consent(), button('extension.passkey.use'))
      expect(await outcome(page)).toEqual({ ok: true, name: 'kari', userVerified: false })
      await page.close()
    })

    it('goes on when the browser ends its own wait; what the browser says of the request itself is the page’s', async () => {
      const page = await own.context.newPage()
      // put there before any script, ours among them
      await page.addInitScript(() => {
        CredentialsContainer.prototype.get = ({ publicKey }: CredentialRequestOptions = {}) =>
          Promise.reject(
            new DOMException('Told by the browser.', publicKey?.rpId === 'ola.github.io' ? 'SecurityError' : 'NotAllowedError'),
          )
      })
      await page.goto(`${site()}/passkey-field`)
      await field(page)
      await own.choose(page, /kari/)
      await press(await consent(), button('extension.passkey.use'))
      expect(await outcome(page)).toEqual({ ok: true, name: 'kari', userVerified: false })
      await page.evaluate(`wish.rpId = 'ola.github.io', void run('get')`)
      expect(await outcome(page)).toBe('SecurityError')
      await page.close()
    })

    it('is offered at the fields that the page names, only while it waits, and nowhere else', async () => {
      const page = await open('/passkey-field')
      await page.locator('#other').click()
      expect(await offered(page)).toBe(false)
      await field(page)
      await own.inline(page)
      await page.evaluate('stop.abort()')
      expect(await outcome(page)).toBe('AbortError')
      await page.locator('h1').click()
      await field(page)
      expect(await offered(page)).toBe(false)
      // the person is at the field already when the page begins to wait
      await page.evaluate(`stop = new AbortController(), void run('get')`)
      expect(await (await own.inline(page)).locator('#app').innerText()).toMatch(/kari\s+Passkey/)
      // and closes the menu, which a page that asks again does not open
      await page.keyboard.press('Escape')
      await until(async () => !own.hasInline(page), 'closed')
      await page.evaluate(`stop.abort(), stop = new AbortController(), void run('get')`)
      expect(await offered(page)).toBe(false)
      await page.goto(`${own.origin('nobody.github.io')}/passkey-field`)
      await field(page)
      expect(await offered(page)).toBe(false)
      await own.call('changeAutofill', { switches: { passkeys: false } })
      await page.goto(`${site()}/passkey-field`)
      await field(page)
      expect(await offered(page)).toBe(false)
      await own.call('changeAutofill', { switches: { passkeys: true } })
      await page.close()
    })
  })

  describe('PK-7 a page that wants it without a person, or interferes', () => {
    it('works under a strict policy', async () => {
      const page = await open('/passkey-strict')
      expect(await use(page)).toMatchObject({ ok: true, name: 'kari' })
      await page.close()
    })

    it.each([
      ['by itself', `run('get')`],
      ['with a click of its own making', `document.getElementById('get').click()`],
      ['with an event of its own making', `document.getElementById('get').dispatchEvent(new MouseEvent('click', { bubbles: true }))`],
    ])('asks %s: nobody is asked', async (_, code) => {
      own.site.serve('/passkey-auto', `${pages['/passkey'] ?? ''}<script>${code}</script>`)
      // the driver's own looks into a page count as a person's act there, so nothing is looked at before it is over
      const page = await own.open('/passkey-auto', site())
      await until(async () => (await why(page)).includes('no-activation'), 'it was noted')
      expect(isAsked()).toBe(false)
      await page.close()
    })

    it('forged messages and handshakes reach nobody, and the name of our channel is not to be learned', async () => {
      const forge = `
const heard = []
const before = EventTarget.prototype.dispatchEvent
EventTarget.prototype.dispatchEvent = function (event) { heard.push(event.type); return before.call(this, event) }
const listen = EventTarget.prototype.addEventListener
EventTarget.prototype.addEventListener = function (type, ...rest) { heard.push(type); return listen.call(this, type, ...rest) }
JSON.stringify = ((own) => function (...args) { heard.push('stringify'); return own.apply(this, args) })(JSON.stringify)
for (const target of [document, window]) {
  listen.call(target, 'nokkelring:passkeys', (event) => heard.push('hello ' + event.detail))
  before.call(target, new CustomEvent('nokkelring:passkeys?'))
  before.call(target, new CustomEvent('nokkelring:passkeys', { detail: 'mine' }))
  listen.call(target, 'mine:1', (event) => heard.push('answer ' + event.detail))
}
const options = { challenge: 'AAAAAAAAAAAAAAAAAAAAAA', rpId: 'kari.github.io' }
globalThis.forge = () => {
  const taken = ['mine', 'nokkelring:passkeys', ''].map((name) => !before.call(document, new CustomEvent(name, { detail: '{"id":1,"kind":"get","options":' + '{}' + '}', cancelable: true })))
  postMessage({ type: 'passkey', kind: 'get', options, ancestors: [], activated: true, permitted: true }, '*')
  document.getElementById('out').textContent = 'forged ' + taken.join() + ' ' + heard.filter((each) => /^(hello|answer|stringify|[0-9a-f]{8}-)/.test(each)).join()
}`
      own.site.serve(
        '/passkey-forge',
        `<script>${forge}</script>${pages['/passkey'] ?? ''}<button id="forge" onclick="forge()">Forge</button>`,
      )
      const page = await open('/passkey-forge')
      await page.locator('#forge').click()
      // its own hello is all that it hears
      expect(await outcome(page)).toMatch(/^forged false,false,false (?:hello mine,?)+hello \{"id":1,[^-]*$/)
      await page.waitForTimeout(600)
      expect(isAsked()).toBe(false)
      // and a person who is asked all the same decides as ever
      expect(await refused(page, 'get', (asked) => asked.close())).toBe('NotAllowedError')
      await page.close()
    })

    it('the window that asks cannot be opened, framed or spoken to by a page, and shows nothing without its token', async () => {
      const { host } = new URL(own.popup.url())
      const page = await open()
      const framed = await page.evaluate(async (address) => {
        const frame = document.createElement('iframe')
        frame.src = address
        document.body.append(frame)
        await new Promise((resolve) => setTimeout(resolve, 500))
        return frame.contentDocument === null ? 'closed' : (frame.contentDocument.body?.innerText ?? '')
      }, `chrome-extension://${host}/consent.html#x`)
      expect(framed).not.toContain('kari')
      expect(page.frames().some((frame) => frame.url().endsWith('/consent.html#x'))).toBe(false)
      const bare = await own.context.newPage()
      await bare.goto(`chrome-extension://${host}/consent.html#x`)
      await new Promise((resolve) => setTimeout(resolve, 400))
      // it ends itself, or stays empty where the browser does not let it
      expect(bare.isClosed() || (await bare.locator('button').count()) === 0).toBe(true)
      if (!bare.isClosed()) await bare.close()
      await page.close()
    })

    it('one question at a time: the next one is the browser’s', async () => {
      const page = await open()
      await page.locator('#get').click()
      const asked = await consent()
      const other = await open()
      await wish(other, { name: 'second' })
      await other.locator('#create').click()
      expect(await outcome(other)).toMatchObject({ ok: true })
      expect([await why(other), await named('second')]).toEqual([['busy'], 0])
      await asked.close()
      await other.close()
      await page.close()
    })

    it('E3 in a private window none is made', async () => {
      const opened = own.context.waitForEvent('page')
      await own.popup.evaluate(
        (url) =>
          (globalThis as unknown as { chrome: { windows: { create(what: object): Promise<unknown> } } }).chrome.windows.create({
            incognito: true,
            url,
          }),
        `${site()}/passkey`,
      )
      const page = await opened
      await page.waitForLoadState()
      await virtual(await own.context.newCDPSession(page))
      await wish(page, { name: 'private' })
      await page.locator('#create').click()
      expect(await outcome(page)).toMatchObject({ ok: true })
      expect([isAsked(), await named('private')]).toEqual([false, 0])
      await page.close()
    })
  })
})
