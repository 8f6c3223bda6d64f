/**
 * A real Chromium for end-to-end tests. Where the system has none, the package `chromium` is installed (Debian and its kin, as root or with
 * sudo); without that the tests fail and say so, because a browser test that did not run proves nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

function findChromium(): string | undefined {
  return [process.env.NOKKEL_CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path))
}

function installChromium(): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [file = '', ...rest] = [...asRoot, 'apt-get', ...args]
    spawnSync(file, rest, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
}

/** Its path; installs it where there is none. */
export function findOrInstallChromium(): string {
  if (findChromium() === undefined) installChromium()
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('Chromium is needed for this test: install it, or name it in NOKKEL_CHROMIUM')
  return executablePath
}

export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findOrInstallChromium()
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}
