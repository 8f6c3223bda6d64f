/** The backup of this device (D1): its settings as a file, without any item, and back again. It says what is not in it. */
import { useRef, type ChangeEvent, type ReactNode } from 'react'
import { saveFile } from '../app/save-file.ts'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { ErrorText } from '@nokkel/ui/parts'
import styles from './page.module.css'

const mostBytes = 65_536

export function DeviceBackup(): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const chooser = useRef<HTMLInputElement>(null)
  const save = (): void =>
    run(async () => {
      saveFile('nokkelring-device.json', await call('backupDevice'))
      tell(words.t('web.backup.saved'))
    })
  const restore = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.currentTarget.files ?? []
    event.currentTarget.value = ''
    if (file === undefined) return
    run(async () => {
      // a longer file is none of ours, and its beginning says so
      await call('restoreDevice', await file.slice(0, mostBytes).text())
      tell(words.t('web.backup.restored'))
    })
  }
  return (
    <>
      <ErrorText>{error}</ErrorText>
      <input ref={chooser} type="file" accept="application/json,.json" hidden onChange={restore} />
      <div className={styles.group}>
        <button type="button" className={styles.way} disabled={busy} onClick={save}>
          <Icon name="copy" />
          <span>{words.t('web.backup.save')}</span>
          <Icon name="next" />
        </button>
        <button type="button" className={styles.way} disabled={busy} onClick={() => chooser.current?.click()}>
          <Icon name="import" />
          <span>{words.t('web.backup.restore')}</span>
          <Icon name="next" />
        </button>
      </div>
    </>
  )
}
