/** A QR code with the web app's looks, in a file of its own: who shows one fetches it then. */
import type { ReactNode } from 'react'
import { QrPicture } from '@nokkel/ui/qr-picture'
import styles from './qr-code.module.css'

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  return <QrPicture text={text} label={label} className={styles.qr} />
}
