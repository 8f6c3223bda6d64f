import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from 'nokkel-server/process/testing'
import { startBrowser } from './browser.ts'
import { passcode, until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/**
 * A number that cannot be changed (F5), as the person meets it in the web app: the support's case on a trusted device, which stops it, and on a
 * new one, where the number that was named is chosen once the case is open. Operators and their keys are real; the 72 hours are moved in the
 * database.
 */
describe('the support and the web app', () => {
  const world = new World()
  const email = 'nummer@example.org'
  const named = '+4741414141'
  let browser: Browser
  let server: Server
  let pc: Device
  let web: WebPage
  const key = (name: string): string => join(world.folder, `${name}.key`)

  async function openCase(): Promise<void> {
    const asked = ['--server', server.url, '--operator']
    const opened = await runCommand(['support', 'open', '--email', email, '--number', named, ...asked, key('kari')])
    const { caseId } = JSON.parse(opened.stdout) as { caseId: string }
    expect((await runCommand(['support', 'approve', caseId, ...asked, key('ola')])).status).toBe(0)
  }
  async function sms(to: string): Promise<string> {
    const codes = (): string[] =>
      readFileSync(join(server.data, 'outbox', 'messages.jsonl'), 'utf8')
        .split('\n')
        .flatMap((line) => (line.includes(to) ? (/"channel":"sms".*#([0-9]{6})/.exec(line)?.[1] ?? []) : []))
    await until(async () => codes().length > 0, `an SMS to ${to}`)
    return codes().at(-1) as string
  }

  beforeAll(async () => {
    buildWebApp()
    const entries = []
    for (const name of ['kari', 'ola']) {
      const made = await runCommand(['operator', 'init', '--name', name, '--operator', key(name)])
      entries.push(JSON.parse(made.stdout) as unknown)
    }
    const operators = join(world.folder, 'operators.json')
    writeFileSync(operators, JSON.stringify(entries))
    server = await world.server({ env: { NOKKEL_OPERATORS: operators } })
    pc = world.device('PC')
    await pc.ok(['account', 'create', '--server', server.url, '--email', email, '--phone', '+4799887766', '--device-name', 'PC'])
    await pc.addPassword('Bank', 'hemmelig 1')
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, 'nb', 'desktop')
    await web.joinBy(pc, email)
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('F5 a trusted device shows the case, and stops what nobody asked for', async () => {
    await openCase()
    await web.go('/recovery')
    await web.see('web.number.support-not-you')
    await web.look('support-case')
    await web.button('web.number.support-stop').click()
    await until(async () => (await web.page.getByText(web.t('web.number.support-not-you')).count()) === 0, 'it is gone')
    expect(await pc.ok(['number', 'show'])).toMatchObject({ supportCase: null })
  })

  it('F5 a new device says what the support needs, then that it waits, then takes the number that was named', async () => {
    const found = await WebPage.open(browser, server.url, 'en', 'phone')
    await found.signIn(email)
    await found.button('web.ways.title').click()
    const choose = async (): Promise<void> => {
      await found.page
        .getByRole('button', { name: /^Passcode of / })
        .first()
        .click()
      await found.button('web.number.lost').click()
    }
    const back = async (): Promise<void> => {
      await found.button('web.back').click()
      await found.button('web.back').click()
    }
    await choose()
    await found.see('web.number.lost-text')
    await back()
    await openCase()
    await choose()
    await found.seeText(found.words.label('support', 'waiting'))
    await found.look('support-waiting')
    await back()
    const database = new DatabaseSync(join(server.data, 'nokkel.db'))
    database.exec("pragma busy_timeout = 5000; update support_cases set state = 'open' where state = 'waiting'")
    database.close()
    await choose()
    await found.see('web.number.lost-open')
    await found.field('web.number.new').fill(named)
    await found.field('web.passcode').fill(passcode)
    await found.button('web.ways.send').click()
    await found.field('web.ways.code').fill(await sms(named))
    await found.look('support-open')
    await found.button('web.number.use').click()
    await found.see('web.sms.goes-to', { digits: '41' })
    expect(await pc.ok(['number', 'show'])).toMatchObject({ number: named })
    expect(found.complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([])
    expect(found.violations).toEqual([])
  })

  it('is clean', () => {
    expect(web.complaints).toEqual([])
    expect(web.violations).toEqual([])
  })
})
