/** The devices of the circle: who can read the keychain, who asks to, and letting in, renaming and removing (A5, B3). */
import { lazy, Suspense, useState, type FormEvent, type ReactNode } from 'react'
import { useAction, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { hasCamera } from '../app/has-camera.ts'
import { Icon } from '@nokkel/ui/icon'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, ErrorText, Field, Spinner, textOfForm } from '@nokkel/ui/parts'
import type { DeviceInfo, JoinRequestInfo, Snapshot } from '../worker/protocol.ts'
import { ClassPolicy, useClassPolicy } from './class-policy.tsx'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from './page.module.css'

const ScanApproval = lazy(async () => ({ default: (await import('./scan-approval.tsx')).ScanApproval }))

export function Devices({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { value: devices, error } = useAnswer(() => call('devices'), [snapshot.version])
  const [approving, setApproving] = useState<JoinRequestInfo | null>(null)
  const [renaming, setRenaming] = useState<DeviceInfo | null>(null)
  const [removing, setRemoving] = useState<DeviceInfo | null>(null)
  const { run, error: declineError } = useAction()
  const active = devices?.filter(({ status }) => status === 'active') ?? []
  const ended = devices?.filter(({ status }) => status !== 'active') ?? []
  const writable = snapshot.state === 'trusted'
  const policy = useClassPolicy(snapshot)
  // what is not known yet is not forbidden: the client holds to it anyway
  const admits = policy === null || policy.web === 'full'
  return (
    <div className={styles.page}>
      <h1>{words.t('web.devices.title')}</h1>
      {writable && (
        <section aria-labelledby="requests">
          <h2 id="requests">{words.t('web.devices.requests')}</h2>
          {snapshot.joinRequests.length === 0 ? (
            <p className={styles.quiet}>
              {words.t('web.devices.no-more')} {words.t('web.devices.no-more-text')}
            </p>
          ) : (
            <ul className={styles.cards}>
              {snapshot.joinRequests.map((request) => (
                <li key={request.requestId} className={styles.card} data-ask>
                  <Icon name="devices" />
                  <div className={styles.cardText}>
                    <strong>{request.name}</strong>
                    <span>
                      {words.t('web.devices.request-about', {
                        class: words.label('class', request.class),
                        place: request.place === '' ? words.t('devices.unknown-place') : request.place,
                        time: words.dateTime(request.createdMs),
                      })}
                    </span>
                  </div>
                  <div className={styles.cardActions}>
                    <Button onPress={() => run(() => call('decline', request.requestId))}>{words.t('web.devices.decline')}</Button>
                    {admits && (
                      <Button look="main" onPress={() => setApproving(request)}>
                        {words.t('web.devices.approve')}
                      </Button>
                    )}
                  </div>
                </li>
              ))}
            </ul>
          )}
          {!admits && snapshot.joinRequests.length > 0 && <p>{words.t('web.policy.approve-elsewhere')}</p>}
          <ErrorText>{declineError}</ErrorText>
        </section>
      )}
      <section aria-labelledby="active">
        <h2 id="active">{words.t('web.devices.about')}</h2>
        {error !== null && <ErrorText>{words.errorText('internal').message}</ErrorText>}
        <ul className={styles.cards}>
          {active.map((device) => (
            <li key={device.id} className={styles.card}>
              <Icon name={device.class === 'cli' ? 'terminal' : 'devices'} />
              <div className={styles.cardText}>
                <strong>
                  {device.name === '' ? words.label('class', device.class) : device.name}
                  {device.thisDevice && <span className={styles.mark}>{words.t('web.devices.this')}</span>}
                </strong>
                <span>
                  {words.label('class', device.class)} ·{' '}
                  {device.addedBy === null || device.addedBy === ''
                    ? words.t('web.devices.added', { time: words.dateTime(device.addedMs) })
                    : words.t('web.devices.added-by', { time: words.dateTime(device.addedMs), device: device.addedBy })}
                </span>
                {device.lastWriteMs !== null && (
                  <span>{words.t('web.devices.last-write', { time: words.dateTime(device.lastWriteMs) })}</span>
                )}
              </div>
              {writable && (
                <div className={styles.cardActions}>
                  <Button look="quiet" onPress={() => setRenaming(device)}>
                    {words.t('web.devices.rename')}
                  </Button>
                  {admits && !device.thisDevice && (
                    <Button look="danger" onPress={() => setRemoving(device)}>
                      {words.t('web.devices.remove')}
                    </Button>
                  )}
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
      {policy !== null && devices !== null && <ClassPolicy policy={policy} devices={devices} />}
      {ended.length > 0 && (
        <details className={styles.former}>
          <summary>{words.t('web.devices.ended')}</summary>
          <ul className={styles.cards}>
            {ended.map((device) => (
              <li key={device.id} className={styles.card}>
                <Icon name="devices" />
                <div className={styles.cardText}>
                  <strong>{device.name === '' ? words.label('class', device.class) : device.name}</strong>
                  <span>
                    {device.endedBy === null || device.endedBy === '' || device.status === 'left'
                      ? words.t('web.devices.ended-at', {
                          status: words.label('device', device.status),
                          time: words.dateTime(device.endedMs ?? 0),
                        })
                      : words.t('web.devices.ended-by', {
                          status: words.label('device', device.status),
                          time: words.dateTime(device.endedMs ?? 0),
                          device: device.endedBy,
                        })}
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
      {approving !== null && <Approve request={approving} onClose={() => setApproving(null)} />}
      {renaming !== null && <Rename device={renaming} onClose={() => setRenaming(null)} />}
      {removing !== null && <Remove device={removing} onClose={() => setRemoving(null)} />}
    </div>
  )
}

function Approve({ request, onClose }: { readonly request: JoinRequestInfo; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [scanning, setScanning] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    // people type the gap that they see
    const code = textOfForm(event.currentTarget, 'code').replaceAll(/\s/g, '')
    run(async () => {
      await call('approve', request.requestId, code)
      onClose()
    })
  }
  return (
    <Dialog title={words.t('web.devices.approve-title', { name: request.name })} onClose={onClose}>
      <p>
        {words.t('web.devices.request-about', {
          class: words.label('class', request.class),
          place: request.place === '' ? words.t('devices.unknown-place') : request.place,
          time: words.dateTime(request.createdMs),
        })}
      </p>
      {scanning ? (
        <Suspense fallback={<Spinner />}>
          <ScanApproval requestId={request.requestId} onDone={onClose} onType={() => setScanning(false)} />
        </Suspense>
      ) : (
        <form method="post" className={styles.form} onSubmit={submit}>
          <p>{words.t('web.devices.approve-text')}</p>
          <Field
            name="code"
            label={words.t('web.devices.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={9}
            mono
            required
            autoFocus
          />
          {hasCamera() && (
            <Button look="quiet" disabled={busy} onPress={() => setScanning(true)}>
              {words.t('web.scan.start')}
            </Button>
          )}
          <ErrorText>{error}</ErrorText>
          <div className={styles.actions}>
            <Button onPress={onClose}>{words.t('web.cancel')}</Button>
            <Button look="main" type="submit" busy={busy}>
              {words.t(busy ? 'web.devices.approve-doing' : 'web.devices.approve')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}

function Rename({ device, onClose }: { readonly device: DeviceInfo; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  return (
    <AskDialog
      title={words.t('web.devices.rename')}
      go={words.t('web.save')}
      work={(field) => call('renameDevice', device.id, field('name'))}
      onClose={onClose}
    >
      <Field name="name" label={words.t('devices.name')} initial={device.name} maxLength={64} required autoFocus />
    </AskDialog>
  )
}

function Remove({ device, onClose }: { readonly device: DeviceInfo; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const remove = (deleteCopy: boolean): void =>
    run(async () => {
      await call('removeDevice', device.id, deleteCopy)
      onClose()
    })
  return (
    <Dialog title={words.t('web.devices.remove-ask', { name: device.name })} onClose={onClose}>
      <p>{words.t('web.devices.remove-text')}</p>
      <ErrorText>{error}</ErrorText>
      <div className={styles.actionsColumn}>
        <Button look="danger" wide busy={busy} onPress={() => remove(true)}>
          {words.t('web.devices.remove-delete')}
        </Button>
        <Button look="danger" wide disabled={busy} onPress={() => remove(false)}>
          {words.t('web.devices.remove-keep')}
        </Button>
        <Button wide onPress={onClose}>
          {words.t('web.cancel')}
        </Button>
      </div>
    </Dialog>
  )
}
