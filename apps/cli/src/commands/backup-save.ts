/** `nokkel backup save FILE`: the settings of this device, and no item; it says so (D1). */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { NokkelError } from '@nokkel/base'
import { writeBackup } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

/**
 * All of it or nothing, whenever the process or the machine dies, and never over another file: it may be the only backup of another device. What
 * an earlier try left half done is written over.
 */
function writeNew(file: string, text: string): void {
  const draft = join(dirname(file), `.${basename(file)}.part`)
  rmSync(draft, { force: true })
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    linkSync(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // file systems without hard links
    if (code === 'EEXIST' || existsSync(file)) throw error
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

export const command = defineCommand({
  positionals: [{ name: 'FILE' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const file = positionals[0] as string
    await withKeychain(context, async (client) => {
      const text = writeBackup(await client.status(), await client.settings())
      try {
        writeNew(file, text)
      } catch (error) {
        throw new NokkelError('io-failed', { path: file }, { cause: error })
      }
      if (json) out.json({ file, items: 0 })
      else out.print(messages.t('done.backed-up', { file }))
    })
  },
})
