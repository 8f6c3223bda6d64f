/**
 * Where an older Node started us (bin/nokkel.js), this process ends with its launcher, also when that one is killed and cannot
 * pass it on: a script that kills `nokkel` must not leave one behind that still holds the keychain. The launcher hands down a
 * pipe on descriptor 3 that closes with it.
 */

const launcherPipe = 3

export function dieWithLauncher(): void {
  const launcher = process.env['NOKKEL_LAUNCHER']
  delete process.env['NOKKEL_LAUNCHER']
  // a value that we merely inherited says nothing about our descriptor 3
  if (launcher === undefined || launcher !== String(process.ppid)) return
  // loaded on this path only: `node:net` costs the start more than all of this
  const { Socket } = process.getBuiltinModule('node:net')
  const pipe = new Socket({ fd: launcherPipe, readable: true, writable: false })
  pipe.on('error', () => {})
  pipe.once('close', () => process.kill(process.pid, 'SIGKILL'))
  pipe.resume()
  pipe.unref()
}
