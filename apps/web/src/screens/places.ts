/** The places of the keychain's menu, in their order. */
import type { IconName } from '../ui/icon.tsx'
import type { Category } from '../worker/protocol.ts'

export const categories: readonly Category[] = ['all', 'password', 'passkey', 'code', 'card', 'wifi', 'note', 'deleted']
/** As they stand in the menu: what needs attention before what is deleted. */
export const places: readonly (Category | 'security')[] = [...categories.slice(0, -1), 'security', 'deleted']
export const iconOf = (place: Category | 'security'): IconName => (place === 'security' ? 'recovery' : place)
