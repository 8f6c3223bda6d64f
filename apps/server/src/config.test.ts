/** Settings: where they come from, and errors that name them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NokkelError } from '@nokkel/base'
import { environmentSettings, readConfig } from './config.ts'
import { testFolder } from './testing/test-server.ts'

function failure(env: Record<string, string>, flags = {}): unknown {
  try {
    readConfig(env, flags)
  } catch (error) {
    return error instanceof NokkelError ? error.params : error
  }
  return undefined
}

test('flags over environment over file over defaults', () => {
  const file = join(testFolder(), 'config.json')
  writeFileSync(file, JSON.stringify({ port: 1, name: 'File', quota: { records: 10 }, minimumClient: { web: '2.0.0' } }))
  const config = readConfig(
    {
      NOKKEL_CONFIG: file,
      NOKKEL_PORT: '2',
      NOKKEL_QUOTA_BYTES: '100000',
      NOKKEL_REGIONS: 'NO, SE',
      NOKKEL_TRUST_PROXY: 'on',
      NOKKEL_MIN_CLI: '1.2.3',
    },
    { port: '3' },
  )
  expect(config).toMatchObject({
    port: 3,
    host: '127.0.0.1',
    name: 'File',
    quota: { records: 10, bytes: 100_000 },
    minimumClient: { cli: '1.2.3', web: '2.0.0', extension: '0.1.0' },
    regions: ['NO', 'SE'],
    trustProxy: true,
  })
  expect(readConfig({ NOKKEL_REGIONS: 'all' }).regions).toBeNull()
})

test.each([
  [{ NOKKEL_PORT: '80a' }, 'NOKKEL_PORT'],
  [{ NOKKEL_PORT: '70000' }, 'NOKKEL_PORT'],
  [{ NOKKEL_REGISTRATION: 'maybe' }, 'NOKKEL_REGISTRATION'],
  [{ NOKKEL_REGIONS: 'NO,norway' }, 'NOKKEL_REGIONS'],
  [{ NOKKEL_MIN_WEB: 'new' }, 'NOKKEL_MIN_WEB'],
  [{ NOKKEL_TRUST_PROXY: 'yes' }, 'NOKKEL_TRUST_PROXY'],
  [{ NOKKEL_LOG_LEVEL: 'loud' }, 'NOKKEL_LOG_LEVEL'],
  [{ NOKKEL_METRICS: 'maybe' }, 'NOKKEL_METRICS'],
  [{ NOKKEL_QUOTA_BYTES: '-1' }, 'NOKKEL_QUOTA_BYTES'],
  [{ NOKKEL_RATE_LIMITS: '5' }, 'NOKKEL_RATE_LIMITS'],
  [{ NOKKEL_CONFIG: '/nowhere/at/all.json' }, 'NOKKEL_CONFIG'],
])('%j names its setting', (env, setting) => {
  expect(failure(env)).toMatchObject({ setting })
})

test('a flag is named as a flag, an unknown setting in the file by its name', () => {
  expect(failure({}, { port: 'x' })).toMatchObject({ setting: '--port' })
  const file = join(testFolder(), 'config.json')
  writeFileSync(file, '{"prot":1}')
  expect(failure({ NOKKEL_CONFIG: file })).toEqual({ setting: 'prot', expected: 'a known setting' })
  writeFileSync(file, '[1]')
  expect(failure({ NOKKEL_CONFIG: file })).toMatchObject({ setting: 'NOKKEL_CONFIG' })
})

test('the guide’s table has every variable', async () => {
  const { readFileSync } = await import('node:fs')
  const guide = readFileSync(new URL('../../../docs/guide/self-hosting.md', import.meta.url), 'utf8')
  for (const name of [...Object.keys(environmentSettings), 'NOKKEL_CONFIG']) expect(guide, name).toContain(`\`${name}\``)
})
