/** A dialog over the page: a sheet from below on phones. Apart from the other parts, because the screens before the keychain need none. */
import type { ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { useWords } from '../app/state.tsx'
import { cx, IconButton } from './parts.tsx'
import styles from './parts.module.css'

export function Dialog({
  title,
  onClose,
  children,
  wide = false,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly wide?: boolean
}): ReactNode {
  const words = useWords()
  return (
    <ModalOverlay className={cx(styles.overlay)} isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className={cx(styles.modal, wide && styles.modalWide)}>
        <AriaDialog className={cx(styles.dialog)}>
          <header className={styles.dialogHead}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label={words.t('web.close')} icon="close" onPress={onClose} />
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
