/**
 * A QR code as one path of squares, for the web app and the extension's popup. Written for React's interface, which Preact has as well. What stands
 * in it is in the picture alone, never in an attribute that holds it as text. It must not know any words or looks: both come from who shows it.
 */
import { encodeQR } from 'qr'
import { useMemo, type ReactNode } from 'react'

const border = 3

export interface QrPictureProps {
  readonly text: string
  /** what the picture is, for those who do not see it; never what stands in it */
  readonly label: string
  readonly className: string | undefined
}

export function QrPicture({ text, label, className }: QrPictureProps): ReactNode {
  const { size, path } = useMemo(() => {
    const rows = encodeQR(text, 'raw', { ecc: 'medium', border })
    const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size: rows.length, path: squares.join('') }
  }, [text])
  return (
    <svg className={className} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
