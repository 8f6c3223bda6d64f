/** Which language to speak: --lang, then the setting of this device, then the environment in the order of POSIX and gettext. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pickLanguage, type Language } from '@nokkel/messages'

/**
 * The setting `language` once more, in the clear beside the keychain, because messages must be readable while that is locked.
 * Written by `nokkel settings`.
 */
export const languageFile = 'language'

export function languageOf(flag: string | undefined, home: string, env: NodeJS.ProcessEnv): Language {
  if (flag === 'nb' || flag === 'en') return flag
  const setting = readSetting(home)
  return setting === 'nb' || setting === 'en' ? setting : pickLanguage(tagsOf(env))
}

function readSetting(home: string): string {
  try {
    return readFileSync(join(home, languageFile), 'utf8').trim()
  } catch {
    return '' // not set, which is the usual case
  }
}

/** POSIX: the first of these that is set and not empty. GNU: LANGUAGE lists further wishes, unless the locale is C. */
function tagsOf(env: NodeJS.ProcessEnv): string[] {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '')
  if (locale === undefined) return process.platform === 'linux' ? [] : [Intl.DateTimeFormat().resolvedOptions().locale]
  if (/^(C|POSIX)(\.|$)/.test(locale)) return []
  return [...(env['LANGUAGE'] ?? '').split(':').filter((tag) => tag !== ''), locale]
}
