/** `nokkel devices remove`: ends a device's access and renews the keys (B3). */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import { findDevice } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'DEVICE', completes: 'device' }],
  options: {
    'delete-copy': { type: 'boolean', about: 'option.delete-copy' },
    yes: { type: 'boolean', about: 'option.yes' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out, prompt } = context
    await withKeychain(context, async (client) => {
      const device = await findDevice(client, positionals[0] as string)
      if (device.thisDevice) throw new NokkelError('cannot-remove-self')
      if (!values.yes && prompt.stdinIsTerminal && !(await prompt.confirm(messages.t('ask.remove-device', { name: device.name }))))
        throw new NokkelError('cancelled')
      await withProgress(context, () => client.removeDevice(device.id, { deleteCopy: values['delete-copy'] }))
      if (json) out.json({ id: device.id, removed: true, deleteCopy: values['delete-copy'] })
      else out.print(messages.t('done.removed', { name: device.name }))
    })
  },
})
