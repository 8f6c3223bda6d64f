/** `nokkel sync`: fetch and send now, or stay and print a line for each change that arrives (B1). */
import type { SyncChange, SyncReport } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'

export const command = defineCommand({
  options: { watch: { type: 'boolean', about: 'option.watch' } },
  async run(context, { values }) {
    await withKeychain(context, async (client) => {
      if (values.watch) {
        if (!context.jsonForScripts) context.out.note(context.messages.t('sync.watching'))
        return client.watch((change) => printChange(context, change), { signal: context.signal })
      }
      const report = await withProgress(context, (options) => client.sync(options))
      if (context.json) context.out.json(report)
      else printReport(context, report)
    })
    // watching is ended by Ctrl-C or SIGTERM, and says so in its exit status like any other program
    context.signal.throwIfAborted()
  },
})

function printChange({ jsonForScripts, messages, out }: Context, change: SyncChange): void {
  if (jsonForScripts) return out.json(change)
  const params = {
    time: messages.dateTime(Date.now()),
    what: messages.label('change', change.type),
    title: change.title,
    by: change.by,
    took: messages.number(change.tookMs),
  }
  out.print(
    change.type === 'item'
      ? messages.t('sync.change', params)
      : `${params.time}  ${params.what}${change.title === '' ? '' : `: ${change.title}`}`,
  )
}

function printReport({ messages, out }: Context, { pulled, pushed, merged, quarantined }: SyncReport): void {
  out.print(messages.t('sync.done', { pulled, pushed }))
  if (merged > 0) out.print(messages.t('sync.merged', { count: merged }))
  if (quarantined > 0) out.print(messages.t('sync.quarantined', { count: quarantined }))
}
