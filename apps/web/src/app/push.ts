/** Notices while the app is closed (PUSH-1): the browser's subscription, handed to the worker, which leaves it with the server. */
import { fromBase64url, NokkelError, toBase64url } from '@nokkel/base'
import { call } from './worker-client.ts'

export type PushState = 'on' | 'off' | 'denied' | 'missing'

export async function pushState(): Promise<PushState> {
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) return 'missing'
  if (Notification.permission === 'denied') return 'denied'
  const registration = await navigator.serviceWorker.getRegistration()
  if (registration === undefined) return 'missing'
  return (await registration.pushManager.getSubscription()) === null ? 'off' : 'on'
}

/** Throws `push-unavailable` where the person or the browser does not allow it, or its push service is away. */
export async function turnOnPush(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new NokkelError('push-unavailable')
  const publicKey = await call('pushKey')
  const { pushManager } = await navigator.serviceWorker.ready
  const subscription = await pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(fromBase64url(publicKey)) })
    .catch(() => {
      throw new NokkelError('push-unavailable')
    })
  const key = (name: PushEncryptionKeyName): string => toBase64url(new Uint8Array(subscription.getKey(name) ?? new ArrayBuffer(0)))
  try {
    await call('setPush', { endpoint: subscription.endpoint, p256dh: key('p256dh'), auth: key('auth') })
  } catch (error) {
    // a subscription that the server does not know would only look as if it worked
    await subscription.unsubscribe().catch(() => false)
    throw error
  }
}

export async function turnOffPush(): Promise<void> {
  await call('setPush', null)
  const { pushManager } = await navigator.serviceWorker.ready
  await (await pushManager.getSubscription())?.unsubscribe()
}
