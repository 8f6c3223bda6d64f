/** The deployment examples name only settings, figures and commands that this server has. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { auditEndFile } from './audit/audit-log.ts'
import { environmentSettings } from './config.ts'
import { createMetrics } from './metrics/metrics.ts'

const deploy = join(import.meta.dirname, '../../../deploy')
const textOf = (name: string): string => readFileSync(join(deploy, name), 'utf8')
const files = globSync('**/*', { cwd: deploy }).filter((name) => /\.|Containerfile|Caddyfile/.test(name))

test('every setting in the examples is one', () => {
  expect(files.length).toBeGreaterThan(8)
  const named = files.flatMap((name) => [...textOf(name).matchAll(/\bNOKKEL_[A-Z_]+\b/g)].map(([setting]) => setting))
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((setting) => !(setting in environmentSettings))).toEqual([])
})

test('unit and image let the server write all three of its folders: data, the realm’s and the audit’s beside it', () => {
  const data = '/var/lib/nokkelring'
  const folders = [data, `${data}.realm`, dirname(auditEndFile(data))]
  const state = /^StateDirectory=(.*)$/m.exec(textOf('systemd/nokkelring.service'))?.[1]?.split(' ')
  expect(state?.map((name) => join('/var/lib', name))).toEqual(folders)
  const volumes = /^VOLUME (.*)$/m.exec(textOf('Containerfile'))?.[1] ?? '[]'
  expect(JSON.parse(volumes)).toEqual(folders)
})

test('every figure of the dashboard is one that /metrics shows', async () => {
  const shown = await createMetrics({ process: true }).registry.metrics()
  const figures = new Set(textOf('grafana/nokkelring.json').match(/\b(?:nokkel|process|nodejs)_[a-z0-9_]+\b/g))
  expect(figures.size).toBeGreaterThan(9)
  for (const figure of figures) expect(shown, figure).toContain(`# TYPE ${figure.replace(/_bucket$/, '')} `)
})

test('the list of realms is one that is complete but for the operators’ own words', () => {
  const list = JSON.parse(textOf('realms-2-of-3/realms.json')) as { threshold: number; needed: number; realms: unknown[] }
  expect([list.threshold, list.needed, list.realms.length]).toEqual([2, 2, 3])
})
