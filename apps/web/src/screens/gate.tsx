/** The frame of the screens before the keychain: mark, title, one column, and the choice of language. */
import type { ReactNode } from 'react'
import type { Language } from '@nokkel/messages/app'
import { useLanguage } from '../app/state.tsx'
import { Mark } from '@nokkel/ui/icon'
import { IconButton } from '@nokkel/ui/parts'
import styles from './gate.module.css'

interface Props {
  readonly title: string
  readonly text?: string
  readonly children: ReactNode
  readonly onBack?: () => void
  readonly withLanguage?: boolean
}

export function Gate({ title, text, children, onBack, withLanguage = true }: Props): ReactNode {
  const { words } = useLanguage()
  return (
    <main className={styles.gate}>
      <div className={styles.card}>
        {onBack === undefined ? null : (
          <div className={styles.back}>
            <IconButton label={words.t('web.back')} icon="back" onPress={onBack} />
          </div>
        )}
        <Mark />
        <h1>{title}</h1>
        {text !== undefined && <p className={styles.lead}>{text}</p>}
        {children}
      </div>
      {withLanguage && (
        <p className={styles.small}>
          <a href="#/help/closed">{words.t('web.settings.help')}</a>
        </p>
      )}
      {withLanguage && <LanguageChoice />}
    </main>
  )
}

function LanguageChoice(): ReactNode {
  const { words, chooseLanguage } = useLanguage()
  return (
    <div className={styles.languages} role="group" aria-label={words.t('web.language')}>
      {(['nb', 'en'] as const).map((language: Language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={words.language === language}
          onClick={() => chooseLanguage(language)}
        >
          {language === 'nb' ? 'Norsk' : 'English'}
        </button>
      ))}
    </div>
  )
}
