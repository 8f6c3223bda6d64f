/** `nokkel devices`: who is trusted, who was, and who asks to be. */
import { isNokkelError } from '@nokkel/base'
import type { Client, DeviceInfo, JoinRequestInfo } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { shortIdLength } from '../items/item-rows.ts'
import type { Context } from '../context.ts'

export const command = defineCommand({
  options: { all: { type: 'boolean', about: 'option.all' } },
  async run(context, { values }) {
    await withKeychain(
      context,
      async (client) => {
        await refresh(client)
        const devices = await client.devices()
        const requests = await requestsIfOnline(client, context)
        if (context.json) return context.out.json({ devices, requests })
        printDevices(context, devices, values.all)
        printRequests(context, values.all ? requests : requests.filter(({ state }) => state === 'pending'))
      },
      { quiet: true },
    )
  },
})

/** The list as of now where the server is there; what this device knows otherwise (A6). */
async function refresh(client: Client): Promise<void> {
  if ((await client.state()) !== 'trusted') return
  try {
    await client.sync()
  } catch (error) {
    if (!isNokkelError(error) || error.group !== 'offline') throw error
  }
}

async function requestsIfOnline(client: Client, { json, messages, out }: Context): Promise<readonly JoinRequestInfo[]> {
  if ((await client.state()) !== 'trusted') return []
  try {
    return await client.joinRequests()
  } catch (error) {
    if (!isNokkelError(error) || error.group !== 'offline') throw error
    if (!json) out.note(messages.errorText(error.code).message)
    return []
  }
}

function printDevices({ messages, out }: Context, devices: readonly DeviceInfo[], all: boolean): void {
  const time = (ms: number | null): string => (ms === null ? '' : messages.dateTime(ms))
  const shown = all ? devices : devices.filter(({ status, thisDevice }) => status === 'active' || thisDevice)
  const headings = [
    messages.t('devices.name'),
    messages.t('devices.kind'),
    messages.t('devices.status'),
    messages.t('devices.added'),
    messages.t('devices.by'),
    messages.t('devices.last-write'),
    messages.t('devices.id'),
  ]
  const rows = shown.map((device) => [
    device.thisDevice ? messages.t('devices.this', { name: device.name }) : device.name,
    messages.label('class', device.class),
    messages.label('device', device.status),
    time(device.addedMs),
    device.addedBy ?? '',
    time(device.lastWriteMs),
    device.id.slice(0, shortIdLength),
  ])
  out.table(headings, rows)
  if (shown.length < devices.length) out.note(messages.t('devices.removed-hidden', { count: devices.length - shown.length }))
}

function printRequests({ messages, out }: Context, requests: readonly JoinRequestInfo[]): void {
  if (requests.length === 0) return
  out.print('')
  out.print(out.strong(messages.t('devices.requests')))
  const headings = [
    messages.t('devices.name'),
    messages.t('devices.kind'),
    messages.t('devices.status'),
    messages.t('devices.place'),
    messages.t('devices.asked'),
    messages.t('devices.expires'),
    messages.t('devices.id'),
  ]
  const rows = requests.map((request) => [
    request.name,
    messages.label('class', request.class),
    messages.label('request', request.state),
    request.place,
    messages.dateTime(request.createdMs),
    messages.dateTime(request.expiresMs),
    request.requestId.slice(0, shortIdLength),
  ])
  out.table(headings, rows)
}
