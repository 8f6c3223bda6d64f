import { createHash } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMessages } from '@nokkel/messages'
import { Between, type Tampering } from './between.ts'
import { startBrowser } from './browser.ts'
import { until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** The installed app: what its service worker keeps, how it does without a network, and how a newer release takes its place or does not. */
const sha384 = (content: Uint8Array): string => `sha384-${createHash('sha384').update(content).digest('base64')}`

describe('the web app, installed', () => {
  const world = new World()
  let browser: Browser
  let server: Server
  let between: Between
  let web: WebPage
  let cli: Device
  let files: Record<string, { integrity: string }>

  const kept = (): Promise<Record<string, string[]>> =>
    web.page.evaluate(async () => {
      const found: Record<string, string[]> = {}
      for (const name of await caches.keys())
        found[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname).sort()
      return found
    })
  /** As the browser does by itself once in a while. */
  const lookForUpdate = (): Promise<string> =>
    web.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      try {
        await registration.update()
      } catch {
        return 'refused'
      }
      const worker = registration.installing
      if (worker !== null)
        await new Promise<void>((done) => worker.addEventListener('statechange', () => worker.state !== 'installing' && done()))
      return worker?.state ?? (registration.waiting === null ? 'nothing' : 'installed')
    })
  /** Another release: the page says so in a tag, and its service worker holds the new hash. */
  const release = (mark: string, spoil: Tampering = () => {}): Tampering => {
    const page = (body: Buffer): Buffer =>
      Buffer.from(body.toString().replace('<title>', `<meta name="release" content="${mark}" /><title>`))
    const old = files['/']?.integrity ?? ''
    return (path, answer) => {
      if (path === '/') answer.body = page(answer.body)
      if (path === '/service-worker.js') {
        const text = answer.body.toString()
        if (!text.includes(old)) throw new Error('the service worker does not hold the hash of the page')
        answer.body = Buffer.from(text.replace(old, newHash).replace(/id: ?"[^"]+"/, `id: "${mark}"`))
      }
      spoil(path, answer)
    }
  }
  let newHash = ''

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    between = new Between(server.url)
    await between.start()
    files = ((await (await fetch(`${server.url}/release.json`)).json()) as { files: typeof files }).files
    browser = await startBrowser()
    cli = world.device('Maskinen')
    web = await WebPage.open(browser, between.url, 'nb', 'phone')
  })
  afterAll(async () => {
    await browser?.close()
    between?.close()
    await world.end()
  })

  it('WEB-3 keeps the files of the release and nothing else, and never an answer of the server', async () => {
    await web.see('web.welcome.title')
    await web.createAccount('kari@example.org')
    await web.page.evaluate(() => navigator.serviceWorker.ready)
    const [[name, paths] = ['', []], ...more] = Object.entries(await kept())
    expect([name, more]).toEqual([expect.stringMatching(/^nokkelring-/), []])
    // what the service worker itself consists of is kept by the browser
    expect(paths).toEqual(
      Object.keys(files)
        .filter((path) => path !== '/service-worker.js')
        .sort(),
    )
    expect(paths.some((path) => path.startsWith('/v1') || path === '/release.json')).toBe(false)
  })

  it('A6 WEB-3 opens, unlocks and takes changes without any network, and sends them when it is back', async () => {
    await cli.joinBy(await approverInBrowser(), server, 'kari@example.org')
    between.cut()
    await web.page.reload()
    await web.see('web.locked.title')
    await web.unlock()
    await web.see('web.banner.offline')
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t('web.edit.new.note') }).click()
    await web.field('field.title').fill('Skrevet uten nett')
    await web.button('web.save').click()
    await web.see('web.banner.pending', { count: 1 })
    between.down = false
    await until(async () => {
      await cli.ok(['sync'])
      return (await cli.ok(['list', 'uten nett'])).items.length === 1
    }, 'the change arrived at the other device')
    expect((await cli.contents()) as unknown[]).toHaveLength(1)
  })

  it('F9 PUSH-1 a notice says what kind of thing happened in the app’s own words, and only where the app is not in sight', async () => {
    await web.page.context().grantPermissions(['notifications', 'clipboard-read', 'clipboard-write'])
    const devtools = await web.page.context().newCDPSession(web.page)
    const registered = new Promise<string>((done) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => first && done(first.registrationId)),
    )
    await devtools.send('ServiceWorker.enable')
    const registrationId = await registered
    const deliver = (data: string): Promise<unknown> =>
      devtools.send('ServiceWorker.deliverPushMessage', { origin: between.url, registrationId, data })
    const shown = (): Promise<string[]> =>
      web.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`).sort()
      })
    await deliver('{"kind":"keychain-reset"}')
    expect(await shown()).toEqual([])
    await web.page.goto('about:blank')
    await deliver('{"kind":"join-request"}')
    await deliver('{"kind":"constructor","text":"Ring 12345678"}')
    await deliver('not JSON')
    await web.page.goto(between.url)
    await web.see('web.locked.title')
    await until(async () => (await shown()).length === 3, 'the notices are there')
    const other = `Nøkkelring: ${web.t('web.notice.other')}`
    expect(await shown()).toEqual([`Nøkkelring: ${web.t('web.notice.join-request')}`, other, other].sort())
    await web.unlock()
    await web.field('web.search').waitFor()
    // the language that was set, whatever the browser's is
    const language = web.page.getByLabel(web.t('web.language'), { exact: true })
    await web.go('/settings')
    await language.selectOption('en')
    const english = createMessages('en')
    await web.page.getByRole('heading', { name: english.t('web.settings.title'), level: 1 }).waitFor()
    await until(() => web.page.evaluate(() => caches.has('notice-language')), 'it is kept')
    await web.page.goto('about:blank')
    await deliver('{"kind":"join-request"}')
    await web.page.goto(between.url)
    await until(
      async () => (await shown()).includes(`${english.t('web.app')}: ${english.t('web.notice.join-request')}`),
      'it speaks English',
    )
    await web.unlock()
    await web.page.getByLabel(english.t('web.search'), { exact: true }).waitFor()
    // a press on it leads to the devices, also where the app is open already
    const [worker] = web.page.context().serviceWorkers()
    await worker?.evaluate(`registration.getNotifications().then(([notification]) => {
      dispatchEvent(new NotificationEvent('notificationclick', { notification }))
    })`)
    await web.page.getByRole('heading', { name: english.t('web.devices.title'), level: 1 }).waitFor()
    await web.go('/settings')
    await web.page.getByLabel(english.t('web.language'), { exact: true }).selectOption('system')
    await web.page.getByRole('heading', { name: web.t('web.settings.title'), level: 1 }).waitFor()
    await until(async () => !(await web.page.evaluate(() => caches.has('notice-language'))), 'nothing is kept')
  })

  it('WEB-3 takes no release that is not whole: the present one goes on', async () => {
    const before = await kept()
    const html = await (await fetch(`${server.url}/`)).text()
    newHash = sha384(Buffer.from(html.replace('<title>', '<meta name="release" content="broken" /><title>')))
    const script = /src="(\/assets\/[^"]+)"/.exec(html)?.[1] ?? ''
    const spoilt: readonly (readonly [string, Tampering])[] = [
      ['a script that is another', (path, answer) => void (path === script && (answer.body = Buffer.from('alert(1)')))],
      ['a file that is missing', (path, answer) => void (path === '/icon.svg' && (answer.status = 404))],
      [
        'a policy that lets anything run',
        (path, answer) => void (path === '/' && answer.headers.set('content-security-policy', "default-src 'none'; script-src *")),
      ],
      ['no policy', (path, answer) => void (path === script && answer.headers.delete('content-security-policy'))],
      [
        'a service worker that is no script',
        (path, answer) => void (path === '/service-worker.js' && answer.headers.set('content-type', 'text/plain')),
      ],
    ]
    for (const [what, spoil] of spoilt) {
      // a name of its own for each, so that each is another service worker to the browser
      between.tamper = release('broken', (path, answer) => {
        if (path === '/service-worker.js') answer.body = Buffer.concat([answer.body, Buffer.from(`\n// ${what}`)])
        spoil(path, answer)
      })
      expect([what, await lookForUpdate()]).toEqual([what, what.startsWith('a service worker') ? 'refused' : 'redundant'])
      expect([what, await kept()]).toEqual([what, before])
    }
    await web.page.reload()
    await web.see('web.locked.title')
    expect(await web.page.locator('meta[name="release"]').count()).toBe(0)
    await web.unlock()
    await web.go('/settings')
    between.tamper = release('broken', spoilt[0]?.[1])
    await lookForUpdate()
    await web.see('web.update.failed')
  })

  it('WEB-3 a whole release waits until a person takes it, and then there is nothing of the old one left', async () => {
    const html = await (await fetch(`${server.url}/`)).text()
    newHash = sha384(Buffer.from(html.replace('<title>', '<meta name="release" content="next" /><title>')))
    between.tamper = release('next')
    // the app looks by itself as well, and the browser joins two looks into one, whose release may still be the broken one
    await until(async () => (await lookForUpdate()) === 'installed', 'the release is kept')
    await web.see('web.update.ready')
    await web.look('update')
    // not by itself, not even when the window is loaded anew
    await web.page.reload()
    await web.see('web.locked.title')
    expect(await web.page.locator('meta[name="release"]').count()).toBe(0)
    await web.button('web.update.use').click()
    await web.page.locator('meta[name="release"][content="next"]').waitFor({ state: 'attached' })
    await web.see('web.locked.title')
    expect(Object.keys(await kept())).toEqual(['nokkelring-next'])
    await web.unlock()
    await web.go('/items/all')
    await web.option('Skrevet uten nett').waitFor()
    expect(await web.button('web.update.use').count()).toBe(0)
  })

  it('is clean: no accessibility violation, no complaint but the lost network and the refused files', async () => {
    expect(web.violations).toEqual([])
    expect(
      web.complaints.filter((text) => !/net::ERR_|WebSocket|integrity|bad HTTP response code|unsupported MIME type/.test(text)),
    ).toEqual([])
  })

  /** The browser stands in for a device that approves. */
  async function approverInBrowser(): Promise<Device> {
    return {
      ok: async (args: readonly string[]) => {
        const code = args.at(-1) ?? ''
        await web.go('/devices')
        await web.button('web.devices.approve').click()
        await web.field('web.devices.code').fill(code)
        await web.page
          .getByRole('dialog')
          .getByRole('button', { name: web.t('web.devices.approve') })
          .click()
        await web.see('web.devices.no-more')
        await web.go('/items/all')
        return {} as Awaited<ReturnType<Device['ok']>>
      },
    } as Device
  }
})
