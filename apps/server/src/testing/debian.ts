/**
 * Programs that system tests need and that are Debian packages. Where one is missing it is installed (as root, or with sudo); without
 * that the tests fail and say so, because a test that did not run proves nothing. Only binaries are used, never a service of the machine.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'

const clusterSettings = '/etc/postgresql-common/createcluster.conf'

function install(name: string): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (asRoot.length === 0 && name === 'postgresql' && !existsSync(clusterSettings)) {
    // the package would start a database of the machine's own, which nobody asked for
    mkdirSync('/etc/postgresql-common', { recursive: true })
    writeFileSync(clusterSettings, 'create_main_cluster = false\n')
  }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    const [file = '', ...rest] = [...asRoot, 'apt-get', ...args]
    spawnSync(file, rest, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
}

/** What `find` finds, if need be after the package was installed. */
export function ensureProgram(name: string, find: () => string | undefined): string {
  const present = find()
  if (present !== undefined) return present
  install(name)
  const installed = find()
  if (installed === undefined) throw new Error(`This test needs the Debian package ${name}: install it`)
  return installed
}
