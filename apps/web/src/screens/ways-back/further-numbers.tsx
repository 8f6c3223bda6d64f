/** Further trusted numbers (F2): a code may go to any of them while two factors are on, so that a lost telephone is no lost way back. */
import { useState, type ReactNode } from 'react'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Icon } from '@nokkel/ui/icon'
import { Button, Field, IconButton } from '@nokkel/ui/parts'
import type { TwoFactorInfo } from '../../worker/protocol.ts'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import { NewNumber } from './new-number.tsx'
import own from './ways-back.module.css'

type Further = TwoFactorInfo['further'][number]

/** The server takes no more (VER-11). */
const most = 3

export function FurtherNumbers({ further }: { readonly further: readonly Further[] }): ReactNode {
  const words = useWords()
  const [adding, setAdding] = useState(false)
  const [going, setGoing] = useState<Further | null>(null)
  return (
    <>
      {further.map((number) => (
        <div key={number.id} className={own.state} data-set>
          <Icon name="phone" />
          <p>
            <span className={own.number}>{words.t('web.number.masked', { digits: number.end })}</span>
          </p>
          <IconButton icon="close" label={words.t('web.number.remove-one', { digits: number.end })} onPress={() => setGoing(number)} />
        </div>
      ))}
      {further.length < most && (
        <div className={own.buttons}>
          <Button onPress={() => setAdding(true)}>{words.t('web.number.add')}</Button>
        </div>
      )}
      {adding && (
        <Dialog title={words.t('web.number.add')} onClose={() => setAdding(false)}>
          <NewNumber
            hasOld
            further
            onClose={() => setAdding(false)}
            onChanged={(digits) => {
              setAdding(false)
              tell(words.t('number.added', { lastDigits: digits }))
            }}
          />
        </Dialog>
      )}
      {going !== null && <Remove number={going} onClose={() => setGoing(null)} />}
    </>
  )
}

function Remove({ number, onClose }: { readonly number: Further; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const remove = async (field: (name: string) => string): Promise<void> => {
    await call('removeNumber', number.id, field('passcode'))
    tell(words.t('number.removed', { lastDigits: number.end }))
  }
  return (
    <AskDialog
      title={words.t('web.number.remove-one', { digits: number.end })}
      go={words.t('web.number.remove')}
      look="danger"
      work={remove}
      onClose={onClose}
    >
      <p>{words.t('web.number.remove-text')}</p>
      <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required autoFocus />
    </AskDialog>
  )
}
