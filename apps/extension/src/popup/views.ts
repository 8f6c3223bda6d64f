/** What the popup shows of an open keychain, and where one comes from there. */
import type { ItemKind } from '../protocol.ts'

export type ItemPage =
  | { readonly page: 'item'; readonly id: string }
  | { readonly page: 'edit'; readonly id: string; readonly kind: string }
  /** which kind is to be added? */
  | { readonly page: 'kinds' }
  | { readonly page: 'new'; readonly kind: ItemKind }
export type View = { readonly page: 'list' } | { readonly page: 'settings' } | ItemPage

/** Runs what is given once nothing is lost by it, or the person has said yes. */
export type Guard = (go: () => void) => void

export function before(view: View): View {
  if (view.page === 'edit') return { page: 'item', id: view.id }
  return { page: 'list' }
}
