/** A QR code as one path of squares. What stands in it is in the picture alone, never in an attribute that holds it as text. */
import { encodeQR } from 'qr'
import { useMemo, type ReactNode } from 'react'
import styles from './parts.module.css'

const border = 3

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => {
    const rows = encodeQR(text, 'raw', { ecc: 'medium', border })
    const squares: string[] = []
    for (const [y, row] of rows.entries()) for (const [x, dark] of row.entries()) if (dark) squares.push(`M${x} ${y}h1v1h-1z`)
    return { size: rows.length, path: squares.join('') }
  }, [text])
  return (
    <svg className={styles.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
