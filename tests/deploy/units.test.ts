/** The systemd units: read by systemd's own checker, and how much of the machine each may touch, by its own count. Where there is no systemd, not. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const units = join(import.meta.dirname, '../../deploy/systemd')
const names = readdirSync(units)
const program = '/opt/nokkelring/node_modules/.bin/nokkel-server'
const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' })

const folder = mkdtempSync(join(tmpdir(), 'nokkel-units-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('each service runs the installed program, and lets no unit be forgotten', () => {
  expect(names.filter((name) => name.endsWith('.service'))).toHaveLength(3)
  for (const name of names.filter((each) => each.endsWith('.service'))) expect(readFileSync(join(units, name), 'utf8')).toContain(program)
})

// of another init system, or in an image without one: nothing that could read them
describe.skipIf(analyze('--version').status !== 0)('systemd', () => {
  test('has nothing to say against any of them', () => {
    for (const name of names) {
      // a program that is there, as after an installation
      writeFileSync(join(folder, name), readFileSync(join(units, name), 'utf8').replaceAll(program, '/bin/true'))
    }
    const { status, stdout, stderr } = analyze('--man=no', 'verify', ...names.map((name) => join(folder, name)))
    expect([status, stdout + stderr]).toEqual([0, ''])
  })

  test.each([
    ['nokkelring.service', 20],
    ['nokkel-realm.service', 20],
    ['nokkelring-backup.service', 20],
  ])('%s is exposed no more than %i of a hundred', (name, most) => {
    // versions count a little differently; an error says more than a number
    const { status, stdout, stderr } = analyze('security', '--offline=true', `--threshold=${most}`, join(units, name))
    expect(status, stdout.split('\n').slice(-3).join('') + stderr).toBe(0)
  })
})
