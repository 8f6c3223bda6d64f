/**
 * Programs that system tests need and that are Debian packages. Where one is missing it is installed (as root, or with sudo); without
 * that the tests fail and say so, because a test that did not run proves nothing. Only binaries are used, never a service of the machine.
 */
import { spawnSync } from 'node:child_process'

/** A package would start a service or a database of the machine's own, which nobody asked for (policy-rc.d: see invoke-rc.d(8)). */
const script = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap "rm -f $policy" EXIT
fi
if [ "$1" = postgresql ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends "$1"
`

/** What `find` finds, if need be after the package was installed. */
export function ensureProgram(name: string, find: () => string | undefined): string {
  const present = find()
  if (present !== undefined) return present
  const [file = '', ...args] = [...(process.getuid?.() === 0 ? [] : ['sudo', '-n']), 'sh', '-c', script, 'sh', name]
  spawnSync(file, args, { stdio: 'ignore' })
  const installed = find()
  if (installed === undefined) throw new Error(`This test needs the Debian package ${name}: install it`)
  return installed
}
