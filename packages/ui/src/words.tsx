/** The words that the parts need, as the app around them gives them: either app's catalogue holds them. None are imported here. */
import type { ScreenMessages } from '@nokkel/messages'
import { createContext, useContext } from 'react'

export type { ScreenMessages }

export const ScreenWords = createContext<ScreenMessages | null>(null)

export function useScreenWords(): ScreenMessages {
  const words = useContext(ScreenWords)
  if (words === null) throw new Error('outside ScreenWords')
  return words
}
