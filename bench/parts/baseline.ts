/**
 * Yardsticks: the least that the machine lets anybody do the work with, without any of what makes it a product. They say how much of
 * a figure is the machine's and how much is ours.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LoginItem } from './items.ts'

const nonceBytes = 12
const tagBytes = 16

/** One AES-256-GCM blob of JSON an item. */
export function sealPlain(key: Uint8Array, items: readonly LoginItem[]): Buffer[] {
  return items.map((item) => {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, cipher.update(JSON.stringify(item), 'utf8'), cipher.final(), cipher.getAuthTag()])
  })
}

export function openPlain(key: Uint8Array, sealed: readonly Buffer[]): LoginItem[] {
  return sealed.map((blob) => {
    const cipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, nonceBytes))
    cipher.setAuthTag(blob.subarray(-tagBytes))
    const text = Buffer.concat([cipher.update(blob.subarray(nonceBytes, -tagBytes)), cipher.final()]).toString('utf8')
    return JSON.parse(text) as LoginItem
  })
}

/** Milliseconds of each of `count` appends of 1 KB that the disk has to acknowledge. */
export function diskSyncs(folder: string, count: number): number[] {
  const descriptor = openSync(join(folder, 'fsync'), 'w')
  const page = Buffer.alloc(1_024, 1)
  try {
    return Array.from({ length: count }, () => {
      const from = performance.now()
      writeSync(descriptor, page)
      fdatasyncSync(descriptor)
      return performance.now() - from
    })
  } finally {
    closeSync(descriptor)
  }
}
