/** All commands by name, each loaded only when it is wanted. The order is that of the help. */
import type { MessageKey } from '@nokkel/messages'
import type { Command } from './command.ts'

type Load = () => Promise<{ readonly command: Command }>

/** Names a person may type; each has its line in the help (`about.NAME`). */
export type CommandName = Extract<MessageKey, `about.${string}`> extends `about.${infer Name}` ? Name : never

const commands: Readonly<Record<CommandName, Load>> = {
  'account create': () => import('./commands/account-create.ts'),
  'account password': () => import('./commands/account-password.ts'),
  'account delete': () => import('./commands/account-delete.ts'),
  'account keep': () => import('./commands/account-keep.ts'),
  'account export': () => import('./commands/account-export.ts'),
  'sign-in': () => import('./commands/sign-in.ts'),
  'sign-out': () => import('./commands/sign-out.ts'),
  join: () => import('./commands/join.ts'),
  'devices list': () => import('./commands/devices-list.ts'),
  'devices approve': () => import('./commands/devices-approve.ts'),
  'devices decline': () => import('./commands/devices-decline.ts'),
  'devices remove': () => import('./commands/devices-remove.ts'),
  'devices rename': () => import('./commands/devices-rename.ts'),
  status: () => import('./commands/status.ts'),
  doctor: () => import('./commands/doctor.ts'),
  list: () => import('./commands/list.ts'),
  show: () => import('./commands/show.ts'),
  add: () => import('./commands/add.ts'),
  edit: () => import('./commands/edit.ts'),
  delete: () => import('./commands/delete.ts'),
  restore: () => import('./commands/restore.ts'),
  purge: () => import('./commands/purge.ts'),
  history: () => import('./commands/history.ts'),
  sync: () => import('./commands/sync.ts'),
  import: () => import('./commands/import.ts'),
  unlock: () => import('./commands/unlock.ts'),
  lock: () => import('./commands/lock.ts'),
  'passcode change': () => import('./commands/passcode-change.ts'),
  activity: () => import('./commands/activity.ts'),
  on: () => import('./commands/on.ts'),
  off: () => import('./commands/off.ts'),
  reset: () => import('./commands/reset.ts'),
  'recovery-key create': () => import('./commands/recovery-key-create.ts'),
  'recovery-key check': () => import('./commands/recovery-key-check.ts'),
  'recovery-key replace': () => import('./commands/recovery-key-replace.ts'),
  'recovery-key revoke': () => import('./commands/recovery-key-revoke.ts'),
  'security-code set': () => import('./commands/security-code-set.ts'),
  'security-code change': () => import('./commands/security-code-change.ts'),
  'security-code remove': () => import('./commands/security-code-remove.ts'),
  'security-code forgot': () => import('./commands/security-code-forgot.ts'),
  'realms accept': () => import('./commands/realms-accept.ts'),
  recover: () => import('./commands/recover.ts'),
  'number show': () => import('./commands/number-show.ts'),
  'number test': () => import('./commands/number-test.ts'),
  'number change': () => import('./commands/number-change.ts'),
  'number add': () => import('./commands/number-add.ts'),
  'number remove': () => import('./commands/number-remove.ts'),
  'number stop-support': () => import('./commands/number-stop-support.ts'),
  'two-factor show': () => import('./commands/two-factor-show.ts'),
  'two-factor on': () => import('./commands/two-factor-on.ts'),
  'two-factor off': () => import('./commands/two-factor-off.ts'),
  'two-factor code': () => import('./commands/two-factor-code.ts'),
  'policy show': () => import('./commands/policy-show.ts'),
  'policy set': () => import('./commands/policy-set.ts'),
  'autofill show': () => import('./commands/autofill-show.ts'),
  'autofill set': () => import('./commands/autofill-set.ts'),
  'autofill never': () => import('./commands/autofill-never.ts'),
  'autofill allow': () => import('./commands/autofill-allow.ts'),
  'backup save': () => import('./commands/backup-save.ts'),
  'backup restore': () => import('./commands/backup-restore.ts'),
  generate: () => import('./commands/generate.ts'),
  'verify-web': () => import('./commands/verify-web.ts'),
  settings: () => import('./commands/settings.ts'),
  completion: () => import('./commands/completion.ts'),
  help: () => import('./commands/help.ts'),
}

/** Started by the program itself, never typed; what they need comes over a pipe. */
const hidden: Readonly<Record<string, Load>> = {
  __agent: () => import('./commands/run-agent.ts'),
  '__await-approval': () => import('./commands/await-approval.ts'),
  '__clear-clipboard': () => import('./commands/clear-clipboard.ts'),
  __complete: () => import('./commands/complete.ts'),
}

export const commandNames = Object.keys(commands) as readonly CommandName[]

export function findLoader(name: string): Load | undefined {
  if (Object.hasOwn(commands, name)) return commands[name as CommandName]
  return Object.hasOwn(hidden, name) ? hidden[name] : undefined
}
