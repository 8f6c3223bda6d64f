/** `nokkel backup restore FILE`: the settings of a device, into a folder without a keychain or one that has its own; items come with turning on (D1). */
import { readFileSync, statSync } from 'node:fs'
import { NokkelError } from '@nokkel/base'
import { backupBytes, readBackup } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { openClient } from '../connect.ts'
import { choosePasscode, passcode } from '../input/proofs.ts'

function readText(file: string): string {
  try {
    if (statSync(file).size > backupBytes) throw new NokkelError('too-large', { limitBytes: backupBytes })
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw error instanceof NokkelError ? error : new NokkelError('io-failed', { path: file }, { cause: error })
  }
}

export const command = defineCommand({
  positionals: [{ name: 'FILE' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const { server, email, settings } = readBackup(readText(positionals[0] as string))
    const client = await openClient(context)
    try {
      const isNew = (await client.state()) === 'empty'
      await client.prepareDevice(isNew ? await choosePasscode(context) : await passcode(context), { server })
      await client.changeSettings(settings)
    } finally {
      await client.close()
    }
    if (json) out.json({ server, email, settings })
    else out.print(messages.t('done.settings-restored', { server, email }))
  },
})
