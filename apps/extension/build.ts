/**
 * Builds the extension into dist/chrome and dist/firefox: background and content script as one script each, popup and the frame at a field
 * as a page each, and a manifest for each browser. The same sources give the same bytes. No remote code, no eval: the policy in the manifest
 * would refuse both ('wasm-unsafe-eval' lets the Argon2id inside the bundle be compiled, nothing else). Why not WXT: docs/adr.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createMessages } from '@nokkel/messages/extension'
import { build, type InlineConfig } from 'vite'

const here = import.meta.dirname
/** Another folder may be named, so that two builds at once do not meet. */
const dist = resolve(process.argv[2] ?? join(here, 'dist'))
const shared = join(dist, 'chrome')
process.env['NODE_ENV'] = 'production'

type RollupOptions = NonNullable<NonNullable<InlineConfig['build']>['rollupOptions']>

/** One part of the extension, beside those that are there. */
async function bundle(options: NonNullable<InlineConfig['build']>, rollupOptions: RollupOptions): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    base: './',
    root: here,
    build: { target: 'es2024', outDir: shared, emptyOutDir: false, ...options, rollupOptions },
    // the popup is written for React's interface and runs on Preact, a fifth of its size: a popup has a tenth of a second to be there
    resolve: {
      alias: [
        { find: /^react(?:-dom)?$/, replacement: 'preact/compat' },
        { find: 'react-dom/client', replacement: 'preact/compat/client' },
        { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' },
      ],
    },
    css: { modules: { localsConvention: 'camelCaseOnly' } },
  })
}

const secure = ['https://*/*', 'http://localhost/*', 'http://*.localhost/*']

const permissions = ['alarms', 'clipboardRead', 'clipboardWrite', 'contextMenus', 'scripting', 'storage', 'tabs']
const embedded = { resources: ['inline.html'], matches: ['http://*/*', 'https://*/*'] }
const manifest = {
  manifest_version: 3,
  name: 'Nøkkelring',
  version: '0.1.0',
  description: '__MSG_about__',
  default_locale: 'en',
  icons: { 16: 'icon-16.png', 48: 'icon-48.png', 128: 'icon-128.png' },
  action: { default_popup: 'popup.html', default_title: 'Nøkkelring' },
  permissions,
  host_permissions: ['http://*/*', 'https://*/*'],
  incognito: 'spanning',
  content_scripts: [
    { matches: ['http://*/*', 'https://*/*'], js: ['content.js'], all_frames: true, run_at: 'document_idle' },
    // passkeys: where the browser has them, and from the start, because a page keeps the functions that it finds then (ADR 0025)
    { matches: secure, js: ['passkeys.js'], all_frames: true, run_at: 'document_start' },
    { matches: secure, js: ['page-world.js'], all_frames: true, run_at: 'document_start', world: 'MAIN' },
  ],
  // the one page that pages may embed, because our content script must: it shows nothing without a token of the background
  web_accessible_resources: [embedded],
  commands: {
    // Chromium keeps Ctrl+Shift+L for itself and then assigns none
    _execute_action: { suggested_key: { default: 'Ctrl+Shift+X' } },
    fill: { suggested_key: { default: 'Ctrl+Shift+Y' }, description: '__MSG_fill__' },
  },
  content_security_policy: {
    extension_pages:
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src http: https: ws: wss:; base-uri 'none'; form-action 'none'",
  },
}

rmSync(dist, { recursive: true, force: true })
// each page for itself: what pages share would be one more file that each waits for
const bundlePage = (page: string): Promise<void> =>
  bundle({ assetsInlineLimit: 0, modulePreload: { polyfill: false } }, { input: join(here, page) })
for (const page of ['popup.html', 'inline.html', 'consent.html']) await bundlePage(page)
// a service worker may not load scripts later, so what is imported on demand elsewhere is in this one file
await bundle(
  {},
  { input: join(here, 'src/background/main.ts'), output: { format: 'es', entryFileNames: 'background.js', codeSplitting: false } },
)
// classic scripts in a scope of their own: content scripts are no modules, and what is to run first waits for none
for (const [input, entryFileNames] of [
  ['src/content/main.ts', 'content.js'],
  ['src/content/passkeys.ts', 'passkeys.js'],
  ['src/page-world/main.ts', 'page-world.js'],
  ['src/popup/first.ts', 'popup-first.js'],
] as const)
  await bundle({}, { input: join(here, input), output: { format: 'iife', entryFileNames } })
cpSync(join(here, 'public'), shared, { recursive: true })
for (const language of ['nb', 'en'] as const) {
  const words = createMessages(language)
  const texts = { about: { message: words.t('extension.about') }, fill: { message: words.t('extension.menu.fill') } }
  mkdirSync(join(shared, '_locales', language), { recursive: true })
  writeFileSync(join(shared, '_locales', language, 'messages.json'), `${JSON.stringify(texts, null, 2)}\n`)
}
mkdirSync(join(dist, 'firefox'))
cpSync(shared, join(dist, 'firefox'), { recursive: true })
// in Firefox the background has a document of its own
await bundlePage('offscreen.html')
const write = (target: string, more: object): void =>
  writeFileSync(join(dist, target, 'manifest.json'), `${JSON.stringify({ ...manifest, ...more }, null, 2)}\n`)
write('chrome', {
  minimum_chrome_version: '120',
  background: { service_worker: 'background.js', type: 'module' },
  permissions: [...permissions, 'offscreen'],
  // an address that no site can know beforehand; Firefox gives each browser one of its own by itself
  web_accessible_resources: [{ ...embedded, use_dynamic_url: true }],
})
write('firefox', {
  background: { scripts: ['background.js'], type: 'module' },
  browser_specific_settings: { gecko: { id: 'nokkelring@nokkel.example', strict_min_version: '128.0' } },
})
console.log('The extension is built.')
