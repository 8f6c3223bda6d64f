/** Devices to measure with: the product's own client, opened as the command line opens it, with the vault of items.ts. */
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { bitwardenJson, loginItems } from './items.ts'

const clientVersion = '0.1.0'
export const passcode = '482915'
const password = 'riktig hest batteri stift'

export const openDevice = (home: string): Promise<Client> => openNodeClient({ home, clientVersion })

let accounts = 0
export const newEmail = (): string => `bench-${process.pid}-${++accounts}@example.org`

export async function createDevice(url: string, home: string, email = newEmail()): Promise<Client> {
  const client = await openDevice(home)
  await client.createAccount({ server: url, email, password, passcode, deviceName: 'First' })
  return client
}

export async function importItems(client: Client, count: number): Promise<void> {
  const report = await client.importFile({ name: 'export.json', bytes: bitwardenJson(loginItems(count)) })
  const { pendingChanges } = await client.status()
  if (report.added !== count || pendingChanges !== 0) throw new Error(`imported ${report.added} of ${count}, ${pendingChanges} not sent`)
}

/** An account with `count` items, all of them at the server. */
export async function createVault(url: string, home: string, count: number, email = newEmail()): Promise<Client> {
  const client = await createDevice(url, home, email)
  await importItems(client, count)
  return client
}

export async function signInDevice(url: string, home: string, email: string, deviceName = 'Second'): Promise<Client> {
  const client = await openDevice(home)
  await client.signIn({ server: url, email, password, passcode, deviceName })
  return client
}

/** A further device of the account, approved by `approver` and up to date. */
export async function joinDevice(url: string, home: string, email: string, approver: Client): Promise<Client> {
  const client = await signInDevice(url, home, email)
  const ticket = await client.requestJoin()
  const joined = client.waitForJoin()
  await approver.approve(ticket.requestId, ticket.code)
  await joined
  return client
}
