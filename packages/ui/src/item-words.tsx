/** The words of an item that is looked at or edited, as the app around gives them; and what its fields are called. None are imported here. */
import type { ItemMessages } from '@nokkel/messages'
import { createContext, useContext } from 'react'

export type { ItemMessages }

export const ItemWords = createContext<ItemMessages | null>(null)

export function useItemWords(): ItemMessages {
  const words = useContext(ItemWords)
  if (words === null) throw new Error('outside ItemWords')
  return words
}

const custom = 'custom:'

/** A custom field is called what its owner called it, and in people's words where another manager's program named it. */
export function useFieldLabels(): (name: string) => string {
  const words = useItemWords()
  return (name) => (name.startsWith(custom) ? words.label('imported', name.slice(custom.length)) : words.label('field', name))
}
