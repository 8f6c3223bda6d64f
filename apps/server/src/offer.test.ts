/** A2 A3: what is read again while the server runs, and what a wrong configuration does to it. */
import { expect, test } from 'vitest'
import { NokkelError } from '@nokkel/base'
import { checkConfig } from './config.ts'
import { createLog } from './log/log.ts'
import { createOffer } from './offer.ts'

test('A2 A3: regions, minimum versions and registration change at once; the rest is named and waits; a wrong one changes nothing', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const offer = createOffer(checkConfig({}), log)
  expect(offer.current()).toMatchObject({ regions: null, minimumClient: { cli: '0.1.0' }, registration: 'open' })
  expect(offer.reload(() => checkConfig({ regions: ['NO'], minimumClient: { web: '2.0.0' }, port: 9 }))).toBe(true)
  expect(offer.current()).toMatchObject({ regions: ['NO'], minimumClient: { cli: '0.1.0', web: '2.0.0' } })
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { changed: ['regions', 'minimumClient'], regions: ['NO'] },
    { level: 40, settings: ['port'] },
  ])
  lines.length = 0
  expect(offer.reload(() => checkConfig({ regions: ['Norway'] }))).toBe(false)
  expect(offer.current()).toMatchObject({ regions: ['NO'] })
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, setting: 'regions.0', expected: 'two-letter codes such as NO' })
  expect(() =>
    offer.reload(() => {
      throw new NokkelError('internal')
    }),
  ).toThrow('internal')
})
