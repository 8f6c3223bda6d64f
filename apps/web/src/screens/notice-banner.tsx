/** News of the account that nobody has acknowledged yet (F9): each on a line of its own, the same one once. */
import { isErrorCode } from '@nokkel/base'
import type { Messages } from '@nokkel/messages/app'
import type { ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button } from '@nokkel/ui/parts'
import type { DeviceState, Status } from '../worker/protocol.ts'
import { Banner } from './banner.tsx'
import styles from './shell.module.css'

const mostLines = 3
/** in letters: more than three lines of a telephone */
const longLine = 110

type Notice = Status['notices'][number]

/** An alarm names an error; its words are the error's. */
function noticeText(words: Messages, { kind, params }: Notice): string {
  const code = params['code']
  const message = typeof code === 'string' && isErrorCode(code) ? words.errorText(code, params).message : '…'
  return words.labelWith('notice', kind, { message, ...params })
}

/** What a banner above says already, with what to do about it. */
const saidByState = (state: DeviceState, { kind }: Notice): boolean =>
  (state === 'removed' && kind === 'this-device-removed') || (state === 'reset' && kind === 'keychain-reset')

export function NoticeBanner({ state, notices }: { readonly state: DeviceState; readonly notices: readonly Notice[] }): ReactNode {
  const words = useWords()
  const { run } = useAction()
  const lines = [...new Set(notices.filter((notice) => !saidByState(state, notice)).map((notice) => noticeText(words, notice)))]
  if (lines.length === 0) return null
  const alarming = notices.some(({ kind }) => kind === 'alarm')
  const acknowledge = (): Promise<void> =>
    call(
      'acknowledge',
      notices.map(({ id }) => id),
    )
  return (
    <Banner
      long={lines.length > 1 || (lines[0]?.length ?? 0) > longLine}
      icon={alarming ? 'warning' : 'activity'}
      tone={alarming ? 'alarm' : 'calm'}
      action={
        <Button look="quiet" onPress={() => run(acknowledge)}>
          {words.t('web.banner.seen')}
        </Button>
      }
    >
      {lines.length > mostLines && <span className={styles.bannerLine}>{words.t('web.banner.notices', { count: lines.length })}:</span>}
      {lines.slice(-mostLines).map((line) => (
        <span key={line} className={styles.bannerLine}>
          {line}
        </span>
      ))}
    </Banner>
  )
}
