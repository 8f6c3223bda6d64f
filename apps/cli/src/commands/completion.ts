/** `nokkel completion`: the script that a shell loads to complete commands, options, kinds, items and devices. */
import { defineCommand } from '../command.ts'
import { usageError } from '../usage.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { loadModel } from '../completion/model.ts'
import { zshScript } from '../completion/zsh.ts'

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript }
const names = Object.keys(shells)

export const command = defineCommand({
  positionals: [{ name: 'SHELL', completes: names }],
  async run(context, { positionals }) {
    const shell = positionals[0] as string
    if (!Object.hasOwn(shells, shell))
      throw usageError('invalid-value', { option: 'SHELL', expected: context.messages.t('expected.kind', { choices: names.join(', ') }) })
    const script = shells[shell as keyof typeof shells](await loadModel(context.messages))
    if (context.json) context.out.json({ shell, script })
    else context.out.raw(script)
  },
})
