/** Settings of this device, what was decided about filling for all of them, and what leads out: passcode, activity, import, turning off (D2). */
import { useState, type ReactNode } from 'react'
import { useAppUpdate } from '../app/app-update.ts'
import { useInstall } from '../app/install.ts'
import { useAction } from '@nokkel/ui/action'
import { go, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon, type IconName } from '@nokkel/ui/icon'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, Choice, ErrorText } from '@nokkel/ui/parts'
import { clientVersion } from '../worker/client-version.ts'
import type { Settings as Values, Snapshot } from '../worker/protocol.ts'
import { Autofill } from './autofill.tsx'
import { ChangePasscode, ChangePassword } from './change-secret.tsx'
import { ClosedNotices } from './closed-notices.tsx'
import { DeviceBackup } from './device-backup.tsx'
import { DeviceLock } from './device-lock.tsx'
import { AskEnding, Endings } from './endings.tsx'
import styles from './page.module.css'

const minutes = [1, 2, 5, 10, 15, 30, 60, 240] as const

export function Settings({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const syncing = useAction()
  const [asking, setAsking] = useState<'passcode' | 'password' | 'off' | null>(null)
  const { settings, status, state } = snapshot
  const isLastDevice = status?.circle?.activeDevices === 1
  const change = (changes: Partial<Values>): void => run(() => call('changeSettings', changes))
  const lockTimes = [...new Set([...minutes, settings.autoLockMinutes])].sort((a, b) => a - b)
  const proofTimes = [...new Set([...minutes, settings.proofMinutes])].sort((a, b) => a - b)
  return (
    <div className={styles.page}>
      <h1>{words.t('web.settings.title')}</h1>
      <ErrorText>{asking === null ? (error ?? syncing.error) : null}</ErrorText>
      <section aria-labelledby="account">
        <h2 id="account">{words.t('web.settings.account')}</h2>
        <dl className={styles.facts}>
          <Fact name={words.t('web.email')}>{status?.email}</Fact>
          <Fact name={words.t('status.server')}>{status?.server}</Fact>
          <Fact name={words.t('web.devices.this')}>{status?.deviceName}</Fact>
          <Fact name={words.t('web.settings.two-factor')}>
            {words.t(status?.twoFactor === false ? 'web.settings.off-short' : 'web.settings.on')}
          </Fact>
          <Fact name={words.t('status.connection')}>
            <span className={styles.sentence}>
              {words.t(status?.online === true ? 'status.online' : 'status.offline')}
              {typeof status?.lastSyncMs === 'number' &&
                ` · ${words.t('web.settings.last-sync', { time: words.dateTime(status.lastSyncMs) })}`}
            </span>
          </Fact>
        </dl>
        {state === 'trusted' && (
          <div className={styles.actionsStart}>
            <Button busy={syncing.busy} onPress={() => syncing.run(() => call('sync'))}>
              {words.t('web.settings.sync-now')}
            </Button>
          </div>
        )}
      </section>
      <section aria-labelledby="general">
        <h2 id="general">{words.t('web.settings.general')}</h2>
        <div className={styles.group}>
          <Choice
            label={words.t('web.language')}
            value={settings.language}
            options={[
              ['system', words.t('web.settings.language.system')],
              ['nb', words.t('web.settings.language.nb')],
              ['en', words.t('web.settings.language.en')],
            ]}
            onChange={(language) => change({ language: language as Values['language'] })}
          />
          <Choice
            label={words.t('web.settings.auto-lock')}
            value={String(settings.autoLockMinutes)}
            options={lockTimes.map((count) => [String(count), words.t('settings.auto-lock-value', { count })])}
            onChange={(value) => change({ autoLockMinutes: Number.parseInt(value, 10) })}
          />
          {state === 'trusted' && <ClosedNotices />}
          {state === 'trusted' && <Way icon="import" text={words.t('web.import')} onPress={() => go('import')} />}
        </div>
        <DeviceBackup />
      </section>
      <section aria-labelledby="security">
        <h2 id="security">{words.t('web.settings.security')}</h2>
        <div className={styles.group}>
          <DeviceLock snapshot={snapshot} />
          <Choice
            label={words.t('web.settings.proof')}
            value={String(settings.proofMinutes)}
            options={proofTimes.map((count) => [String(count), words.t('settings.auto-lock-value', { count })])}
            onChange={(value) => change({ proofMinutes: Number.parseInt(value, 10) })}
          />
          <Way icon="lock" text={words.t('web.settings.passcode')} onPress={() => setAsking('passcode')} />
          {snapshot.state === 'trusted' && (
            <Way icon="lock" text={words.t('web.settings.password')} onPress={() => setAsking('password')} />
          )}
          {state === 'trusted' && <Way icon="recovery" text={words.t('web.recovery.title')} onPress={() => go('recovery')} />}
          {state === 'trusted' && <Way icon="activity" text={words.t('web.settings.activity')} onPress={() => go('activity')} />}
          {state === 'trusted' && <Way icon="offline" text={words.t('web.settings.off')} danger onPress={() => setAsking('off')} />}
        </div>
      </section>
      {state === 'trusted' && <Autofill snapshot={snapshot} />}
      <div className={styles.group}>
        <Way icon="help" text={words.t('web.settings.help')} onPress={() => go('help')} />
      </div>
      <Endings snapshot={snapshot} />
      <AppVersion />
      <p className={styles.quiet}>
        <a href="/status">{words.t('web.system-status')}</a> · <a href="/about">{words.t('web.settings.about')}</a>
      </p>
      {asking === 'passcode' && <ChangePasscode onClose={() => setAsking(null)} />}
      {asking === 'password' && <ChangePassword onClose={() => setAsking(null)} />}
      {asking === 'off' && isLastDevice && (
        <AskEnding ending="everywhere" email={status?.email ?? ''} isLastDevice onClose={() => setAsking(null)} />
      )}
      {asking === 'off' && !isLastDevice && (
        <Dialog title={words.t('web.settings.off-ask')} onClose={() => setAsking(null)}>
          <p>{words.t('web.settings.off-text')}</p>
          <ErrorText>{error}</ErrorText>
          <div className={styles.actionsColumn}>
            {(['keep', 'delete'] as const).map((copy) => (
              <Button
                key={copy}
                look={copy === 'delete' ? 'danger' : 'plain'}
                wide
                disabled={busy}
                onPress={() =>
                  run(async () => {
                    await call('turnOff', copy, false)
                    setAsking(null)
                  })
                }
              >
                {words.t(copy === 'keep' ? 'web.settings.off-keep' : 'web.settings.off-delete')}
              </Button>
            ))}
            <Button wide onPress={() => setAsking(null)}>
              {words.t('web.cancel')}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

/** What runs here, and whether the server offers something newer (WEB-3). Installing is offered where the browser has it. */
function AppVersion(): ReactNode {
  const words = useWords()
  const update = useAppUpdate()
  const install = useInstall()
  return (
    <section aria-labelledby="app-version">
      <h2 id="app-version">{words.t('web.settings.app')}</h2>
      <dl className={styles.facts}>
        <Fact name={words.t('web.settings.version')}>
          {clientVersion} · {words.t(`web.update.${update}`)}
        </Fact>
      </dl>
      {install !== null && (
        <div className={styles.actionsStart}>
          <Button onPress={install}>{words.t('web.settings.install')}</Button>
        </div>
      )}
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Way({
  icon,
  text,
  onPress,
  danger = false,
}: {
  readonly icon: IconName
  readonly text: string
  readonly onPress: () => void
  readonly danger?: boolean
}): ReactNode {
  return (
    <button type="button" className={styles.way} data-danger={danger || undefined} onClick={onPress}>
      <Icon name={icon} />
      <span>{text}</span>
      <Icon name="next" />
    </button>
  )
}
