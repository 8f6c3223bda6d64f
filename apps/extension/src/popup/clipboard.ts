/** Copying for a while (C2): the background empties the clipboard after a minute, since the popup is closed by then. It gets a digest alone. */
import { digestOf } from '../clipboard.ts'
import { call } from './background.ts'

export async function copyForAWhile(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  await call('copied', await digestOf(text))
}
