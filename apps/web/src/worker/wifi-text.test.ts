import { encodeQR } from 'qr'
import decodeQR from 'qr/decode.js'
import { expect, it } from 'vitest'
import { wifiText } from './wifi-text.ts'

it('C2 a network reads as telephones expect it, and nothing in its name becomes a field', () => {
  const plain = { ssid: 'Hytta', password: 'furu og einer', security: '', hidden: false }
  expect(wifiText(plain)).toBe('WIFI:T:WPA;S:Hytta;P:furu og einer;;')
  expect(wifiText({ ...plain, security: 'WPA3', hidden: true })).toBe('WIFI:T:SAE;S:Hytta;P:furu og einer;H:true;;')
  expect(wifiText({ ...plain, security: 'WPA2/WPA3' })).toContain('T:WPA;')
  expect(wifiText({ ...plain, security: 'WEP' })).toContain('T:WEP;')
  expect(wifiText({ ...plain, password: '' })).toBe('WIFI:T:nopass;S:Hytta;;')
  expect(wifiText({ ...plain, ssid: 'a;T:nopass;P:"x\\\\:,' })).toBe(
    String.raw`WIFI:T:WPA;S:a\;T\:nopass\;P\:\"x\\\\\:\,;P:furu og einer;;`,
  )
})

it('C2 the picture that is drawn reads back as that text', () => {
  const text = wifiText({ ssid: 'Hytta på fjellet', password: 'Æ;ø:å', security: 'WPA2', hidden: false })
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 3 })
  const scale = 4
  const size = rows.length * scale
  const data = new Uint8Array(size * size * 4).fill(255)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true) data.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3)
  expect(decodeQR({ width: size, height: size, data })).toBe(text)
})
