/** Help with the keychain (G): pick what you see, watch the checks run, get one answer with one button. Also before the keychain is open. */
import { symptoms, type ActionId, type Finding, type Symptom } from '@nokkel/doctor'
import { createDoctorWords, type DoctorWords } from '@nokkel/messages/doctor'
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { go, useWords } from '../../app/state.tsx'
import { call, watchLooking } from '../../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, cx, ErrorText, IconButton } from '@nokkel/ui/parts'
import type { Help as Helped } from '../../worker/doctor.ts'
import type { Snapshot } from '../../worker/protocol.ts'
import gate from '../gate.module.css'
import page from '../page.module.css'
import { SignInAgain } from '../sign-in-again.tsx'
import { Report } from './report.tsx'
import styles from './help.module.css'

interface Props {
  readonly snapshot: Snapshot
}

export function HelpGate({ snapshot }: Props): ReactNode {
  return (
    <main className={cx(gate.gate, styles.top)}>
      <div className={styles.gate}>
        <Help snapshot={snapshot} />
      </div>
    </main>
  )
}

export function Help({ snapshot }: Props): ReactNode {
  const words = useWords()
  const said = useMemo(() => createDoctorWords(words), [words])
  const { run, busy, error } = useAction()
  const [asked, setAsked] = useState<Symptom | 'everything' | null>(null)
  const [helped, setHelped] = useState<Helped | null>(null)
  const [looking, setLooking] = useState({ known: 0, total: 0 })
  const answer = useRef<HTMLDivElement>(null)
  useEffect(() => watchLooking((known, total) => setLooking({ known, total })), [])
  useEffect(() => {
    // whoever cannot see the checks run is taken to what they found
    if (helped !== null) answer.current?.focus({ preventScroll: true })
  }, [helped])

  const look = (what: Symptom | 'everything', before: () => Promise<void> = () => Promise.resolve()): void => {
    setAsked(what)
    setHelped(null)
    setLooking({ known: 0, total: 0 })
    run(async () => {
      await before()
      setHelped(await call('help', what === 'everything' ? null : what))
    })
  }
  const back = (): void => {
    if (asked === null) history.back()
    else {
      setAsked(null)
      setHelped(null)
    }
  }
  const act = (finding: Finding): void => {
    const { action } = finding
    if (action === null || asked === null) return
    if (carriedOut.has(action)) look(asked, () => call('mend', action))
    else if (action === 'look-again')
      look(asked, () => (snapshot.state === 'trusted' ? call('sync').catch(() => undefined) : Promise.resolve()))
    else leadTo(action)
  }

  return (
    <div className={page.page}>
      <h1 className={page.withBack}>
        <IconButton label={words.t('web.back')} icon="back" onPress={back} />
        {said.t('doctor.title')}
      </h1>
      {asked === null && <Symptoms said={said} onPick={look} />}
      {asked !== null && asked !== 'everything' && <p className={styles.quiet}>{said.symptom(asked)}</p>}
      {asked !== null && helped === null && error === null && (
        <div className={styles.looking} role="status">
          <p>{said.t('doctor.looking', looking)}</p>
          <progress aria-label={said.t('doctor.looking', looking)} value={looking.known} max={Math.max(1, looking.total)} />
        </div>
      )}
      <ErrorText>{error}</ErrorText>
      <div ref={answer} tabIndex={-1} className={page.form}>
        {helped !== null && asked !== null && (
          <Answer said={said} helped={helped} snapshot={snapshot} busy={busy} onAct={act} onAgain={() => look(asked)} onOther={back} />
        )}
      </div>
    </div>
  )
}

const carriedOut: ReadonlySet<ActionId> = new Set(['sync', 'decline-ghosts', 'keep-account', 'ask-approval'])
const signsIn: ReadonlySet<ActionId> = new Set(['turn-on', 'sign-in-again'])

function leadTo(action: ActionId): void {
  if (action === 'show-devices') go('devices')
  else if (action === 'show-deleted') go('items', 'deleted')
  else if (action === 'show-duplicates') go('security')
  // the screen behind this one asks for the passcode
  else if (action === 'unlock') location.hash = '/'
}

/** The button has to do something here: files are repaired by the command line, switches are the extension's. */
function canAct(action: ActionId | null): action is ActionId {
  return (
    action !== null &&
    (carriedOut.has(action) ||
      signsIn.has(action) ||
      ['look-again', 'show-devices', 'show-deleted', 'show-duplicates', 'unlock'].includes(action))
  )
}

function Symptoms({ said, onPick }: { readonly said: DoctorWords; readonly onPick: (what: Symptom | 'everything') => void }): ReactNode {
  return (
    <>
      <p>{said.t('doctor.lead')}</p>
      <h2 id="see">{said.t('doctor.ask')}</h2>
      <ul className={styles.symptoms} aria-labelledby="see">
        {symptoms.map((symptom) => (
          <li key={symptom}>
            <button type="button" className={styles.symptom} onClick={() => onPick(symptom)}>
              <span>{said.symptom(symptom)}</span>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        <Button icon="search" onPress={() => onPick('everything')}>
          {said.t('doctor.anything')}
        </Button>
      </div>
    </>
  )
}

interface AnswerProps extends Props {
  readonly said: DoctorWords
  readonly helped: Helped
  readonly busy: boolean
  readonly onAct: (finding: Finding) => void
  readonly onAgain: () => void
  readonly onOther: () => void
}

function Answer({ said, helped, snapshot, busy, onAct, onAgain, onOther }: AnswerProps): ReactNode {
  const { findings, unobserved, guidance, checks, tookMs } = helped.examination
  const [first, ...others] = findings
  const [signingIn, setSigningIn] = useState(false)
  const [reporting, setReporting] = useState(false)
  const act = (finding: Finding): void => (finding.action !== null && signsIn.has(finding.action) ? setSigningIn(true) : onAct(finding))
  return (
    <>
      {first === undefined ? (
        <section className={styles.answer} data-severity="note">
          <h2>
            <Icon name="check" />
            {said.t(unobserved.length === 0 ? 'doctor.healthy-all' : 'doctor.healthy')}
          </h2>
          {guidance.length > 0 && (
            <>
              <p>{said.t('doctor.how')}</p>
              <Steps said={said} steps={guidance} />
            </>
          )}
        </section>
      ) : (
        <FindingCard said={said} finding={first} busy={busy} main onAct={act} />
      )}
      {others.length > 0 && (
        <>
          <p>{said.t('doctor.also', { count: others.length })}</p>
          {others.map((finding) => (
            <FindingCard key={finding.code} said={said} finding={finding} busy={busy} onAct={act} />
          ))}
        </>
      )}
      {unobserved.length > 0 && (
        <section>
          <h2>{said.t('doctor.unobserved')}</h2>
          {said.unobserved(unobserved).map((line) => (
            <p key={line} className={styles.quiet}>
              {line}
            </p>
          ))}
        </section>
      )}
      <p className={styles.quiet}>
        {said.t('doctor.checked', { count: checks.length })} · {said.t('doctor.took', { ms: tookMs })}
      </p>
      <div className={styles.actions}>
        <Button busy={busy} onPress={onAgain}>
          {said.t('doctor.look-again')}
        </Button>
        <Button onPress={onOther}>{said.t('doctor.other-symptom')}</Button>
        <Button look="quiet" onPress={() => setReporting(true)}>
          {said.t('doctor.report')}
        </Button>
      </div>
      {reporting && <Report said={said} report={helped.report} onClose={() => setReporting(false)} />}
      {signingIn && snapshot.status !== null && (
        <SignInAgain state={snapshot.state} status={snapshot.status} onClose={() => setSigningIn(false)} />
      )}
    </>
  )
}

function FindingCard({
  said,
  finding,
  busy,
  main = false,
  onAct,
}: {
  readonly said: DoctorWords
  readonly finding: Finding
  readonly busy: boolean
  readonly main?: boolean
  readonly onAct: (finding: Finding) => void
}): ReactNode {
  const { severity, confidence, action, steps } = finding
  return (
    <section className={styles.answer} data-severity={severity}>
      <h2>
        <Icon name={severity === 'problem' ? 'warning' : 'activity'} />
        <span>
          {said.title(finding)}
          {confidence === 'likely' && <span className={styles.quiet}> – {said.t('doctor.likely').toLowerCase()}</span>}
        </span>
      </h2>
      <p>{said.because(finding)}</p>
      <Steps said={said} steps={steps} />
      {canAct(action) && (
        <div className={styles.actions}>
          <Button look={main ? 'main' : 'plain'} busy={busy} onPress={() => onAct(finding)}>
            {said.action(action)}
          </Button>
        </div>
      )}
    </section>
  )
}

function Steps({ said, steps }: { readonly said: DoctorWords; readonly steps: readonly string[] }): ReactNode {
  return (
    <ol className={styles.steps} aria-label={said.t('doctor.to-do')}>
      {steps.map((step) => (
        <li key={step}>{said.step(step, 'web')}</li>
      ))}
    </ol>
  )
}
