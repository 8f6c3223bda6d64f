/** Handing a recovery key over: on the screen once, and as a page to print, with a QR code (F10). */
import { writeFileSync } from 'node:fs'
import encodeQR from 'qr'
import { NokkelError } from '@nokkel/base'
import type { Messages } from '@nokkel/messages'
import { withKeychain } from './connect.ts'
import type { Context } from './context.ts'

export const pageOption = { page: { type: 'string', value: 'FILE', about: 'option.page' } } as const

export async function giveRecoveryKey(context: Context, page: string | undefined, replace: boolean): Promise<void> {
  const { json, messages, out } = context
  await withKeychain(context, async (client) => {
    const key = await client.createRecoveryKey({ replace })
    const { email } = await client.status()
    // shown before anything else can fail: it is in force already
    if (json) out.json({ recoveryKey: key })
    else out.print(out.strong(key))
    if (!json) out.note(messages.t('recovery-key.shown'))
    if (page === undefined) return
    try {
      writeFileSync(page, printablePage(messages, key, email ?? ''), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      throw new NokkelError('io-failed', { path: page }, { cause: error })
    }
    if (!json) out.note(messages.t('recovery-key.page', { file: page }))
  })
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign)

/** One file without anything from elsewhere: it opens in any browser, offline. */
function printablePage(messages: Messages, key: string, email: string): string {
  const title = escapeHtml(messages.t('recovery-key.page-title'))
  return `<!doctype html>
<html lang="${messages.language}">
<meta charset="utf-8">
<title>${title}</title>
<style>
  body { font: 12pt/1.5 serif; max-width: 34em; margin: 3em auto; padding: 0 1em; }
  .key { font: bold 16pt/1.8 monospace; border: 1px solid; padding: .6em 1em; text-align: center; overflow-wrap: anywhere; }
  svg { width: 5cm; height: 5cm; display: block; margin: 1.5em auto; }
</style>
<h1>${title}</h1>
<p>${escapeHtml(email)} · ${escapeHtml(messages.dateTime(Date.now()))}</p>
<p class="key">${escapeHtml(key)}</p>
${encodeQR(key, 'svg')}
<p>${escapeHtml(messages.t('recovery-key.page-text'))}</p>
<p>${escapeHtml(messages.t('recovery-key.page-how'))}</p>
</html>
`
}
