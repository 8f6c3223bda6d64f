/** Choosing a security code on a trusted device (F3, F6): which kind, typed twice or made here, after a fresh proof of the person (C1). */
import { defineCommand } from './command.ts'
import { withKeychain } from './connect.ts'
import { newSecurityCode, passcode } from './input/proofs.ts'
import { usageError } from './usage.ts'

const kinds = ['digits', 'own', 'random'] as const

/** `set` and `change` do the same: a trusted device needs no old code, and a new one takes its place. */
export const chooseSecurityCode = defineCommand({
  options: { kind: { type: 'string', value: 'KIND', about: 'option.code-kind', completes: kinds } },
  async run(context, { values }) {
    const kind = kinds.find((candidate) => candidate === (values.kind ?? 'digits'))
    if (kind === undefined) throw usageError('invalid-value', { option: '--kind', expected: kinds.join(', ') })
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await client.checkPasscode(await passcode(context))
      const code = await client.setSecurityCode(kind === 'random' ? { kind } : { kind, code: await newSecurityCode(context) })
      if (json) return out.json({ set: true, kind, ...(kind === 'random' && { securityCode: code }) })
      if (kind === 'random') out.print(out.strong(code))
      out.note(messages.t(kind === 'random' ? 'security-code.random' : 'security-code.set'))
    })
  },
})
