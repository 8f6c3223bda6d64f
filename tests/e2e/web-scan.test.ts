/** Approval by QR code between two browsers: one shows it, the other has a camera that sees it (A5, JOIN-11). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeQR } from 'qr'
import decodeQR from 'qr/decode.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { startBrowser } from './browser.ts'
import { World, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

const email = 'kamera@example.org'
const width = 640
const height = 480
const blockPixels = 8

/** One picture of a QR code in the middle of a grey wall, as a video file that Chromium takes for a camera. */
function video(text: string | null): Buffer {
  const luma = Buffer.alloc(width * height, 128)
  const rows = text === null ? [] : encodeQR(text, 'raw', { ecc: 'medium', border: 3 })
  const left = Math.floor((width - rows.length * blockPixels) / 2)
  const top = Math.floor((height - rows.length * blockPixels) / 2)
  for (const [y, row] of rows.entries())
    for (const [x, dark] of row.entries())
      for (let line = 0; line < blockPixels; line++) {
        const from = (top + y * blockPixels + line) * width + left + x * blockPixels
        luma.fill(dark ? 16 : 235, from, from + blockPixels)
      }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(width * height * 0.5, 128)])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: 5 }, () => frame)])
}

const world = new World()
const file = join(world.folder, 'camera.y4m')
let server: Server
let browser: Browser
let withCamera: Browser
let old: WebPage
beforeAll(async () => {
  buildWebApp()
  server = await world.server()
  writeFileSync(file, video(null))
  browser = await startBrowser()
  withCamera = await startBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ])
  old = await WebPage.open(withCamera, server.url, 'nb', 'phone')
  await old.createAccount(email)
})
afterAll(async () => {
  await browser?.close()
  await withCamera?.close()
  await world.end()
})

/** What stands in the picture on the page, read as a camera would. */
async function shownQr(page: WebPage): Promise<string> {
  const picture = page.page.getByRole('img', { name: page.t('web.join.qr') })
  const path = (await picture.locator('path').getAttribute('d')) ?? ''
  const size = Number(((await picture.getAttribute('viewBox')) ?? '').split(' ')[2])
  const scale = 4
  const side = size * scale
  const data = new Uint8Array(side * side * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1/g))
    for (let i = 0; i < scale; i++)
      for (let j = 0; j < scale; j++)
        data.fill(
          0,
          ((Number(y) * scale + i) * side + Number(x) * scale + j) * 4,
          ((Number(y) * scale + i) * side + Number(x) * scale + j) * 4 + 3,
        )
  return decodeQR({ width: side, height: side, data })
}

it('JOIN-11 the old device scans what the new one shows, after the person was asked for (C1); a strange code says what it is', async () => {
  const fresh = await WebPage.open(browser, server.url, 'en', 'desktop')
  await fresh.signIn(email)
  await fresh.page.getByRole('img', { name: fresh.t('web.join.qr') }).waitFor()
  await fresh.look('join-qr')
  writeFileSync(file, video('https://example.org/not-ours'))
  await old.go('#/devices')
  await old.button('web.devices.approve').click()
  await old.button('web.scan.start').click()
  await old.seeText(old.words.errorText('qr-invalid').message)
  await old.look('scan')
  await old.button('web.scan.type').click()
  writeFileSync(file, video(await shownQr(fresh)))
  await old.button('web.scan.start').click()
  await fresh.field('web.search').waitFor()
  await old.see('web.devices.no-more')
  // the camera is off again
  expect(await old.page.evaluate(() => document.querySelector('video'))).toBe(null)
  expect([...old.complaints, ...fresh.complaints]).toEqual([])
  expect([...old.violations, ...fresh.violations]).toEqual([])
})
