/** H1: the operators' page in a real browser: who gets in, what it shows, what it does to the status page, and what it writes into the audit log. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statusPageMessages } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { World, type Server } from './harness.ts'
import { WebPage } from './web-page.ts'

const program = join(import.meta.dirname, '../../apps/server/bin/nokkel-server.js')
const world = new World()
const data = join(world.folder, 'server')
const key = join(world.folder, 'kari.key')
const otherKey = join(world.folder, 'ola.key')
let server: Server
let browser: Browser

const run = (...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = world.spawn(program, args, { NOKKEL_DATA: data })
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
const address = async (): Promise<string> => (await run('operator', 'page', '--operator', key, '--server', server.url)).stdout.trim()

beforeAll(async () => {
  const entry: unknown = JSON.parse((await run('operator', 'init', '--name', 'kari', '--operator', key)).stdout)
  const other: unknown = JSON.parse((await run('operator', 'init', '--name', 'ola', '--operator', otherKey)).stdout)
  const operators = join(world.folder, 'operators.json')
  writeFileSync(operators, JSON.stringify([entry, other]))
  server = await world.server({ data, env: { NOKKEL_OPERATORS: operators, NOKKEL_NAME: 'Ringen' } })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await world.end()
})

describe('H1 the operators’ page', () => {
  it('is not there for anybody else, nor through a proxy, nor by a code a second time', async () => {
    expect((await fetch(`${server.url}/operator`)).status).toBe(404)
    expect((await fetch(`${server.url}/operator?code=${'A'.repeat(43)}`)).status).toBe(404)
    const link = await address()
    expect((await fetch(link, { redirect: 'manual', headers: { 'x-forwarded-for': '203.0.113.1' } })).status).toBe(404)
    const first = await fetch(link, { redirect: 'manual' })
    expect(first.status).toBe(303)
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^nokkel-operator=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/operator; Max-Age=1800$/)
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(404)
    // the cookie alone, as another site's form would send it, does nothing
    const [pair = ''] = cookie.split(';')
    const forged = await fetch(`${server.url}/operator/post`, {
      method: 'POST',
      headers: { cookie: pair, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'services=sync&level=outage&titleEn=x',
    })
    expect(forged.status).toBe(401)
    expect(await (await fetch(`${server.url}/status/summary.json`)).json()).toMatchObject({ incidents: [] })
  })

  it.each(['nb', 'en'] as const)(
    'announces, adds to it and ends it; figures are counts; the audit log has each step (%s)',
    async (language) => {
      const words = statusPageMessages[language]
      const page = await WebPage.open(browser, await address(), language, 'desktop')
      const { page: tab } = page
      await tab.getByText(`${words['op.accounts']}: 0`).waitFor()
      expect(new URL(tab.url()).search).toBe('')
      const save = tab.getByRole('button', { name: words['op.save'] })
      await save.click()
      await tab.getByRole('alert').waitFor()
      await tab.getByLabel(words['service.sync']).check()
      await tab.getByLabel(words['op.title-en']).fill(`Slow ${language}`)
      await tab.getByLabel(words['op.title-nb']).fill(`Treg ${language}`)
      await save.click()
      await tab.getByRole('heading', { name: language === 'nb' ? 'Treg nb' : 'Slow en' }).waitFor()
      await page.look(`operator`)
      expect(page.violations).toEqual([])
      const open = tab.getByRole('article')
      await open.getByLabel(words['op.text-en']).fill('A full disk.')
      await open.getByLabel(words['op.state']).selectOption('identified')
      await open.getByRole('button', { name: words['op.update'] }).click()
      const summary = (await (await fetch(`${server.url}/status/summary.json`)).json()) as { incidents: unknown[] }
      expect(summary.incidents).toMatchObject([
        { name: `Slow ${language}`, status: 'identified', incident_updates: [{ body: 'A full disk.' }, {}] },
      ])
      await tab.getByRole('article').getByRole('button', { name: words['op.resolve'] }).click()
      await tab.getByText('status-resolve').first().waitFor()
      expect(await tab.getByRole('article').count()).toBe(0)
      expect(page.complaints.filter((complaint) => !complaint.startsWith(`request to ${server.url}`))).toEqual([])
      await tab.getByRole('button', { name: words['op.sign-out'] }).click()
      await tab
        .getByText(`Slow ${language}`, { exact: true })
        .or(tab.getByText(`Treg ${language}`, { exact: true }))
        .waitFor()
      expect((await tab.goto(`${server.url}/operator`))?.status()).toBe(404)
      await page.close()
    },
  )

  it.each(['nb', 'en'] as const)('F5 shows each support case: its state, both operators, the time that is left (%s)', async (language) => {
    const words = statusPageMessages[language]
    const support = async (operator: string, ...args: string[]): Promise<Record<string, string>> =>
      JSON.parse((await run('support', ...args, '--operator', operator, '--server', server.url)).stdout) as Record<string, string>
    const person = `${language}@example.org`
    await world.device(language).create(server, person)
    const { caseId = '' } = await support(key, 'open', '--email', person, '--number', '+4741414141')
    const page = await WebPage.open(browser, await address(), language, 'desktop')
    const { page: tab } = page
    const cases = tab.getByRole('region', { name: words['op.cases'] })
    const row = cases.getByRole('row').filter({ hasText: caseId.slice(0, 12) })
    await row.getByText(words['case.opened']).waitFor()
    expect(await row.getByRole('cell').allInnerTexts()).toEqual([
      caseId.slice(0, 12),
      words['case.opened'],
      expect.stringMatching(/^kari\n20\d\d-\d\d-\d\d \d\d:\d\d UTC$/),
      words['op.case-nobody'],
      '',
    ])
    await support(otherKey, 'approve', caseId)
    await tab.reload()
    await row.getByText(words['case.waiting']).waitFor()
    expect(await row.getByRole('cell').nth(3).innerText()).toBe('ola')
    // three days, less what this test has taken
    expect(await row.getByRole('cell').nth(4).innerText()).toMatch(/ 7[12] (h|t) \d+ min$/)
    await page.look('operator-cases')
    expect(page.violations).toEqual([])
    await support(key, 'cancel', caseId)
    await tab.reload()
    await row.getByText(words['case.cancelled']).waitFor()
    // counts and cases, and nothing of whose they are
    const text = await tab.locator('body').innerText()
    expect(text).not.toContain(person)
    expect(text).not.toContain('41414141')
    await page.close()
  })

  it('the audit log is whole', async () => {
    await server.stop()
    const shown = JSON.parse((await run('audit', 'show')).stdout) as { operator: string; action: string }[]
    expect(shown.map(({ operator, action }) => `${operator} ${action}`)).toEqual([
      ...[1, 2].flatMap(() => ['kari status-post', 'kari status-update', 'kari status-resolve']),
      ...[1, 2].flatMap(() => ['kari support-open', 'ola support-approve', 'kari support-cancel']),
    ])
    expect((await run('audit', 'verify')).status).toBe(0)
  })
})
