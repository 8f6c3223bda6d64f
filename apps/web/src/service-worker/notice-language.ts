/**
 * The language in which a person wants to be told while the app is closed: a word beside the files of the release, since the store is not the service
 * worker's to open. None where the browser's own language is meant, or the device holds no keychain.
 */
const cacheName = 'notice-language'
/** What a window that is open already is told when a notice is pressed. */
export const openDevices = 'open-devices'
const key = '/notice-language'

export async function keepNoticeLanguage(language: 'nb' | 'en' | 'system'): Promise<void> {
  if (language === 'system') await caches.delete(cacheName)
  else await (await caches.open(cacheName)).put(key, new Response(language))
}

export async function noticeLanguage(): Promise<'nb' | 'en'> {
  const kept = await caches.match(key, { cacheName }).then(
    (found) => found?.text(),
    () => undefined,
  )
  if (kept === 'nb' || kept === 'en') return kept
  return /^(?:nb|nn|no)\b/i.test(navigator.language) ? 'nb' : 'en'
}
