/**
 * The request of this browser as a QR code, always one that can be used (JOIN-11): it is spent by the first run with it, and over after two
 * minutes. What stands in it is in the picture alone, never in an attribute that holds it as text. Loaded when there is a request.
 */
import { encodeQR } from 'qr'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useWords } from './state.tsx'

const border = 3
const lookAgainMs = 5_000

function Picture({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => {
    const rows = encodeQR(text, 'raw', { ecc: 'medium', border })
    const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size: rows.length, path: squares.join('') }
  }, [text])
  return (
    <svg className={styles.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

export function Scannable(): ReactNode {
  const words = useWords()
  const [text, setText] = useState('')
  useEffect(() => {
    let over = false
    const look = async (): Promise<void> => {
      // a request that has just ended has none: the next snapshot takes this away
      const found = await call('joinQr').catch(() => '')
      if (!over) setText(found)
    }
    void look()
    const timer = setInterval(() => void look(), lookAgainMs)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [])
  return (
    <>
      {text === '' ? <span className={styles.qrSpace} /> : <Picture text={text} label={words.t('web.join.qr')} />}
      <p className={styles.small}>{words.t('web.join.qr-text')}</p>
    </>
  )
}
