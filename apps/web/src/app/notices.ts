/** The page's part in notices while the app is closed (PUSH-1): in which language they speak, and where a press on one leads. */
import { useEffect } from 'react'
import { keepNoticeLanguage, openDevices } from '../service-worker/notice-language.ts'
import type { Settings } from '../worker/protocol.ts'
import { go } from './state.tsx'

export function useNotices(language: Settings['language']): void {
  useEffect(() => {
    // without a service worker there is nobody to tell
    if ('serviceWorker' in navigator) void keepNoticeLanguage(language).catch(() => undefined)
  }, [language])
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return undefined
    const open = ({ data }: MessageEvent<unknown>): void => {
      // what somebody is in the middle of is not taken away; the request stands above every page
      if (data === openDevices && document.querySelector('[role="dialog"]') === null) go('devices')
    }
    navigator.serviceWorker.addEventListener('message', open)
    return () => navigator.serviceWorker.removeEventListener('message', open)
  }, [])
}
