/**
 * Filling a sign-in from the popup, which is a deliberate act of the user (E3, E6): the background checks site and address at that instant,
 * then one function runs in the top frame of that tab and gets the values of one item. Nothing of ours stays in the page.
 */
import { bestMatch } from '@nokkel/autofill'
import { NokkelError, type ItemId } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { browser } from '../browser.ts'

export type FillOutcome = 'filled' | 'no-field' | 'other-site' | 'insecure-page'

/** Runs in the page's isolated world. Self-contained: it is sent as text. `address` is what the decision was made for. */
function fillSignIn(address: string, username: string, password: string): 'filled' | 'no-field' | 'moved' {
  if (location.origin !== new URL(address).origin) return 'moved'
  // only what a person can see gets a secret: drawn, of a size, not transparent, and on top at its own middle
  const seen = (input: HTMLInputElement): boolean => {
    if (input.disabled || input.readOnly) return false
    input.scrollIntoView({ block: 'nearest' })
    const box = input.getBoundingClientRect()
    if (box.width < 20 || box.height < 8) return false
    for (let element: Element | null = input; element !== null; element = element.parentElement) {
      const style = getComputedStyle(element)
      if (Number(style.opacity) < 0.5 || style.visibility === 'hidden' || style.display === 'none' || style.clipPath !== 'none')
        return false
    }
    const root = input.getRootNode() as Document | ShadowRoot
    const top = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    return top === input || (top !== null && (input.contains(top) || top.closest('label')?.contains(input) === true))
  }
  const inputs: HTMLInputElement[] = []
  const collect = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll('*')) {
      if (element instanceof HTMLInputElement) inputs.push(element)
      if (element.shadowRoot !== null) collect(element.shadowRoot)
    }
  }
  collect(document)
  const visible = inputs.filter((input) => /^(?:text|email|tel|password)$/.test(input.type) && seen(input))
  // a page for a new password is not a sign-in
  const secret = visible.find((input) => input.type === 'password' && !input.autocomplete.includes('new-password'))
  const texts = visible.filter((input) => input.type !== 'password')
  const name =
    secret === undefined
      ? texts.find((input) => /username|email/.test(input.autocomplete) || input.type === 'email')
      : texts.filter((input) => inputs.indexOf(input) < inputs.indexOf(secret) && input.form === secret.form).at(-1)
  const set = (input: HTMLInputElement, value: string): void => {
    input.focus()
    // the prototype's setter: frameworks put one of their own on the element to notice what scripts write
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, value)
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText' }))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }
  if (name !== undefined && username !== '') set(name, username)
  if (secret !== undefined && password !== '') set(secret, password)
  return secret === undefined && name === undefined ? 'no-field' : 'filled'
}

export async function fillTab(client: Client, id: string, tabId: number): Promise<FillOutcome> {
  const tab = await browser.tabs.get(tabId)
  const url = tab.url ?? ''
  if (!/^https?:/.test(url)) return 'other-site'
  const item = await client.item(id as ItemId)
  const { rank, insecure } = bestMatch(item.sites, url)
  if (rank === 'none') return 'other-site'
  if (insecure) return 'insecure-page'
  const textOf = (name: string): string => {
    const value = item.fields.find((field) => field.name === name)?.value
    return typeof value === 'string' ? value : ''
  }
  const [answer] = await browser.scripting.executeScript({
    target: { tabId, frameIds: [0] },
    func: fillSignIn,
    args: [url, textOf('username'), textOf('password')],
  })
  if (answer?.result === 'moved') return 'other-site'
  if (answer === undefined) throw new NokkelError('internal')
  return answer.result === 'filled' ? 'filled' : 'no-field'
}
