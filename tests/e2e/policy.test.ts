/** What browsers may do with the keychain (CIR-23), set and seen on the command line. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { World, type Device } from './harness.ts'

const world = new World()
let pc: Device
let phone: Device
beforeAll(async () => {
  const server = await world.server()
  pc = world.device('PC')
  phone = world.device('Mobil')
  await pc.create(server, 'nettleser@example.org')
  await phone.joinBy(pc, server, 'nettleser@example.org')
})
afterAll(() => world.end())

it('everything is allowed at first; a change holds on all devices, is told by whom, and stands in the activity log', async () => {
  expect(await pc.ok(['policy', 'show'])).toEqual({ web: 'full', extension: 'full' })
  expect(await pc.ok(['policy', 'set', 'web', 'no-membership'])).toEqual({ web: 'no-membership', extension: 'full' })
  expect(await pc.ok(['policy', 'set', 'extension', 'off'])).toEqual({ web: 'no-membership', extension: 'off' })
  await phone.ok(['sync'])
  expect(await phone.ok(['policy', 'show'])).toEqual({ web: 'no-membership', extension: 'off' })
  const { notices } = await phone.ok(['status'])
  expect(
    (notices as { kind: string; params: unknown }[]).filter(({ kind }) => kind === 'policy-changed').map(({ params }) => params),
  ).toEqual([
    { by: 'PC', web: 'no-membership', extension: 'full' },
    { by: 'PC', web: 'no-membership', extension: 'off' },
  ])
  const { events } = await phone.ok(['activity'])
  expect((events as { kind: string }[]).filter(({ kind }) => kind.includes('policy')).length).toBeGreaterThanOrEqual(2)
})

it('another class or another word changes nothing', async () => {
  for (const args of [
    ['cli', 'off'],
    ['web', 'of'],
  ]) {
    const { code, json } = await pc.run(['policy', 'set', ...args])
    expect([code, json.error?.code]).toEqual([2, 'usage'])
  }
  expect(await pc.ok(['policy', 'show'])).toEqual({ web: 'no-membership', extension: 'off' })
})
