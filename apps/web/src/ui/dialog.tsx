/** A dialog over the page: a sheet from below on phones. Apart from the other parts, because the screens before the keychain need none. */
import { useState, type ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useWords } from '../app/state.tsx'
import { Button, cx, IconButton } from './parts.tsx'
import styles from './parts.module.css'

export function Dialog({
  title,
  onClose,
  children,
  wide = false,
  typed,
}: {
  readonly title: string
  readonly onClose: () => void
  /** what leads out of it goes the way that it is given */
  readonly children: ReactNode | ((leave: () => void) => ReactNode)
  readonly wide?: boolean
  /** something was typed that nobody should lose by a slip: it is asked first */
  readonly typed?: () => boolean
}): ReactNode {
  const words = useWords()
  const [asking, setAsking] = useState(false)
  const leave = (): void => {
    if (typed?.() === true) setAsking(true)
    else onClose()
  }
  return (
    <>
      <ModalOverlay className={cx(styles.overlay)} isOpen isDismissable onOpenChange={(open) => !open && leave()}>
        <Modal className={cx(styles.modal, wide && styles.modalWide)}>
          <AriaDialog className={cx(styles.dialog)}>
            <header className={styles.dialogHead}>
              <Heading slot="title" level={2}>
                {title}
              </Heading>
              <IconButton label={words.t('web.close')} icon="close" onPress={leave} />
            </header>
            {typeof children === 'function' ? children(leave) : children}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
      {asking && (
        <Dialog title={words.t('web.typed.ask')} onClose={() => setAsking(false)}>
          <p>{words.t('web.typed.text')}</p>
          <div className={styles.answers}>
            <Button look="danger" onPress={onClose}>
              {words.t('web.typed.discard')}
            </Button>
            <Button look="main" onPress={() => setAsking(false)}>
              {words.t('web.typed.stay')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  )
}
