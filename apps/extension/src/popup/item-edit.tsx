/**
 * Adding and editing in the popup, with the form that the web app has (EXT-13). Whatever leads away asks first when something was typed; what
 * happens to the item elsewhere meanwhile is said, and takes nothing from the form.
 */
import { isNokkelError, NokkelError } from '@nokkel/base'
import { errorWords, useAnswer } from '@nokkel/ui/action'
import { AskTyped } from '@nokkel/ui/dialog'
import { ItemForm, readFormElement } from '@nokkel/ui/item-form'
import { useItemWords } from '@nokkel/ui/item-words'
import { Empty } from '@nokkel/ui/parts'
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import type { Draft, ItemKind, ItemShown } from '../protocol.ts'
import { call } from './background.ts'
import type { PageProps } from './item-pages.tsx'
import styles from './item-pages.module.css'
import type { Guard } from './views.ts'

/** Keeps the page until the person says that what was typed may go. */
function useGuard(guard: RefObject<Guard | null>, typed: () => boolean): ReactNode {
  const [asked, setAsked] = useState<{ readonly go: () => void } | null>(null)
  useLayoutEffect(() => {
    guard.current = (go) => {
      if (typed()) setAsked({ go })
      else go()
    }
    return () => {
      guard.current = null
    }
  })
  return asked === null ? null : <AskTyped onDiscard={asked.go} onStay={() => setAsked(null)} />
}

export function NewItem({ kind, site, guard, onShow, onLeave }: PageProps & { readonly kind: ItemKind; readonly site: string }): ReactNode {
  const words = useItemWords()
  const form = useRef<HTMLFormElement>(null)
  const known = kind === 'password' && site !== ''
  const title = known ? new URL(site).hostname : ''
  const sites = known ? [site] : []
  // what stands there by itself is not typed
  const first = { fields: [{ name: 'title', text: title }], sites, tags: [] }
  const asking = useGuard(guard, () => {
    if (form.current === null) return false
    const { draft, faults } = readFormElement(form.current, kind, first)
    return draft.length + faults.size > 0
  })
  return (
    <>
      <h1>{kind === 'passkey' ? words.label('kind', kind) : words.t(`web.edit.new.${kind}`)}</h1>
      <ItemForm
        kind={kind}
        item={null}
        prefill={{ title, sites: sites.join('\n') }}
        form={form}
        save={async (draft) => onShow({ page: 'item', id: await call('add', kind, draft) })}
        generatePassword={() => call('generate')}
        onLeave={onLeave}
      />
      {asking}
    </>
  )
}

interface EditProps extends PageProps {
  readonly id: string
  readonly kind: string
}

export function EditItem(props: EditProps): ReactNode {
  const { id, onLeave } = props
  const words = useItemWords()
  // once: what is stored meanwhile must not change what is being typed
  const { value: item, error } = useAnswer(() => call('itemForEdit', id), [id])
  const declined = isNokkelError(error, 'cancelled')
  useEffect(() => {
    if (declined) onLeave()
  }, [declined])
  if (item !== null) return <Editing {...props} item={item} />
  if (error === null || declined) return null
  const isGone = isNokkelError(error, 'not-found')
  return <Empty icon={isGone ? 'deleted' : 'warning'} title={isGone ? words.t('web.item.gone') : errorWords(words, error)} />
}

function Editing({ id, kind, item, snapshot, guard, onShow, onLeave }: EditProps & { readonly item: ItemShown }): ReactNode {
  const words = useItemWords()
  const form = useRef<HTMLFormElement>(null)
  const saving = useRef(false)
  const { value: now, error } = useAnswer(() => call('item', id), [id, snapshot.version])
  const isGone = !saving.current && (isNokkelError(error, 'not-found') || (now !== null && now.deletedMs !== null))
  const isOther = !saving.current && now !== null && now.modifiedMs !== item.modifiedMs
  const asking = useGuard(guard, () => {
    if (form.current === null) return false
    const { draft, faults } = readFormElement(form.current, kind, item)
    return draft.length + faults.size > 0
  })
  const save = async (draft: Draft): Promise<void> => {
    saving.current = true
    try {
      if (isGone) {
        // a site's own key cannot be typed again
        if (kind === 'passkey') throw new NokkelError('not-found')
        return onShow({ page: 'item', id: await call('add', kind as ItemKind, draft) })
      }
      if (draft.length > 0) await call('edit', id, draft)
      onShow({ page: 'item', id })
    } finally {
      saving.current = false
    }
  }
  return (
    <>
      <h1>{words.t('web.edit.title', { title: item.title === '' ? words.t('web.item.untitled') : item.title })}</h1>
      <ItemForm
        kind={kind}
        // gone, all that stands in the form is new
        item={isGone ? null : item}
        form={form}
        save={save}
        generatePassword={() => call('generate')}
        onLeave={onLeave}
        notice={
          (isGone || isOther) && (
            <p className={styles.notice} role="status">
              {words.t(isGone ? 'web.edit.gone' : 'web.edit.changed-elsewhere')}
            </p>
          )
        }
        saveLabel={isGone && kind !== 'passkey' ? words.t('web.edit.save-new') : undefined}
      />
      {asking}
    </>
  )
}
