/** Approving a device by the QR code that it shows (A5, JOIN-11): the camera, until a code of a waiting device is in front of it. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { CameraError, scanQr, type CameraFault } from '../app/qr-camera.ts'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Spinner } from '@nokkel/ui/parts'
import styles from './page.module.css'

export function ScanApproval({
  requestId,
  onDone,
  onType,
}: {
  readonly requestId: string
  readonly onDone: () => void
  /** back to the digits */
  readonly onType: () => void
}): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const video = useRef<HTMLVideoElement>(null)
  const [fault, setFault] = useState<CameraFault | null>(null)

  useEffect(() => {
    const element = video.current
    if (element === null) return
    const abort = new AbortController()
    // the same code stands before the camera for many looks, and is tried once
    let last = ''
    const found = (text: string): void => {
      if (text === last) return
      last = text
      run(async () => {
        await call('approveByQr', requestId, text)
        onDone()
      })
    }
    scanQr(element, found, abort.signal).catch((failure: unknown) => {
      if (!(failure instanceof CameraError)) throw failure
      setFault(failure.fault)
    })
    return () => abort.abort()
  }, [requestId])

  return (
    <div className={styles.form}>
      <p>{words.t('web.scan.text')}</p>
      {fault === null ? (
        <video ref={video} className={styles.camera} muted playsInline aria-label={words.t('web.scan.picture')} />
      ) : (
        <ErrorText>{words.t(fault === 'denied' ? 'web.scan.denied' : 'web.scan.missing')}</ErrorText>
      )}
      {busy && (
        <p role="status">
          <Spinner /> {words.t('web.devices.approve-doing')}
        </p>
      )}
      <ErrorText>{error}</ErrorText>
      <div className={styles.actions}>
        <Button onPress={onType}>{words.t('web.scan.type')}</Button>
      </div>
    </div>
  )
}
