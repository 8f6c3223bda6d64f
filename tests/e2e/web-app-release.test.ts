import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Between, type Tampering } from './between.ts'
import { startBrowser } from './browser.ts'
import { World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** The web app as a release: its page pins its files, and the command line tells which file somebody on the way has changed. */
interface Verdict {
  readonly verdict: string
  readonly findings: readonly { readonly path: string; readonly reason: string }[]
}

describe('the release of the web app', () => {
  const world = new World()
  const manifest = join(import.meta.dirname, '../../apps/web/dist/release.json')
  let browser: Browser
  let server: Server
  let cli: Device
  let between: Between
  let script = ''

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    cli = world.device('Maskinen')
    browser = await startBrowser()
    between = new Between(server.url)
    await between.start()
    script = /src="(\/assets\/[^"]+)"/.exec(await (await fetch(server.url)).text())?.[1] ?? ''
  })
  afterAll(async () => {
    between?.close()
    await browser?.close()
    await world.end()
  })

  const verify = async (url: string, with_: Tampering = () => {}): Promise<Verdict & { readonly exit: number | null }> => {
    between.tamper = with_
    const ran = await cli.run(['verify-web', url])
    return { ...(JSON.parse(ran.stdout) as Verdict), exit: ran.code }
  }

  it('WEB-1 pins every script and style that the page names, and a real browser accepts them', async () => {
    const html = await (await fetch(server.url)).text()
    const named = [...html.matchAll(/<(?:script|link)\b[^>]*"\/assets\/[^>]*>/g)].map(([tag]) => tag)
    expect(named.length).toBeGreaterThanOrEqual(2)
    for (const tag of named) expect(tag).toMatch(/ integrity="sha384-[\w+/=]{64}"/)
    const web = await WebPage.open(browser, server.url, 'nb', 'phone')
    await web.see('web.welcome.title')
    expect(web.complaints).toEqual([])
    await web.close()
  })

  it('WEB-1 a script that somebody changed on the way does not run', async () => {
    between.tamper = (path, answer) => {
      if (path === script) answer.body = Buffer.concat([answer.body, Buffer.from('\ndocument.title="tampered"')])
    }
    const web = await WebPage.open(browser, between.url, 'nb', 'phone')
    await web.page.waitForLoadState('load')
    expect(await web.page.title()).toBe('Nøkkelring')
    expect(await web.page.locator('#app').innerHTML()).toBe('')
    expect(web.complaints.join()).toMatch(/integrity/)
    await web.close()
  })

  it('WEB-2 verify-web finds an honest server the same, also through an honest proxy', async () => {
    const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: Record<string, unknown> }
    expect(Object.keys(files)).toContain('/')
    expect(Object.keys(files).some((path) => path.includes('keychain-worker'))).toBe(true)
    expect(await verify(server.url)).toMatchObject({ exit: 0, verdict: 'same', files: Object.keys(files).length, findings: [] })
    expect(await verify(between.url)).toMatchObject({ exit: 0, verdict: 'same' })
  })

  it('WEB-2 names what was changed, left out, added or weakened', async () => {
    const found = async (with_: Tampering): Promise<unknown> => {
      const { exit, verdict, findings } = await verify(between.url, with_)
      expect([exit, verdict]).toEqual([1, 'differs'])
      return findings
    }
    expect(
      await found((path, answer) => {
        if (path === script) answer.body[0] = (answer.body[0] ?? 0) ^ 1
      }),
    ).toEqual([{ path: script, reason: 'differs' }])
    // longer than it should be, and the same as far as that
    expect(
      await found((path, answer) => {
        if (path === script) answer.body = Buffer.concat([answer.body, Buffer.alloc(100_000, 32)])
      }),
    ).toEqual([{ path: script, reason: 'differs' }])
    expect(
      await found((path, answer) => {
        if (path === script) answer.status = 404
      }),
    ).toEqual([{ path: script, reason: 'missing' }])
    expect(
      await found((path, answer) => {
        if (path === '/') answer.headers.set('content-security-policy', "default-src 'none'; script-src 'self' https://evil.example")
      }),
    ).toEqual([{ path: '/', reason: 'policy' }])
    expect(
      await found((path, answer) => {
        if (path !== '/release.json') return
        const release = JSON.parse(answer.body.toString()) as { files: Record<string, unknown> }
        release.files['/assets/more.js'] = { integrity: 'sha384-x', bytes: 1 }
        answer.body = Buffer.from(JSON.stringify(release))
      }),
    ).toEqual([{ path: '/assets/more.js', reason: 'added' }])
    expect(
      await found((path, answer) => {
        if (path === '/release.json') answer.body = Buffer.from('{"format":1,"version":"0.1.0","files":{"/\\u001b[2J":{}}}')
      }),
    ).toEqual([{ path: '/release.json', reason: 'differs' }])
  })

  it('WEB-2 says it in words, in both languages, and tells a missing server from a changed one', async () => {
    between.tamper = (path, answer) => {
      if (path === script) answer.body = Buffer.from('')
    }
    for (const [language, word] of [
      ['nb', 'har et annet innhold'],
      ['en', 'has another content'],
    ] as const) {
      const ran = await cli.run(['verify-web', between.url, '--lang', language], { json: false })
      expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining(`${script}  ${word}`)])
    }
    expect((await cli.run(['verify-web', 'http://127.0.0.1:9'])).code).toBe(5)
    expect((await cli.run(['verify-web', 'http://keychain.example'])).code).toBe(2)
    expect((await cli.run(['verify-web', server.url, '--manifest', '/nowhere'])).code).toBe(2)
  })
})
