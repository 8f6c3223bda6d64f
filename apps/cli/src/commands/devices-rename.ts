/** `nokkel devices rename`: another name for a device, seen by all of them. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { findDevice } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'DEVICE', completes: 'device' }, { name: 'NAME' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const [reference, name] = positionals as readonly [string, string]
    await withKeychain(context, async (client) => {
      const device = await findDevice(client, reference)
      await client.renameDevice(device.id, name)
      const renamed = (await client.devices()).find(({ id }) => id === device.id)?.name ?? name
      if (json) out.json({ id: device.id, name: renamed })
      else out.print(messages.t('done.renamed', { name: renamed }))
    })
  },
})
