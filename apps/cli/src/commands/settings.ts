/** `nokkel settings`: shows the settings of this device, or changes them. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import { languageFile } from '../language.ts'

const languages = ['nb', 'en', 'system'] as const

export const command = defineCommand({
  options: {
    'auto-lock': { type: 'string', value: 'MINUTES', about: 'option.auto-lock' },
    language: { type: 'string', value: 'nb|en|system', about: 'option.language', completes: languages },
  },
  async run(context, { values }) {
    const { json, messages, out } = context
    const changes = checkChanges(values['auto-lock'], values.language, context)
    await withKeychain(context, async (client) => {
      const settings = Object.keys(changes).length === 0 ? await client.settings() : await client.changeSettings(changes)
      if (changes.language !== undefined) noteLanguage(context.home, changes.language)
      if (json) return out.json({ autoLockMinutes: settings.autoLockMinutes, language: settings.language })
      out.pairs([
        [messages.t('settings.auto-lock'), messages.t('settings.auto-lock-value', { count: settings.autoLockMinutes })],
        [messages.t('settings.language'), messages.t(`settings.language.${settings.language}`)],
      ])
    })
  },
})

function checkChanges(minutes: string | undefined, language: string | undefined, { messages }: Context): Partial<Settings> {
  const known = languages.find((each) => each === language)
  if (language !== undefined && known === undefined)
    throw usageError('invalid-value', { option: '--language', expected: messages.t('expected.kind', { choices: languages.join(', ') }) })
  if (minutes !== undefined && !(/^\d{1,3}$/.test(minutes) && Number(minutes) >= 1 && Number(minutes) <= 240))
    throw usageError('invalid-value', { option: '--auto-lock', expected: messages.t('settings.expected-minutes') })
  return { ...(known !== undefined && { language: known }), ...(minutes !== undefined && { autoLockMinutes: Number(minutes) }) }
}

/** See language.ts: words must be found while the keychain is locked. */
function noteLanguage(home: string, language: Settings['language']): void {
  const file = join(home, languageFile)
  if (language === 'system') rmSync(file, { force: true })
  else writeFileSync(file, `${language}\n`, { mode: 0o600 })
}
