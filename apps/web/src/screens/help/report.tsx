/** The report for support: all of it is read before any of it is saved (DOC-5). */
import type { SupportReport } from '@nokkel/doctor'
import type { DoctorWords } from '@nokkel/messages/doctor'
import type { ReactNode } from 'react'
import { saveFile } from '../../app/save-file.ts'
import { tell, useWords } from '../../app/state.tsx'
import { Dialog } from '@nokkel/ui/dialog'
import { Button } from '@nokkel/ui/parts'
import page from '../page.module.css'
import styles from './help.module.css'

const fileName = 'nokkelring-report.txt'

export function Report({
  said,
  report,
  onClose,
}: {
  readonly said: DoctorWords
  readonly report: SupportReport
  readonly onClose: () => void
}): ReactNode {
  const words = useWords()
  const text = `${said.report(report).join('\n')}\n`
  const save = (): void => {
    saveFile(fileName, text, 'text/plain')
    tell(said.t('doctor.report-saved', { file: fileName }))
    onClose()
  }
  return (
    <Dialog title={said.t('doctor.report')} onClose={onClose}>
      <p>{said.t('doctor.report-about')}</p>
      <pre className={styles.report} tabIndex={0}>
        {text}
      </pre>
      <div className={page.actions}>
        <Button onPress={onClose}>{words.t('web.cancel')}</Button>
        <Button look="main" onPress={save}>
          {said.t('doctor.report-save')}
        </Button>
      </div>
    </Dialog>
  )
}
