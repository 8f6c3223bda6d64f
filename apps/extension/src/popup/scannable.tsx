/**
 * The request of this browser as a QR code, always one that can be used (JOIN-11): it is spent by the first run with it, and over after two
 * minutes. Loaded with the first steps.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { QrPicture } from '@nokkel/ui/qr-picture'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useWords } from './state.tsx'

const lookAgainMs = 5_000

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
      {text === '' ? <span className={styles.qrSpace} /> : <QrPicture text={text} label={words.t('web.join.qr')} className={styles.qr} />}
      <p className={styles.small}>{words.t('web.join.qr-text')}</p>
    </>
  )
}
