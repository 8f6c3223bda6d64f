/** `nokkel add`: a new item. Its secret is asked for, generated, or read from a file or standard input. */
import { isItemKind, itemKinds } from '@nokkel/keychain'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { usageError } from '../usage.ts'
import { askMainSecret, checkDraft, draftOptions, readDraft } from '../items/draft-options.ts'

export const command = defineCommand({
  positionals: [{ name: 'KIND', completes: itemKinds }],
  options: draftOptions,
  async run(context, { values, positionals }) {
    const { jsonForScripts, messages, out, prompt } = context
    const kind = positionals[0] as string
    if (!isItemKind(kind))
      throw usageError('invalid-value', { option: 'KIND', expected: messages.t('expected.kind', { choices: itemKinds.join(', ') }) })
    const checked = checkDraft(kind, values, context)
    const fields = await readDraft(kind, checked, context)
    if (!fields.has('title')) {
      if (!prompt.stdinIsTerminal) throw usageError('missing-option', { option: '--title' })
      fields.set('title', await prompt.line(messages.t('ask.title')))
    }
    await askMainSecret(kind, fields, context, 'add')
    await withKeychain(context, async (client) => {
      const id = await client.addItem({ kind, fields })
      if (jsonForScripts) out.json({ id })
      else out.print(messages.t('done.added', { title: String(fields.get('title')), id: id.slice(0, 8) }))
    })
  },
})
