/** What happened with the account (H2), newest first; what the circle proves is told apart from what the server says. */
import type { ReactNode } from 'react'
import { errorWords, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Empty, ErrorText, IconButton, Spinner } from '@nokkel/ui/parts'
import styles from './page.module.css'

const shownMost = 300

export function Activity(): ReactNode {
  const words = useWords()
  const { value: events, error } = useAnswer(() => call('activity'), [])
  return (
    <div className={styles.page}>
      <h1 className={styles.withBack}>
        <IconButton label={words.t('web.back')} icon="back" onPress={() => history.back()} />
        {words.t('web.activity.title')}
      </h1>
      <p>{words.t('web.activity.about')}</p>
      <ErrorText>{error === null ? null : errorWords(words, error)}</ErrorText>
      {events === null && error === null && <Spinner />}
      {events?.length === 0 && <Empty icon="activity" title={words.t('web.activity.none')} />}
      {events !== null && (
        <ul className={styles.events}>
          {events.slice(0, shownMost).map((event, index) => (
            <li key={index}>
              <strong>
                {words.label('activity', event.kind)}
                {event.detail !== '' && event.verified && `: ${event.detail}`}
              </strong>
              <span>{[words.dateTime(event.timeMs), event.device, event.place].filter((part) => part !== '').join(' · ')}</span>
              {event.verified && <span className={styles.mark}>{words.t('web.activity.checked')}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
