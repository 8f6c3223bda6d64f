/** SHA-256 (FIPS 180-4). */
import { backend } from '#backend'
import type { Bytes } from '@nokkel/base'

export const sha256Bytes = 32

export function sha256(data: Uint8Array): Bytes {
  return backend.sha256(data)
}
