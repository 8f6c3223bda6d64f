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

const field = '<input id="f" style="width:200px;height:30px">'
const cover = 'position:absolute;inset:0;background:#fff'
const around = (style: string, inner: string): string => `<div style="position:relative;width:220px;height:40px;${style}">${inner}</div>`
const deep = (outer: string): string =>
  `<div id="h" style="width:220px;height:40px"></div>${outer}<script>h.attachShadow({mode:'open'}).innerHTML='${field}'</script>`

it('roots of custom elements and of empty ones, each in its place and in another one; a document whose own names are hidden is read', async () => {
  const html = `<title>Shop</title><img name="title"><img name="URL"><img name="evaluate">
    <x-a id="a"><input name="light"></x-a><input name="one"><section id="b"></section><x-c id="c"></x-c><input name="two"><x-d id="d"></x-d>
    <script>
      const root = (id, html) => (document.getElementById(id).attachShadow({mode:'open'}).innerHTML = html)
      root('a', '<input name="a1">'); root('b', '<input name="b1"><x-in></x-in>'); root('c', '<input name="c1">'); root('d', '<input name="d1">')
      b.shadowRoot.querySelector('x-in').attachShadow({mode:'open'}).innerHTML = '<input name="deep">'
    </script>`
  const names = ['a1', 'light', 'one', 'b1', 'deep', 'c1', 'two', 'd1']
  expect(await inPage(html, `dom.buildPage(document).model.fields.map((f) => f.name)`)).toEqual(names)
  expect(await inPage(html, `dom.buildPage(document, { everyHost: true }).model.fields.map((f) => f.name)`)).toEqual(names)
  expect(await inPage(html, `dom.buildPage(document).model.title`)).toBe('Shop')
  expect(await inPage(html, `dom.buildPage(document).partial`)).toBe(false)
  // where there is a password without them, all are left to the second look, and the first says so
  const withPassword = `${html}<input name="p" type="password">`
  const look = (options: string): string =>
    `(({ model, partial }) => [...model.fields.map((f) => f.name), partial])(dom.buildPage(document, ${options}))`
  expect(await inPage(withPassword, look('{}'))).toEqual(['light', 'one', 'two', 'p', true])
  expect(await inPage(withPassword, look('{ everyHost: true }'))).toEqual([...names, 'p', false])
})

it('texts of a form are read when they are asked for, and a copy has them all', async () => {
  const html = `<title>Shop</title><form id="f"><h2>Welcome</h2><input><button>Sign in</button><a>Forgot?</a></form>`
  const read = `(() => { const { model } = dom.buildPage(document); f.querySelector('button').textContent = 'Register'
    return [structuredClone(model), JSON.parse(JSON.stringify(model)), { ...model, forms: model.forms.map((form) => ({ ...form })) }] })()`
  const form = { attributes: 'f    ', autocomplete: '', buttons: 'Register', headings: 'Welcome', links: 'Forgot?', actionOrigin: '' }
  for (const copy of (await inPage(html, read)) as unknown[]) expect(copy).toMatchObject({ title: 'Shop', forms: [form] })
})

it.each([
  ['plain', field, 'visible'],
  ['in its label', `<label>Name ${field}</label>`, 'visible'],
  ['in a label with a background', `<label style="background:#eee">Name ${field}</label>`, 'visible'],
  ['under the text of its label', around('', `${field}<label for="f" style="position:absolute;inset:0">Name</label>`), 'visible'],
  [
    'with a button over its end',
    around('', `${field}<button style="position:absolute;right:20px;width:40px;inset-block:0">x</button>`),
    'visible',
  ],
  ['half outside of the window', `<div style="position:absolute;left:-90px">${field}</div>`, 'visible'],
  ['in a shadow root', deep(''), 'visible'],
  ['in a scaled form that is still large', around('transform:scale(.8)', field), 'visible'],
  ['behind a mask that fades at the end', around('mask-image:linear-gradient(90deg,#000 80%,transparent)', field), 'visible'],
  ['not displayed', around('display:none', field), 'not-rendered'],
  ['not visible', around('visibility:hidden', field), 'not-rendered'],
  ['in content that is skipped', around('content-visibility:hidden', field), 'not-rendered'],
  ['opacity of its own', '<input id="f" style="opacity:.1">', 'transparent'],
  ['opacity of one around', around('opacity:.1', field), 'transparent'],
  ['opacities that multiply', `<div style="opacity:.4">${around('opacity:.4', field)}</div>`, 'transparent'],
  ['opacity as a filter', around('filter:opacity(5%)', field), 'transparent'],
  ['opacity and a filter', `<div style="opacity:.4">${around('filter:opacity(.4)', field)}</div>`, 'transparent'],
  ['blurred', around('filter:blur(20px)', field), 'transparent'],
  ['masked', around('mask-image:linear-gradient(transparent,transparent)', field), 'transparent'],
  ['without size', '<input id="f" style="width:0;height:0;padding:0;border:0">', 'zero-size'],
  ['scaled away', around('transform:scale(.01)', field), 'zero-size'],
  ['left of the window', '<input id="f" style="position:absolute;left:-900px">', 'off-screen'],
  ['fixed below the window', '<input id="f" style="position:fixed;top:200vh">', 'off-screen'],
  ['translated out', around('transform:translateX(-500px)', field), 'off-screen'],
  ['under a cover', around('', `${field}<div style="${cover}"></div>`), 'covered'],
  ['in a shadow root, under a cover outside of it', deep(`<div style="position:fixed;inset:0;background:#fff"></div>`), 'covered'],
  ['under its own label, painted', around('', `${field}<label for="f" style="${cover}">Win</label>`), 'covered'],
  [
    'under a label of another field',
    around('', `${field}<label for="g" style="position:absolute;inset:0">Name</label><input id="g">`),
    'covered',
  ],
  [
    'under what its form generates',
    `<style>#c::after{content:"";${cover}}</style><form id="c" style="position:relative;width:220px">${field}</form>`,
    'clipped',
  ],
  [
    'under what its label generates',
    `<style>#c::after{content:"";${cover}}</style><label id="c" style="position:relative;display:block;width:220px">${field}</label>`,
    'clipped',
  ],
  ['in a box without height', `<div style="height:0;overflow:hidden">${field}</div><p style="height:200px">text</p>`, 'covered'],
  [
    'cut off by a box around',
    around(
      'height:60px;overflow:hidden',
      `<div style="position:absolute;top:25px;height:10px;overflow:hidden"><div style="margin-top:-25px">${field}</div></div>`,
    ),
    'clipped',
  ],
  ['cut to a circle', around('clip-path:circle(1px at 0 0)', field), 'clipped'],
  ['cut to a polygon', around('clip-path:polygon(0 0,5px 0,0 5px)', field), 'clipped'],
  ['does not take clicks', around('', '<input id="f" style="pointer-events:none">'), 'clipped'],
])('E6 what a person can see of a field: %s', async (_, html, expected) => {
  const asked = `dom.visibilityFault(document.getElementById('f') ?? h.shadowRoot.getElementById('f')) ?? 'visible'`
  expect(await inPage(`<!doctype html><body style="margin:20px">${html}`, asked)).toBe(expected)
})

it('E6 a form taller than the window is filled step by step, and what a step hides is refused at the next', async () => {
  const tall = (script: string): string =>
    `<!doctype html><form><input id="a"><p style="height:3000px"></p><input id="b"></form><script>const a=document.getElementById('a'),b=document.getElementById('b');${script}</script>`
  const filled = `(() => { const { elements } = dom.buildPage(document); const steps = [0, 1].map((field) => ({ field, label: 'username', value: 'x' })); return dom.applyFill(elements, { steps, left: [] }) })()`
  expect(await inPage(tall(''), filled)).toEqual({ filled: [0, 1], refused: [] })
  expect(await inPage(tall(`a.addEventListener('change', () => { b.style.opacity = 0 })`), filled)).toEqual({
    filled: [0],
    refused: [{ field: 1, reason: 'invisible-field' }],
  })
})

it('a page of 300 inputs', async () => {
  expect(await inPage('<p>x <input></p>'.repeat(300), `dom.buildPage(document).model.fields.length`)).toBe(300)
})
