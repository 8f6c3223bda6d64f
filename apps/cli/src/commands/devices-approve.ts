/** `nokkel devices approve`: lets a new device in with the six digits that it shows (A5, F2). */
import { NokkelError } from '@nokkel/base'
import type { Client, JoinRequestInfo } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import { findRequest } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'REQUEST', optional: true }],
  options: { code: { type: 'string', value: '123456', about: 'option.code' } },
  async run(context, { values, positionals }) {
    const given = values.code === undefined ? undefined : checkCode(values.code, context)
    await withKeychain(context, async (client) => {
      const request = await chooseRequest(client, positionals[0])
      const code = given ?? (await askCode(context, request))
      const device = await withProgress(context, (options) => client.approve(request.requestId, code, options))
      if (context.json) context.out.json({ device })
      else context.out.print(context.messages.t('done.approved', { name: device.name }))
    })
  },
})

/** Without a name: the one that is pending. The code belongs to one request, so a wrong guess lets nobody in. */
async function chooseRequest(client: Client, reference: string | undefined): Promise<JoinRequestInfo> {
  if (reference !== undefined) return findRequest(client, reference)
  const pending = (await client.joinRequests()).filter(({ state }) => state === 'pending')
  const [only] = pending
  if (only === undefined) throw new NokkelError('request-not-found')
  if (pending.length > 1) throw usageError('missing-argument', { argument: 'REQUEST' })
  return only
}

/** Typed as it is shown, in two groups of three, or together. */
function checkCode(text: string, { messages }: Context): string {
  const code = text.replace(/[\s-]/g, '')
  if (!/^\d{6}$/.test(code)) throw usageError('invalid-value', { option: '--code', expected: messages.t('expected.six-digits') })
  return code
}

async function askCode(context: Context, request: JoinRequestInfo): Promise<string> {
  const { messages, out, prompt } = context
  if (!prompt.interactive) throw usageError('missing-option', { option: '--code' })
  out.note(
    messages.t('devices.approve-about', {
      name: request.name,
      class: messages.label('class', request.class),
      time: messages.dateTime(request.createdMs),
      place: request.place === '' ? messages.t('devices.unknown-place') : request.place,
    }),
  )
  return checkCode(await prompt.line(messages.t('ask.approval-code', { name: request.name })), context)
}
