/** The account's policy for devices in browsers, as the command line shows it. */
import type { ClassPolicy } from '@nokkel/client'
import type { Context } from '../context.ts'

export function printPolicy({ json, messages, out }: Context, policy: ClassPolicy): void {
  if (json) return out.json({ web: policy.web, extension: policy.extension })
  out.pairs([
    [messages.t('policy.class.web'), messages.t(`policy.reach.${policy.web}`)],
    [messages.t('policy.class.extension'), messages.t(`policy.reach.${policy.extension}`)],
  ])
}
