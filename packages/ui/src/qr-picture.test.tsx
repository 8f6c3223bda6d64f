/** What a camera reads of the picture, and what stands beside it. */
import decodeQR from 'qr/decode.js'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { QrPicture } from './qr-picture.tsx'

const scale = 4

/** As a camera would have it: white paper, one black square for each of the path. */
function photographed(markup: string): { readonly width: number; readonly height: number; readonly data: Uint8Array } {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(markup)?.[1])
  const side = size * scale
  const data = new Uint8Array(side * side * 4).fill(255)
  for (const [, x, y] of markup.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let line = 0; line < scale; line++) {
      const from = ((Number(y) * scale + line) * side + Number(x) * scale) * 4
      for (let at = from; at < from + scale * 4; at++) if (at % 4 !== 3) data[at] = 0
    }
  return { width: side, height: side, data }
}

it.each(['NOKKEL1:00FF00FF00FF', 'WIFI:T:WPA;S:Hytta;P:blåbærsyltetøy 7;;', 'x'.repeat(600)])(
  'is read as what stands in it, which stands nowhere else: %s',
  (text) => {
    const markup = renderToStaticMarkup(<QrPicture text={text} label="Koden" className="qr" />)
    expect(decodeQR(photographed(markup))).toBe(text)
    expect(markup).not.toContain(text)
    expect(markup).toMatch(/^<svg class="qr" [^>]*role="img" aria-label="Koden"/)
  },
)
