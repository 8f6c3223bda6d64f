/**
 * Builds the extension into dist/chrome and dist/firefox: the background as one script, the popup as one page, and a manifest for each. The
 * same sources give the same bytes. No remote code, no eval: the policy in the manifest would refuse both ('wasm-unsafe-eval' lets the
 * Argon2id inside the bundle be compiled, nothing else). Why not WXT: docs/adr.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type InlineConfig } from 'vite'

const here = import.meta.dirname
const dist = join(here, 'dist')
const shared = join(dist, 'chrome')
process.env['NODE_ENV'] = 'production'

const common: InlineConfig = { configFile: false, logLevel: 'warn', publicDir: false, base: './' }

const manifest = {
  manifest_version: 3,
  name: 'Nøkkelring',
  version: '0.1.0',
  description: 'Nøkkelring',
  icons: { 16: 'icon-16.png', 48: 'icon-48.png', 128: 'icon-128.png' },
  action: { default_popup: 'popup.html', default_title: 'Nøkkelring' },
  permissions: ['alarms', 'clipboardWrite', 'scripting', 'storage', 'tabs'],
  host_permissions: ['http://*/*', 'https://*/*'],
  incognito: 'spanning',
  commands: { _execute_action: { suggested_key: { default: 'Ctrl+Shift+L' } } },
  content_security_policy: {
    extension_pages:
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src http: https: ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
}

rmSync(dist, { recursive: true, force: true })
await build({
  ...common,
  root: here,
  build: {
    target: 'es2024',
    outDir: shared,
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: join(here, 'popup.html') },
  },
  css: { modules: { localsConvention: 'camelCaseOnly' } },
})
await build({
  ...common,
  root: here,
  build: {
    target: 'es2024',
    outDir: shared,
    emptyOutDir: false,
    // a service worker may not load scripts later, so what is imported on demand elsewhere is in this one file
    rollupOptions: {
      input: join(here, 'src/background/main.ts'),
      output: { format: 'es', entryFileNames: 'background.js', codeSplitting: false },
    },
  },
})
cpSync(join(here, 'public'), shared, { recursive: true })
mkdirSync(join(dist, 'firefox'))
cpSync(shared, join(dist, 'firefox'), { recursive: true })
const write = (target: string, more: object): void =>
  writeFileSync(join(dist, target, 'manifest.json'), `${JSON.stringify({ ...manifest, ...more }, null, 2)}\n`)
write('chrome', { minimum_chrome_version: '120', background: { service_worker: 'background.js', type: 'module' } })
write('firefox', {
  background: { scripts: ['background.js'], type: 'module' },
  browser_specific_settings: { gecko: { id: 'nokkelring@nokkel.example', strict_min_version: '128.0' } },
})
console.log('The extension is built.')
