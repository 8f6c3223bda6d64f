/** What realms hold for a keychain that ended is destroyed with it (D3, D4, H2), so that nobody goes on guessing codes of what is gone. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemRandom, type AccountId } from '@nokkel/base'
import { listRegistrations, type TokenSource } from '@nokkel/escrow'
import { issueToken, type RealmId } from '@nokkel/escrow/realm'
import { startTestServer } from 'nokkel-server/server/testing'
import { until } from '../e2e/harness.ts'
import { World, dayMs, note, password, ShiftedClock, type TestDevice } from '../attacks/world.ts'

let world: World
const clock = new ShiftedClock()
beforeAll(async () => {
  world = await World.start({}, { clock })
})
afterAll(() => world.end())

/** As the realm itself says, asked with a token of the sign-in server. */
async function statesAtRealm(account: AccountId, { services } = world.server): Promise<string[]> {
  const { host, issuer } = services.recovery
  if (host === null) throw new Error('no realm')
  const tokens: TokenSource = async (kind, registration, clientKey, realms) => {
    const claims = { account, registration, clientKey, nonce: systemRandom.bytes(16), expiresMs: clock.nowMs() + 60_000 }
    const token = async (realm: RealmId) => [realm, await issueToken(issuer, kind, { ...claims, realm })] as const
    return new Map(await Promise.all(realms.map(token)))
  }
  const endpoint = { realm: host.core, signKey: host.signKey }
  const [answer] = [...(await listRegistrations({ random: systemRandom }, [endpoint], tokens)).values()]
  if (answer?.ok !== true) throw new Error('no answer')
  return answer.value.map(({ state }) => state)
}

async function person(email: string): Promise<{ device: TestDevice; account: AccountId }> {
  const device = await world.founder(email, email)
  await device.client.addItem(note('a'))
  const { accountId } = await device.client.status()
  expect(await statesAtRealm(accountId as AccountId)).toEqual(['active'])
  return { device, account: accountId as AccountId }
}

it('D4 after a reset', async () => {
  const { device, account } = await person('nullstilt@example.org')
  await device.client.resetKeychain({ password, from: 'device' })
  await until(async () => (await statesAtRealm(account)).join() === 'burned')
  // the new keychain has a record of its own once the passcode was given again
  await device.client.checkPasscode('482915')
  await device.client.sync()
  const { accountId, escrow } = await device.client.status()
  expect(escrow).toMatchObject({ passcode: 'current' })
  expect(await statesAtRealm(accountId as AccountId)).toEqual(['active'])
})

it('D3 after it was turned off everywhere', async () => {
  const { device, account } = await person('av@example.org')
  await device.client.turnOff({ copy: 'keep', everywhere: true })
  await until(async () => (await statesAtRealm(account)).join() === 'burned')
  expect(await device.client.state()).toBe('off')
})

it('H2 with the account, after its fourteen days', async () => {
  const { device, account } = await person('slettet@example.org')
  await device.client.deleteAccount()
  clock.offsetMs += 15 * dayMs
  await device.stop()
  // at its next start the server does what is due
  const { folder } = world.server
  await world.server.stop()
  const again = await startTestServer({ data: folder }, { clock })
  try {
    await until(async () => (await again.services.store.findAccount(account)) === undefined)
    await until(async () => (await statesAtRealm(account, again)).join() === 'burned')
    expect(await again.services.store.findAccount(account)).toBeUndefined()
  } finally {
    await again.stop()
  }
})
