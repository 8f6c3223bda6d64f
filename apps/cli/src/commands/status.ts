/** `nokkel status`: how this device and the keychain are, in plain words or as the client's `Status` (A6, B3, F1, F9). */
import { isErrorCode, isNokkelError, type ItemId } from '@nokkel/base'
import type { Client, Notice, Status } from '@nokkel/client'
import { agentSecondsLeft } from '../agent/ask-agent.ts'
import { defineCommand } from '../command.ts'
import { openClient, openUnlocked } from '../connect.ts'
import { hasKeychain } from '../home.ts'
import { fromEnvironment } from '../input/proofs.ts'
import type { Context } from '../context.ts'

export const command = defineCommand({
  options: { seen: { type: 'boolean', about: 'option.seen' } },
  async run(context, { values }) {
    if (!hasKeychain(context.home)) return showUnopened(context, 'empty')
    // a question about the state is answered also where nobody can unlock
    const canUnlock =
      fromEnvironment(context, 'NOKKEL_PASSCODE') !== undefined ||
      context.prompt.interactive ||
      (await agentSecondsLeft(context.home)) !== undefined
    const client = canUnlock ? await openUnlocked(context) : await openClient(context)
    try {
      const state = await client.state()
      if (state === 'empty' || state === 'locked') return showUnopened(context, state)
      if (state === 'trusted') await refresh(client)
      const status = await client.status()
      if (context.json) context.out.json(status)
      else await printStatus(context, client, status)
      await acknowledge(context, client, status.notices, values.seen)
    } finally {
      await client.close()
    }
  },
})

/** So that "online" means now. Alarms are among the notices afterwards, which is where the person sees them. */
async function refresh(client: Client): Promise<void> {
  try {
    await client.sync()
  } catch (error) {
    if (!isNokkelError(error)) throw error
  }
}

const nothingKnown: Omit<Status, 'state'> = {
  server: null,
  email: null,
  accountId: null,
  deviceId: null,
  deviceName: null,
  twoFactor: true,
  online: false,
  offlineSinceMs: null,
  paused: null,
  lastSyncMs: null,
  pendingChanges: 0,
  items: 0,
  quarantined: 0,
  cursor: 0,
  circle: null,
  keyGeneration: null,
  epochs: [],
  recoveryKey: false,
  escrow: null,
  joinRequest: null,
  removal: null,
  serverClockSkewMs: null,
  notices: [],
}

function showUnopened({ json, messages, out }: Context, state: 'empty' | 'locked'): void {
  if (json) return out.json({ ...nothingKnown, state })
  out.print(messages.t(state === 'empty' ? 'status.empty' : 'status.lock-closed'))
  out.print(messages.t(`status.to-do.${state}`))
}

async function printStatus(context: Context, client: Client, status: Status): Promise<void> {
  const { home, messages, out } = context
  const { t, dateTime, number } = messages
  const rows: (readonly [string, string])[] = [
    [t('status.account'), status.email ?? ''],
    [t('status.server'), status.server ?? ''],
    [t('status.services'), status.server === null ? '' : `${status.server}/status`],
    [t('status.device'), `${status.deviceName ?? ''} (${status.deviceId ?? ''})`],
    [t('status.trust'), messages.label('state', status.state)],
    [t('status.two-factor'), t(status.twoFactor ? 'status.on' : 'status.off')],
    [
      t('status.connection'),
      status.online
        ? t('status.online')
        : status.offlineSinceMs === null
          ? t('status.offline')
          : t('status.offline-since', { time: dateTime(status.offlineSinceMs) }),
    ],
    [t('status.last-sync'), status.lastSyncMs === null ? t('status.never') : dateTime(status.lastSyncMs)],
    [t('status.items'), number(status.items)],
    [t('status.pending'), number(status.pendingChanges)],
  ]
  if (status.paused !== null) {
    const { message, hint } = messages.errorText(status.paused.code, status.paused.params)
    rows.push([t('status.paused'), `${message} ${hint}`])
  }
  if (status.quarantined > 0) rows.push([t('status.quarantined'), number(status.quarantined)])
  if (status.circle !== null) {
    const { activeDevices, seq, headHex } = status.circle
    rows.push([t('status.circle'), t('status.circle-value', { count: activeDevices, seq, head: headHex.slice(0, 16) })])
    rows.push([t('status.position'), number(status.cursor)])
  }
  if (status.keyGeneration !== null) rows.push([t('status.generation'), number(status.keyGeneration)])
  for (const { epoch, oldRecords } of status.epochs)
    rows.push([t('status.epoch'), oldRecords === 0 ? number(epoch) : t('status.epoch-old', { epoch, count: oldRecords })])
  if (status.escrow !== null) rows.push([t('status.recovery'), waysText(messages, status)])
  const left = await agentSecondsLeft(home)
  rows.push([
    t('status.lock'),
    left === undefined ? t('status.lock-closed') : t('status.lock-open', { time: dateTime(Date.now() + left * 1_000) }),
  ])
  if (status.joinRequest !== null)
    rows.push([t('status.join'), t('status.join-value', { code: status.joinRequest.code, time: dateTime(status.joinRequest.expiresMs) })])
  if (status.removal !== null) {
    const { byName, timeMs, disposition } = status.removal
    rows.push([
      t('status.removal'),
      t('status.removal-value', { by: byName, time: dateTime(timeMs), disposition: messages.label('disposition', disposition) }),
    ])
  }
  const skew = status.serverClockSkewMs
  if (skew !== null && Math.abs(skew) > 60_000)
    rows.push([t('status.clock'), t('status.clock-value', { skew: messages.duration(Math.abs(skew) / 1_000) })])
  out.pairs(rows)
  if (status.twoFactor && status.escrow !== null && status.escrow.passcode !== 'current') out.print(t('status.passcode-due'))
  if (status.circle?.rotationDue === true) out.print(t('status.rotation-due'))
  const { state } = status
  if (state === 'signed-in' || state === 'removed' || state === 'off' || state === 'reset') out.print(t(`status.to-do.${state}`))
  if (status.notices.length === 0) return
  out.print('')
  out.print(out.strong(t('status.notices')))
  for (const notice of status.notices) out.print(`  ${dateTime(notice.timeMs)}  ${await noticeText(context, client, notice)}`)
}

function waysText({ t }: Context['messages'], { escrow, recoveryKey }: Status): string {
  const passcodes = escrow?.passcodes ?? 0
  const ways = [
    ...(passcodes > 0 ? [t('status.passcodes', { count: passcodes })] : []),
    ...(escrow?.securityCode === true ? [t('status.security-code')] : []),
    ...(recoveryKey ? [t('status.recovery-key')] : []),
  ]
  return ways.length === 0 ? t('status.recovery-none') : ways.join(', ')
}

async function noticeText({ messages }: Context, client: Client, { kind, params }: Notice): Promise<string> {
  const item = params['item']
  const extra: Record<string, string> = {}
  if (typeof item === 'string') {
    extra['title'] = await client.item(item as ItemId).then(
      ({ title }) => title,
      () => item.slice(0, 8), // deleted for good since
    )
  }
  const code = params['code']
  if (kind === 'alarm' && typeof code === 'string') extra['message'] = isErrorCode(code) ? messages.errorText(code, params).message : code
  return messages.labelWith('notice', kind, { ...params, ...extra })
}

/** What was shown to a person is seen, except alarms: those stay until they say so. Scripts say so too. */
async function acknowledge({ json }: Context, client: Client, notices: readonly Notice[], all: boolean): Promise<void> {
  const seen = notices.filter(({ kind }) => all || (!json && kind !== 'alarm')).map(({ id }) => id)
  if (seen.length > 0) await client.acknowledge(seen)
}
