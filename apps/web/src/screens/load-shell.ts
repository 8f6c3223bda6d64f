/** The screens of an open keychain, loaded when one is about to be opened: while a passcode is typed. */
import type { ReactNode } from 'react'
import type { Snapshot } from '../worker/protocol.ts'

export type ShellScreen = (props: { readonly snapshot: Snapshot }) => ReactNode

export const loadShell = async (): Promise<{ readonly Shell: ShellScreen }> => import('./shell.tsx')

/** A failure shows itself when the screens are needed. */
export function loadShellAhead(): void {
  loadShell().catch(() => undefined)
}
