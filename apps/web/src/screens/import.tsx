/** Import: choose a file, see what would come of it, then do it. The file is read here and goes nowhere. */
import { isNokkelError } from '@nokkel/base'
import { useRef, useState, type DragEvent, type ReactNode } from 'react'
import type { Messages } from '@nokkel/messages/app'
import { useAction } from '@nokkel/ui/action'
import { go, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, Choice, cx, ErrorText, IconButton } from '@nokkel/ui/parts'
import type { ImportSummary, Remarks } from '../worker/import-summary.ts'
import styles from './page.module.css'

/** Those that a person may name where the file does not say it. */
const formats = ['apple-csv', 'chrome-csv', 'firefox-csv', 'bitwarden-csv', 'bitwarden-json', '1password-csv'] as const
type Format = (typeof formats)[number]

interface Picked {
  readonly name: string
  readonly bytes: Uint8Array
  readonly format?: Format
}
interface Chosen extends Picked {
  readonly preview: ImportSummary
}

export function Import(): ReactNode {
  const words = useWords()
  const { busy, error, thrown, run } = useAction()
  const [picked, setPicked] = useState<Picked | null>(null)
  const [dragging, setDragging] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [finished, setFinished] = useState<ImportSummary | null>(null)
  const look = async (file: Picked): Promise<void> => {
    setPicked(file)
    setChosen({ ...file, preview: await call('importFile', file.name, file.bytes, true, file.format) })
  }
  const choose = (files: FileList | null): void => {
    const file = files?.[0]
    if (file === undefined) return
    setFinished(null)
    setChosen(null)
    setPicked(null)
    run(async () => look({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }))
  }
  // a file that is dropped beside it would take the place of the app
  const over = (event: DragEvent): void => {
    event.preventDefault()
    setDragging(true)
  }
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setDragging(false)
    if (!busy) choose(event.dataTransfer.files)
  }
  return (
    <div className={cx(styles.page, dragging && styles.dragging)} onDragOver={over} onDragLeave={() => setDragging(false)} onDrop={drop}>
      <h1 className={styles.withBack}>
        <IconButton label={words.t('web.back')} icon="back" onPress={() => history.back()} />
        {words.t('web.import.title')}
      </h1>
      <p>
        {words.t('web.import.text')} <span className={styles.withMouse}>{words.t('web.import.drop')}</span>
      </p>
      <div className={styles.actionsStart}>
        <input
          ref={input}
          type="file"
          hidden
          accept=".csv,.json,.txt,.xml,text/csv,application/json"
          onChange={(event) => {
            choose(event.target.files)
            // the same file may be chosen once more
            event.target.value = ''
          }}
        />
        <Button
          look={chosen === null ? 'main' : 'plain'}
          icon="import"
          busy={busy && chosen === null}
          onPress={() => input.current?.click()}
        >
          {words.t(busy && chosen === null ? 'web.import.reading' : 'web.import.choose')}
        </Button>
      </div>
      <ErrorText>{error}</ErrorText>
      {picked !== null && isNokkelError(thrown, 'format-unknown') && (
        <div className={styles.group}>
          <Choice
            label={words.t('web.import.format')}
            value={picked.format ?? ''}
            options={[['', words.t('web.import.format-choose')], ...formats.map((each) => [each, words.importText(each)] as const)]}
            onChange={(value) => {
              const format = formats.find((each) => each === value)
              if (format !== undefined) run(() => look({ ...picked, format }))
            }}
          />
        </div>
      )}
      {chosen !== null && finished === null && (
        <section className={styles.report} aria-live="polite">
          <h2>{words.t('web.import.preview', { file: chosen.name })}</h2>
          <Report words={words} report={chosen.preview} preview />
          {chosen.preview.added === 0 ? (
            <p>{words.t('web.import.nothing')}</p>
          ) : (
            <Button
              look="main"
              busy={busy}
              onPress={() =>
                run(async () => {
                  setFinished(await call('importFile', chosen.name, chosen.bytes, false, chosen.format))
                  setChosen(null)
                })
              }
            >
              {words.t(busy ? 'web.import.doing' : 'web.import.go', { count: chosen.preview.added })}
            </Button>
          )}
        </section>
      )}
      {finished !== null && (
        <section className={styles.report} aria-live="polite">
          <h2>
            <Icon name="check" /> {words.t('web.import.finished')}
          </h2>
          <Report words={words} report={finished} />
          <p>{words.t('import.delete-file')}</p>
          <Button look="main" onPress={() => go('items')}>
            {words.t('web.done')}
          </Button>
        </section>
      )}
    </div>
  )
}

function Report({
  words,
  report,
  preview = false,
}: {
  readonly words: Messages
  readonly report: ImportSummary
  readonly preview?: boolean
}): ReactNode {
  return (
    <>
      <ul className={styles.plainList}>
        <li>{words.t('import.format', { format: words.importText(report.format) })}</li>
        <li>
          {words.t(preview ? 'import.would-add' : 'import.added', { count: report.added })}
          {report.titles.length > 0 &&
            ` ${words.t('web.import.names', {
              names: report.titles.map((title) => (title === '' ? words.t('web.item.untitled') : title)).join(', '),
              count: report.added - report.titles.length + 1,
            })}`}
        </li>
        {report.alreadyThere > 0 && <li>{words.t('import.already-there', { count: report.alreadyThere })}</li>}
      </ul>
      <Rows
        title={words.t(preview ? 'import.would-reject' : 'import.rejected', { count: report.rejected.count })}
        remarks={report.rejected}
      />
      <Rows title={words.t('import.notes')} remarks={report.notes} />
    </>
  )
}

function Rows({ title, remarks }: { readonly title: string; readonly remarks: Remarks }): ReactNode {
  const words = useWords()
  if (remarks.count === 0) return null
  return (
    <>
      <p>{title}</p>
      <ul>
        {remarks.shown.map(({ code, params, count, rows }) => {
          const text = words.importText(code, params)
          const named = rows
            .map(({ row, title: called }) =>
              called === undefined ? words.number(row) : words.t('web.import.row-named', { row: words.number(row), title: called }),
            )
            .join(', ')
          const list = count > rows.length ? words.t('import.and-more', { rows: named }) : named
          return <li key={`${code} ${rows[0]?.row}`}>{rows[0]?.row === 0 ? text : words.t('import.rows', { text, count, rows: list })}</li>
        })}
        {remarks.more > 0 && <li>{words.t('web.security.more', { count: remarks.more })}</li>}
      </ul>
    </>
  )
}
