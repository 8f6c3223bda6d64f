/** `nokkel policy set`: what devices of one kind in browsers may do with the keychain from now on (SPEC CIR-23). */
import { NokkelError } from '@nokkel/base'
import { classReaches } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import { printPolicy } from '../output/policy.ts'
import { usageError } from '../usage.ts'

const classes = ['web', 'extension'] as const

export const command = defineCommand({
  positionals: [{ name: 'CLASS' }, { name: 'REACH' }],
  options: {
    'delete-copy': { type: 'boolean', about: 'option.delete-copy' },
    yes: { type: 'boolean', about: 'option.yes' },
  },
  async run(context, { values, positionals }) {
    const { messages, prompt } = context
    const kind = classes.find((known) => known === positionals[0])
    const reach = classReaches.find((known) => known === positionals[1])
    if (kind === undefined)
      throw usageError('invalid-value', { option: 'CLASS', expected: messages.t('expected.kind', { choices: classes.join(', ') }) })
    if (reach === undefined)
      throw usageError('invalid-value', { option: 'REACH', expected: messages.t('expected.kind', { choices: classReaches.join(', ') }) })
    await withKeychain(context, async (client) => {
      // devices of that kind are removed by it
      const going = reach === 'off' ? (await client.devices()).filter((device) => device.status === 'active' && device.class === kind) : []
      for (const { name } of going)
        if (!values.yes && prompt.stdinIsTerminal && !(await prompt.confirm(messages.t('ask.remove-device', { name }))))
          throw new NokkelError('cancelled')
      await withProgress(context, () => client.setClassPolicy({ [kind]: reach }, { deleteCopy: values['delete-copy'] }))
      printPolicy(context, await client.classPolicy())
    })
  },
})
