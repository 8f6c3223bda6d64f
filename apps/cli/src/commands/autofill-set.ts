/** `nokkel autofill set`: a switch of filling and saving, for all devices (E1). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { printAutofill, switchNames } from '../output/autofill.ts'
import { usageError } from '../usage.ts'

const names = Object.keys(switchNames) as (keyof typeof switchNames)[]
const states = ['on', 'off'] as const

export const command = defineCommand({
  positionals: [
    { name: 'SWITCH', completes: names },
    { name: 'STATE', completes: states },
  ],
  async run(context, { positionals }) {
    const { messages } = context
    const name = names.find((known) => known === positionals[0])
    const state = states.find((known) => known === positionals[1])
    if (name === undefined)
      throw usageError('invalid-value', { option: 'SWITCH', expected: messages.t('expected.kind', { choices: names.join(', ') }) })
    if (state === undefined)
      throw usageError('invalid-value', { option: 'STATE', expected: messages.t('expected.kind', { choices: states.join(', ') }) })
    await withKeychain(context, async (client) =>
      printAutofill(context, await client.changeAutofill({ switches: { [switchNames[name]]: state === 'on' } })),
    )
  },
})
