/**
 * Adding and editing in a dialog. The form is the popup's too (`@nokkel/ui/item-form`); nothing that was typed goes without a question.
 */
import { isNokkelError } from '@nokkel/base'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import type { Draft, ItemKind } from '@nokkel/keychain'
import { errorWords, useAnswer } from '@nokkel/ui/action'
import { Dialog } from '@nokkel/ui/dialog'
import { ItemForm, readFormElement } from '@nokkel/ui/item-form'
import { ErrorText } from '@nokkel/ui/parts'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'

interface Props {
  readonly kind: string
  readonly id?: string
  /** see `Dialog` */
  readonly opener?: RefObject<HTMLElement | null>
  readonly onClose: () => void
  readonly onSaved: (id: string) => void
}

export function EditItem({ kind, id, opener, onClose, onSaved }: Props): ReactNode {
  const words = useWords()
  const { value: item, error } = useAnswer(async () => (id === undefined ? 'new' : await call('itemForEdit', id)), [id])
  const form = useRef<HTMLFormElement>(null)
  const declined = isNokkelError(error, 'cancelled')
  useEffect(() => {
    if (declined) onClose()
  }, [declined])
  if (declined) return null
  const before = item === 'new' ? null : item
  const title =
    id === undefined && (kind === 'password' || kind === 'card' || kind === 'wifi' || kind === 'note')
      ? words.t(`web.edit.new.${kind}`)
      : before === null
        ? words.t('web.item.edit')
        : words.t('web.edit.title', { title: before.title })
  const typed = (): boolean => {
    if (form.current === null) return false
    const { draft, faults } = readFormElement(form.current, kind, before)
    return draft.length + faults.size > 0
  }
  const save = async (draft: Draft): Promise<void> => {
    if (before === null) return onSaved(await call('add', kind as ItemKind, draft))
    if (draft.length > 0) await call('edit', before.id, draft)
    onSaved(before.id)
  }
  return (
    <Dialog title={title} onClose={onClose} wide typed={typed} opener={opener}>
      {(leave) => (
        <>
          {error !== null && (
            <ErrorText>{isNokkelError(error, 'not-found') ? words.t('web.item.gone') : errorWords(words, error)}</ErrorText>
          )}
          {item !== null && (
            <ItemForm kind={kind} item={before} form={form} save={save} generatePassword={() => call('generatePassword')} onLeave={leave} />
          )}
        </>
      )}
    </Dialog>
  )
}
