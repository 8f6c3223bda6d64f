/** Stands a waiting device where its second factor was shown: how it is shown is the verification suites' matter. */
import type { AccountId } from '@nokkel/base'
import type { TestDevice, World } from '../attacks/world.ts'

export async function pass(server: World['server'], device: TestDevice): Promise<void> {
  const { store, clock } = server.services
  const { accountId, deviceId } = await device.client.status()
  if (accountId === null || deviceId === null) throw new Error('not signed in')
  const account: AccountId = accountId
  const session = await store.findSessionOfDevice(account, deviceId)
  if (session === undefined) throw new Error('no session')
  await store.transaction(account, (tx) => tx.verification.putPass(account, deviceId, session.signKey, 'recover', clock.nowMs()))
}

/** Of a device that was given its second factor: names are shown after it only (ESC-4). */
export async function slotOf(device: TestDevice, name: string): Promise<string> {
  return (await device.client.waysBack()).ways.find((way) => way.name === name)?.slot ?? ''
}
