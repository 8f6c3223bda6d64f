/** `nokkel backup save FILE`: the settings of this device, and no item; it says so (D1). */
import { writeFileSync } from 'node:fs'
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { writeBackup } from '../device-backup.ts'

export const command = defineCommand({
  positionals: [{ name: 'FILE' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const file = positionals[0] as string
    await withKeychain(context, async (client) => {
      const { server, email, deviceName } = await client.status()
      const text = writeBackup({
        server: server ?? '',
        email: email ?? '',
        deviceName: deviceName ?? '',
        settings: await client.settings(),
      })
      try {
        // never over another file: it may be the only backup of another device
        writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
      } catch (error) {
        throw new NokkelError('io-failed', { path: file }, { cause: error })
      }
      if (json) out.json({ file, items: 0 })
      else out.print(messages.t('done.backed-up', { file }))
    })
  },
})
