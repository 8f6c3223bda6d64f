/** AUT-2: the DOM half in the system's Chromium: shadow roots, value tracking as React does it, clobbered forms, and what cannot be seen (E6). */
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBrowser } from '../e2e/browser.ts'

let browser: Browser | undefined
let code = ''

beforeAll(async () => {
  const input = fileURLToPath(new URL('../../packages/autofill/src/dom/index.ts', import.meta.url))
  const built = await rolldown({ input, logLevel: 'silent' })
  code = (await built.generate({ format: 'iife', name: 'dom' })).output[0].code
  browser = await startBrowser()
})
afterAll(async () => browser?.close())

async function inPage(html: string, expression: string): Promise<unknown> {
  const page = await (browser as Browser).newPage()
  try {
    await page.setContent(html)
    await page.evaluate(`${code};globalThis.dom = dom`)
    return await page.evaluate(expression)
  } finally {
    await page.close()
  }
}

it('fields in open shadow roots are in document order, and clobbered forms are read', async () => {
  const html = `<form action="/login"><input name="action"><input name="id"><div id="h"></div><input name="last"></form>
    <script>h.attachShadow({mode:'open'}).innerHTML='<input name="inner">'</script>`
  expect(await inPage(html, `dom.buildPage(document).model.fields.map((f) => f.name)`)).toEqual(['action', 'id', 'inner', 'last'])
  expect(await inPage(html, `dom.buildPage(document).model.forms[0].attributes.includes('/login')`)).toBe(true)
})

it('a framework that tracks values on the element notices the filling', async () => {
  const html = `<input id="a"><script>window.seen=[];const d=Object.getOwnPropertyDescriptor(HTMLInputElement.prototype,'value');let t='';
    Object.defineProperty(a,'value',{get(){return d.get.call(this)},set(v){t=v;d.set.call(this,v)}});
    a.addEventListener('input',()=>{if(a.value!==t){t=a.value;seen.push(t)}})</script>`
  expect(await inPage(html, `dom.fillField(document.getElementById('a'), 'kari'), window.seen`)).toEqual(['kari'])
})

it('E6 transparent, off-screen, zero-size and covered fields are told from visible ones', async () => {
  const html = `<input id="ok"><div style="opacity:0.1"><input id="faint"></div><input id="off" style="position:absolute;left:-900px">
    <input id="tiny" style="width:0;height:0;padding:0;border:0"><div style="position:relative;width:200px;height:40px"><input id="under">
    <div style="position:absolute;inset:0;background:red"></div></div><input id="none" style="display:none">`
  const asked = `['ok','faint','off','tiny','under','none'].map((id) => dom.visibilityFault(document.getElementById(id)) ?? 'visible')`
  expect(await inPage(html, asked)).toEqual(['visible', 'transparent', 'off-screen', 'zero-size', 'covered', 'not-rendered'])
})

it('a page of 300 inputs', async () => {
  expect(await inPage('<p>x <input></p>'.repeat(300), `dom.buildPage(document).model.fields.length`)).toBe(300)
})
