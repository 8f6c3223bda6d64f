/** `nokkel activity`: what happened on the account (H2), and what of it this device has checked itself. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const events = await client.activity()
      if (json) return out.json({ events })
      if (events.length === 0) return out.note(messages.t('activity.none'))
      const headings = [
        messages.t('activity.time'),
        messages.t('activity.what'),
        messages.t('activity.device'),
        messages.t('activity.place'),
        messages.t('activity.detail'),
        messages.t('activity.source'),
      ]
      const rows = events.map(({ timeMs, kind, device, place, detail, verified }) => [
        messages.dateTime(timeMs),
        messages.label('activity', kind),
        device,
        place,
        detail,
        messages.t(verified ? 'activity.verified' : 'activity.by-server'),
      ])
      out.table(headings, rows)
    })
  },
})
