/** Hidden: clears the clipboard after a while, unless something else has been copied since (C2). */
import { readHandover } from '../background/handover.ts'
import { sayReady } from '../background/start-background.ts'
import { clearIfUnchanged } from '../clipboard.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  async run() {
    const handover = await readHandover()
    await sayReady()
    await new Promise((done) => setTimeout(done, handover.number('afterMs')))
    await clearIfUnchanged(handover.text('tool'), handover.secret)
  },
})
