/**
 * Hidden: the process behind `nokkel join` without --wait (background/waiting.ts). Ends when the device has joined, the request was
 * declined or has expired, another instance took over, or after a day. It has nobody to tell: `nokkel status` shows the outcome.
 */
import { isNokkelError } from '@nokkel/base'
import { claim } from '../background/claim.ts'
import { readHandover } from '../background/handover.ts'
import { sayReady } from '../background/start-background.ts'
import { waitingFile } from '../background/waiting.ts'
import { defineCommand } from '../command.ts'
import { openClient } from '../connect.ts'

/** A request lives a day (A5). */
const longestMs = 24 * 3_600_000
const lookMs = 2_000

export const command = defineCommand({
  async run(context) {
    const handover = await readHandover()
    const home = handover.text('home')
    const abort = new AbortController()
    context.signal.addEventListener('abort', () => abort.abort())
    const client = await openClient({ ...context, home })
    const mine = claim(waitingFile(home), handover.text('name'))
    const until = Date.now() + longestMs
    const timer = setInterval(() => {
      if (!mine.holds() || Date.now() > until) abort.abort()
    }, lookMs)
    try {
      await client.unlockWithKey(handover.secret)
      await sayReady()
      await client.waitForJoin({ signal: abort.signal })
    } catch (error) {
      // declined, expired, signed out …: an ordinary end
      if (!isNokkelError(error)) throw error
    } finally {
      clearInterval(timer)
      mine.release()
      await client.close()
    }
  },
})
