/** "Why not?": the same causes in the popup, at once, and in a whole examination of the extension (E9, G). */
import { symptoms, whyNot } from '@nokkel/doctor'
import { describe, expect, it } from 'vitest'
import { browserFaults, goodBrowser, goodPage } from './browser-faults.ts'

const codes = (seen: typeof goodBrowser, symptom: (typeof symptoms)[number]) => whyNot(seen, symptom, '0.1.0').map(({ code }) => code)

describe('E9: why not?', () => {
  it.each(browserFaults)('$name: $code, and nothing beside it', ({ code, symptom, seen }) => {
    expect(codes(seen, symptom)).toEqual([code])
  })

  it('nothing on a page where everything is in order, and nothing where no page is known', () => {
    for (const symptom of symptoms) {
      expect(codes(goodBrowser, symptom)).toEqual([])
      expect(codes({ ...goodBrowser, page: null }, symptom)).toEqual([])
    }
  })

  it('two at once: both, in the order of rank', () => {
    const seen = { ...goodBrowser, switches: { ...goodBrowser.switches, saving: false }, page: { ...goodPage, neverListed: true } }
    expect(codes(seen, 'site-not-saved')).toEqual(['saving-off', 'never-listed'])
  })

  it('E4 and the never-list are about passwords and stand in no card’s way', () => {
    const seen = { ...goodBrowser, page: { ...goodPage, purpose: 'card' as const, neverListed: true, asksNot: true } }
    expect(codes(seen, 'cards-not-filled')).toEqual([])
  })

  it('names the frame’s site, not the page’s', () => {
    const [finding] = whyNot({ ...goodBrowser, page: { ...goodPage, foreignFrame: 'pay.example' } }, 'passwords-not-filled', '0.1.0')
    expect(finding?.evidence).toContainEqual({ name: 'host', type: 'host', value: 'pay.example' })
  })
})
