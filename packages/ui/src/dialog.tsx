/**
 * A dialog over the page: a sheet from below on phones. The browser's own, which keeps the focus inside, makes what lies behind inert and gives the
 * focus back; what it lacks is here: a press beside it closes, and what was typed is asked about first. Apart from the other parts, because the
 * screens before the keychain need none.
 */
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject, type SyntheticEvent } from 'react'
import { createPortal } from 'react-dom'
import styles from './dialog.module.css'
import { Button, cx, IconButton } from './parts.tsx'
import { useScreenWords } from './words.tsx'

export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  /** what leads out of it goes the way that it is given */
  readonly children: ReactNode | ((leave: () => void) => ReactNode)
  readonly wide?: boolean
  /** something was typed that nobody should lose by a slip: it is asked first */
  readonly typed?: () => boolean
  /** gets the focus back where what had it is gone by then, as what was chosen in a menu is */
  readonly opener?: RefObject<HTMLElement | null> | undefined
}

export function Dialog({ title, onClose, children, wide = false, typed, opener }: DialogProps): ReactNode {
  const [asking, setAsking] = useState(false)
  const leave = (): void => {
    if (typed?.() === true) setAsking(true)
    else onClose()
  }
  return (
    <>
      <Modal title={title} wide={wide} opener={opener} onLeave={leave}>
        {typeof children === 'function' ? children(leave) : children}
      </Modal>
      {asking && <AskTyped onDiscard={onClose} onStay={() => setAsking(false)} />}
    </>
  )
}

/** What was typed is about to be lost: is that meant? */
export function AskTyped({ onDiscard, onStay }: { readonly onDiscard: () => void; readonly onStay: () => void }): ReactNode {
  const words = useScreenWords()
  return (
    <Dialog title={words.t('web.typed.ask')} onClose={onStay}>
      <p>{words.t('web.typed.text')}</p>
      <div className={styles.answers}>
        <Button look="danger" onPress={onDiscard}>
          {words.t('web.typed.discard')}
        </Button>
        <Button look="main" onPress={onStay}>
          {words.t('web.typed.stay')}
        </Button>
      </div>
    </Dialog>
  )
}

interface ModalProps {
  readonly title: string
  readonly wide: boolean
  readonly opener: DialogProps['opener']
  readonly onLeave: () => void
  readonly children: ReactNode
}

function Modal({ title, wide, opener, onLeave, children }: ModalProps): ReactNode {
  const words = useScreenWords()
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  /** a press began beside the dialog: one that only ends there has marked text */
  const beside = useRef(false)
  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    // not its first button, which is the one that closes: Enter on a question that comes up while one types is no answer
    element?.focus()
    return () => {
      // closed before it is taken away: until then nothing else can have the focus, and it goes back to where it was
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
      else opener?.current?.focus()
    }
  }, [])
  const onEscape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return
    // the browser would close it itself, at the second time without asking us
    event.preventDefault()
    event.stopPropagation()
    onLeave()
  }
  const own = ({ target, currentTarget }: SyntheticEvent): boolean => target === currentTarget
  return createPortal(
    <dialog
      ref={dialog}
      tabIndex={-1}
      className={cx(styles.modal, wide && styles.modalWide)}
      aria-labelledby={id}
      onKeyDown={onEscape}
      // going back on a telephone
      onCancel={(event) => {
        if (!own(event)) return
        event.preventDefault()
        onLeave()
      }}
      onClose={(event) => {
        const element = event.currentTarget
        if (!own(event) || element.open || !element.isConnected) return
        // closed by the browser, unasked: it stays until whoever opened it says otherwise
        element.showModal()
        onLeave()
      }}
      onPointerDown={(event) => {
        beside.current = own(event)
      }}
      onClick={(event) => {
        if (beside.current && own(event)) onLeave()
      }}
    >
      <div className={styles.dialog}>
        <header className={styles.dialogHead}>
          <h2 id={id}>{title}</h2>
          <IconButton label={words.t('web.close')} icon="close" onPress={onLeave} />
        </header>
        {children}
      </div>
    </dialog>,
    document.body,
  )
}
