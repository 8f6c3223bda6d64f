/**
 * What is wrong with a page as it is laid out just now, found in the browser: nothing scrolls sideways, no text is cut off or stands out of its
 * box or the window, what is pressed is large enough, and whatever a person reads or hears is a text of the language that is chosen.
 */
import type { Page } from 'playwright-core'
import { en, nb, type Language } from '@nokkel/messages'

/** WCAG 2.2, 2.5.8: what is pressed is at least this wide and high. */
const leastTarget = 24

/** Waits until nothing moves: three frames in a row with the same layout, and no animation that ends by itself. Never by the clock. */
export function settled(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done))
    const seen = (): string => {
      const { scrollWidth, scrollHeight } = document.documentElement
      const moving = document
        .getAnimations()
        .filter(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().iterations !== Infinity).length
      return `${moving} ${scrollWidth} ${scrollHeight} ${document.body.innerText.length} ${document.querySelectorAll('*').length}`
    }
    let before = ''
    // a page that never rests is looked at all the same after so many frames
    for (let same = 0, frames = 0; same < 3 && frames < 300; frames++) {
      await frame()
      const now = seen()
      same = now === before && now.startsWith('0 ') ? same + 1 : 0
      before = now
    }
  })
}

/** Each fault as a line; empty: none. */
export async function faultsOfLayout(page: Page, language: Language): Promise<string[]> {
  const { faults, texts } = await page.evaluate(lookAround, leastTarget)
  for (const text of texts)
    if (keys.has(text)) faults.push(`a key instead of a text: ${text}`)
    else if (foreign[language].has(text)) faults.push(`of another language: ${text}`)
  return faults
}

type Words = typeof en.words
const keys: ReadonlySet<string> = new Set(Object.keys(en.words))
function textsOf(words: { readonly [K in keyof Words]: unknown }): Set<string> {
  return new Set(Object.values(words).filter((entry): entry is string => typeof entry === 'string' && !entry.includes('{')))
}
const inBoth: readonly string[] = ['Nøkkelring', 'English', 'Norsk', 'Norsk bokmål']
const without = (texts: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...texts].filter((text) => !others.has(text) && !inBoth.includes(text)))
/** Texts that one catalogue has and the other has not: in the other language they stand there by mistake. Languages have their own names. */
const foreign: Readonly<Record<Language, ReadonlySet<string>>> = {
  nb: without(textsOf(en.words), textsOf(nb.words)),
  en: without(textsOf(nb.words), textsOf(en.words)),
}

/** Runs in the page, so it can use nothing of this file. */
function lookAround(least: number): { faults: string[]; texts: string[] } {
  const faults: string[] = []
  const texts = new Set<string>()
  const short = (element: Element): string => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`
  const style = (element: Element): CSSStyleDeclaration => getComputedStyle(element)
  const isShown = (element: Element): boolean => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  /** for screen readers alone: a box of a pixel */
  const isForListeners = (element: Element): boolean => {
    for (let around: Element | null = element; around !== null; around = around.parentElement) {
      const { width, height } = around.getBoundingClientRect()
      if (width <= 1 && height <= 1 && getComputedStyle(around).overflow === 'hidden') return true
    }
    return false
  }
  const endsInDots = ({ textOverflow, webkitLineClamp }: CSSStyleDeclaration): boolean =>
    textOverflow === 'ellipsis' || !['none', ''].includes(webkitLineClamp)

  for (const box of document.querySelectorAll('html, body, main, nav, [role="dialog"], [role="menu"]'))
    if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0 && style(box).display !== 'inline')
      faults.push(`${short(box)} scrolls sideways: ${box.scrollWidth} > ${box.clientWidth}`)

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? ''
    const parent = node.parentElement
    if (text === '' || parent === null || parent.closest('script, style, noscript') !== null) continue
    texts.add(text)
    if (!isShown(parent) || isForListeners(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const rects = [...range.getClientRects()].filter(({ width }) => width > 0)
    if (rects.length === 0) continue
    const left = Math.min(...rects.map((rect) => rect.left))
    const right = Math.max(...rects.map((rect) => rect.right))
    const top = Math.min(...rects.map((rect) => rect.top))
    const bottom = Math.max(...rects.map((rect) => rect.bottom))
    // the nearest box that lays the text out, then every one around it
    let block: Element = parent
    while (style(block).display.startsWith('inline') && style(block).display === 'inline' && block.parentElement !== null)
      block = block.parentElement
    const own = block.getBoundingClientRect()
    let scrolls = false
    let dots = false
    for (let around: Element | null = block; around !== null && around !== document.documentElement; around = around.parentElement) {
      const box = around.getBoundingClientRect()
      const styles = style(around)
      if (endsInDots(styles)) dots = true
      if (['auto', 'scroll'].includes(styles.overflowX) && around.scrollWidth > around.clientWidth) scrolls = true
      const cutsAcross = ['hidden', 'clip'].includes(styles.overflowX) && (right > box.right + 1 || left < box.left - 1)
      if (cutsAcross && !dots && !scrolls && box.width > 1) faults.push(`cut off at the side: ${text.slice(0, 60)} in ${short(around)}`)
      const cutsDown = ['hidden', 'clip'].includes(styles.overflowY) && (bottom > box.bottom + 2 || top < box.top - 2)
      if (cutsDown && !dots && box.height > 1) faults.push(`cut off below: ${text.slice(0, 60)} in ${short(around)}`)
      if (styles.position === 'fixed') break
      // what is scrolled away is not cut off
      if (['auto', 'scroll'].includes(styles.overflowY)) break
    }
    if (dots || scrolls) continue
    if (right > own.right + 1.5 || left < own.left - 1.5) faults.push(`out of its box: ${text.slice(0, 60)} in ${short(block)}`)
    if (right > innerWidth + 0.5 || left < -0.5) faults.push(`out of the window: ${text.slice(0, 60)} in ${short(block)}`)
  }

  const pen = document.createElement('canvas').getContext('2d')
  for (const select of document.querySelectorAll('select')) {
    const { font, paddingLeft, paddingRight } = style(select)
    const text = select.selectedOptions[0]?.text ?? ''
    if (pen === null || !isShown(select)) continue
    pen.font = font
    const room = select.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
    if (pen.measureText(text).width > room + 1) faults.push(`cut off in what is chosen: ${text}`)
  }
  for (const element of document.querySelectorAll('button, select, input, textarea, [role="option"], [role="menuitem"]')) {
    const { width, height } = element.getBoundingClientRect()
    if (!isShown(element) || isForListeners(element) || (width === 0 && height === 0)) continue
    // the label of a box to tick is pressed too
    if (element instanceof HTMLInputElement && ['checkbox', 'radio'].includes(element.type)) continue
    if (width < least || height < least) faults.push(`too small to press: ${short(element)} ${Math.round(width)} × ${Math.round(height)}`)
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt], option'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      const text = element.getAttribute(name)?.trim() ?? ''
      if (text !== '') texts.add(text)
      else if (element.hasAttribute(name) && name !== 'alt') faults.push(`an empty ${name}: ${short(element)}`)
    }
  return { faults: [...new Set(faults)], texts: [...texts] }
}
