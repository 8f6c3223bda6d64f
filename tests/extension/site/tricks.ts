/**
 * What hostile pages do, in whichever browser: as text that runs in the page, or as a function that is sent to where the content script runs. Expects
 * nothing: what must come of it stands in the tests of each browser.
 */

/** Runs in the page; `host` is the extension's element, which any script of the page can reach. */
export const surfaceTricks: Readonly<Record<string, string>> = {
  'faded surface': `host.style.setProperty('opacity', '0.01', 'important')`,
  'faded page': `document.documentElement.style.opacity = '0.01'`,
  'filter on the page': `document.documentElement.style.filter = 'opacity(0.01)'`,
  'clipped surface': `host.style.setProperty('clip-path', 'inset(0 0 99% 0)', 'important')`,
  'clipped page': `document.documentElement.style.clipPath = 'circle(1px at 0 0)'`,
  'shrunk surface': `host.style.setProperty('transform', 'scale(0.02)', 'important')`,
  'moved surface': `host.style.setProperty('left', '40px', 'important'); host.style.setProperty('top', '40px', 'important')`,
  'blended surface': `host.style.setProperty('mix-blend-mode', 'multiply', 'important')`,
  'surface put elsewhere': `const box = document.createElement('div'); box.style.opacity = '0.01'; document.body.append(box); box.append(host)`,
  'popover over it': `const cover = document.createElement('div'); cover.popover = 'manual'; cover.style.cssText = 'position:fixed;inset:0;width:100vw;height:100vh;background:#fff;pointer-events:none;margin:0;border:0'; document.body.append(cover); cover.showPopover()`,
  'dialog over it': `const cover = document.createElement('dialog'); cover.style.cssText = 'position:fixed;inset:0;width:100vw;height:100vh;max-width:none;max-height:none;background:#fff;pointer-events:none'; document.body.append(cover); cover.showModal()`,
  'popover of a closed shadow root over it': `const outer = document.createElement('div'); const root = outer.attachShadow({ mode: 'closed' }); const cover = document.createElement('div'); cover.popover = 'manual'; cover.style.cssText = 'position:fixed;inset:0;width:100vw;height:100vh;background:#fff;pointer-events:none;margin:0;border:0'; root.append(cover); document.body.append(outer); cover.showPopover()`,
  'transition of views over it': `const style = document.createElement('style'); style.textContent = '::view-transition { pointer-events: none; background: #fff } ::view-transition-group(*) { animation-duration: 60s }'; document.head.append(style); document.startViewTransition(() => undefined)`,
}

export const fieldTricks: Readonly<Record<string, string>> = {
  transparent: '#user, #pass { opacity: 0 }',
  'faded parent': 'form { opacity: 0.05 }',
  'not visible': '#user, #pass { visibility: hidden }',
  'not displayed': 'label { display: none }',
  'one pixel': '#user, #pass { width: 1px; height: 1px; padding: 0; border: 0 }',
  'outside of the window': 'form { position: absolute; left: -9999px }',
  'cut away': 'form { clip-path: inset(50%) }',
  'filtered away': 'form { filter: opacity(0) }',
  'scaled away': 'form { transform: scale(0.01) }',
  'in a box without height': 'form { height: 0; overflow: hidden }',
  'under a cover': 'body::after { content: ""; position: fixed; inset: 0; background: #fff; z-index: 9 }',
  'under a cover that clicks go through':
    'body::after { content: ""; position: fixed; inset: 0; background: #fff; z-index: 9; pointer-events: none }',
}

export const hiddenSignIn = (css: string): string =>
  `<!doctype html><title>Sign in</title><style>${css}</style><form><label>User name <input name="user" id="user" autocomplete="username"></label><label>Password <input name="pass" id="pass" type="password"></label><button>Sign in</button></form>`

/** Whatever a person's hand would do, done by a script. */
export const syntheticEvents = `const user = document.getElementById('user'), pass = document.getElementById('pass')
for (let turn = 0; turn < 200; turn++) {
  for (const type of ['focusin', 'pointerdown', 'click', 'keydown', 'submit'])
    for (const target of [user, pass, document]) target.dispatchEvent(new (type === 'keydown' ? KeyboardEvent : Event)(type, { bubbles: true, composed: true, key: 'ArrowDown' }))
}`

/** The frame with the id `embedded` is the extension's. */
export const messageStorm = `const frame = document.getElementById('embedded').contentWindow
const words = ['token', 'type', 'hello', 'choose', 'call', 'reveal', 'fill', 'page', 'focus', 'docId', 'submitted', '__proto__', 'constructor']
const pick = () => words[Math.floor(Math.random() * words.length)]
const value = (depth) => [() => Math.random() * 1e6, () => pick(), () => null, () => true, () => 'x'.repeat(5000), () => [pick()], () => (depth > 3 ? 0 : { [pick()]: value(depth + 1), [pick()]: pick() })][Math.floor(Math.random() * 7)]()
for (let turn = 0; turn < 10000; turn++) (turn % 2 === 0 ? frame : window).postMessage(value(0), '*')
for (let turn = 0; turn < 100; turn++) frame.postMessage({ token: String(Math.random()) }, '*')`

/**
 * Runs where the content script runs, as a process in hostile hands could: says what it likes in its name. Gives what was answered. One function that
 * reaches for nothing outside of itself, since its text is what is sent there.
 */
async function contentScriptAttack(): Promise<string[]> {
  const { runtime } = (
    globalThis as unknown as {
      chrome: {
        runtime: {
          sendMessage(message: unknown): Promise<unknown>
          connect(info: object): { onDisconnect: { addListener(listener: () => void): void } }
        }
      }
    }
  ).chrome
  const words = [
    'page',
    'focus',
    'submitted',
    'outcome',
    'closed',
    'call',
    'docId',
    'page',
    'revision',
    'field',
    'fields',
    'forms',
    'token',
    'username',
    '__proto__',
  ]
  const pick = (): string => words[Math.floor(Math.random() * words.length)] as string
  const value = (depth: number): unknown =>
    [
      (): unknown => Math.random() * 10,
      pick,
      (): null => null,
      (): unknown[] => [pick(), 1],
      (): unknown => (depth > 3 ? {} : { type: pick(), [pick()]: value(depth + 1), docId: pick() }),
    ][Math.floor(Math.random() * 5)]?.()
  const said: string[] = []
  const send = (message: unknown): Promise<void> =>
    runtime.sendMessage(message).then(
      (answer) => void (answer === null || answer === undefined || said.push(JSON.stringify(answer))),
      () => undefined,
    )
  for (const name of [
    'reveal',
    'find',
    'fill',
    'lock',
    'touch',
    'generate',
    'changeAutofill',
    'change',
    'signOut',
    'verificationCode',
    'add',
    'item',
    'itemForEdit',
    'edit',
    'delete',
  ])
    await send({ type: 'call', name, args: ['x', 'y'] })
  for (let turn = 0; turn < 10_000; turn += 50) await Promise.all(Array.from({ length: 50 }, () => send(value(0))))
  for (const name of ['app', 'inline']) await new Promise<void>((resolve) => runtime.connect({ name }).onDisconnect.addListener(resolve))
  return said
}

/** For a page of the extension, which may send a function there: an expression that gives what was answered. */
export const attackIn = (tabId: number): string =>
  `chrome.scripting.executeScript({ target: { tabId: ${tabId} }, func: ${contentScriptAttack.toString()} }).then(([ran]) => ran.result)`
