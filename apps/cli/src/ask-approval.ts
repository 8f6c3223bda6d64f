/** Asking for approval, for `join` and `on`: show the code at once, then wait here or leave the waiting to the background (A5, A7). */
import encodeQR from 'qr'
import { NokkelError, type Secret } from '@nokkel/base'
import type { Client, JoinTicket } from '@nokkel/client'
import { startWaiting, endWaiting } from './background/waiting.ts'
import { withProgress } from './connect.ts'
import { shortIdLength } from './items/item-rows.ts'
import type { Context } from './context.ts'

export interface ApprovalOptions {
  /** stay until the device is let in and up to date */
  readonly wait: boolean
  /** show the request as a QR code too (JOIN-11) */
  readonly qr: boolean
}

/** Resolves with what is to be done once the keychain is closed. */
export async function askApproval(context: Context, client: Client, { wait, qr }: ApprovalOptions): Promise<() => Promise<void>> {
  const { home, messages, out } = context
  const ticket = await client.requestJoin()
  endWaiting(home) // one that waits for an earlier request
  showTicket(context, ticket, qr ? await client.joinQr() : null)
  await out.flush()
  if (!wait) {
    const key = client.unlockKey()
    return () => waitInBackground(context, key)
  }
  await withProgress(context, (options) => client.waitForJoin(options)).catch((error: unknown) => {
    if (context.signal.aborted && !context.json) out.note(messages.t('join.still-asked'))
    throw error
  })
  const { items } = await client.status()
  if (!context.jsonForScripts) out.print(messages.t('done.joined', { count: items }))
  return async () => {}
}

async function waitInBackground({ home, json, messages, out }: Context, key: Secret): Promise<void> {
  try {
    await startWaiting(home, key)
  } finally {
    key.destroy()
  }
  if (!json && out.toTerminal) out.note(messages.t('join.background'))
}

type ShownQr = Awaited<ReturnType<Client['joinQr']>>

function showTicket({ jsonForScripts, messages, out }: Context, { requestId, code, expiresMs }: JoinTicket, qr: ShownQr | null): void {
  if (!/^\d{6}$/.test(code)) throw new NokkelError('internal', { what: 'join-code' })
  if (jsonForScripts) return out.json({ requestId, code, expiresMs, ...(qr !== null && { qr: qr.text, qrExpiresMs: qr.expiresMs }) })
  out.print(out.strong(messages.t('join.code', { code: `${code.slice(0, 3)} ${code.slice(3)}` })))
  out.print(messages.t('join.how', { request: requestId.slice(0, shortIdLength) }))
  out.print(messages.t('join.until', { time: messages.dateTime(expiresMs) }))
  if (qr === null) return
  out.print(encodeQR(qr.text, 'ascii', { ecc: 'low' }))
  out.print(messages.t('join.qr', { time: messages.dateTime(qr.expiresMs) }))
}
