/** The key with which push services know this server (VAPID, RFC 8292), beside `server.key`. Losing it ends all subscriptions, and nothing else. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import webPush from 'web-push'
import { NokkelError } from '@nokkel/base'
import { writePrivateFile } from '../store/data-folder.ts'

const shape = v.strictObject({
  version: v.literal(1),
  publicKey: v.pipe(v.string(), v.regex(/^[\w-]{87}$/)),
  privateKey: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
})
export type PushKey = v.InferOutput<typeof shape>

/** Throws `store-damaged` with what: 'push-key'. */
export function openPushKey(folder: string): PushKey {
  const file = join(folder, 'push.key')
  if (!existsSync(file)) writePrivateFile(file, `${JSON.stringify({ version: 1, ...webPush.generateVAPIDKeys() })}\n`)
  try {
    return v.parse(shape, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new NokkelError('store-damaged', { what: 'push-key' }, { cause: error })
  }
}
