/** The places of the keychain's menu, in their order. */
import type { IconName } from '@nokkel/ui/icon'
import type { Category } from '../worker/protocol.ts'

export type Place = Category | 'security'

export const categories: readonly Category[] = ['all', 'favorite', 'password', 'passkey', 'code', 'card', 'wifi', 'note', 'deleted']
/** As they stand in the menu: what needs attention before what is deleted. */
const places: readonly Place[] = [...categories.slice(0, -1), 'security', 'deleted']
/** Favourites have a place for whoever has any, or looks at it. */
export const placesFor = (counts: Readonly<Record<string, number>> | null, place: Place): readonly Place[] =>
  places.filter((each) => each !== 'favorite' || place === 'favorite' || (counts?.['favorite'] ?? 0) > 0)
export const iconOf = (place: Place): IconName => (place === 'security' ? 'recovery' : place === 'favorite' ? 'star' : place)
