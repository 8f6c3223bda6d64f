/** A board in one language: what page, JSON and Atom all say, so that they cannot say different things. Pure. */
import { statusPageMessages, type Language } from '@nokkel/messages'
import { endOf, levelOf, phaseOf } from './decide.ts'
import { levels, services, type Bilingual, type Board, type Level, type Phase, type ServiceName, type StatusEvent } from './model.ts'

export interface SaidUpdate {
  readonly timeMs: number
  readonly state: StatusEvent['updates'][number]['state']
  readonly stateText: string
  readonly text: string
}

export interface SaidEvent {
  readonly id: string
  readonly kind: StatusEvent['kind']
  readonly phase: Phase
  readonly level: StatusEvent['level']
  readonly title: string
  readonly services: readonly { readonly name: ServiceName; readonly title: string }[]
  readonly startMs: number
  readonly plannedEndMs: number | null
  readonly endedMs: number | null
  readonly changedMs: number
  /** newest first */
  readonly updates: readonly SaidUpdate[]
}

export interface SaidService {
  readonly name: ServiceName
  readonly title: string
  readonly about: string
  /** null: this server has none */
  readonly level: Level | null
  readonly levelText: string
}

export interface SaidBoard {
  readonly language: Language
  readonly name: string
  readonly overall: Level
  readonly overallText: string
  readonly services: readonly SaidService[]
  readonly events: readonly SaidEvent[]
  readonly measuredMs: number | null
  readonly changedMs: number
}

export interface SayOptions {
  readonly language: Language
  /** of the deployment */
  readonly name: string
  readonly nowMs: number
  /** services that this deployment does not have */
  readonly absent: ReadonlySet<ServiceName>
}

type Words = Readonly<Record<string, string>>

function choose(text: Bilingual, language: Language): string {
  return text[language] ?? text.en ?? text.nb ?? ''
}

export function sayBoard(board: Board, { language, name, nowMs, absent }: SayOptions): SaidBoard {
  const words: Words = statusPageMessages[language]
  const word = (key: string): string => words[key] ?? key
  const titleOf = (service: ServiceName): string => word(`service.${service}`)
  const said = services.map((service): SaidService => {
    const level = absent.has(service) ? null : levelOf(board, service, nowMs)
    return {
      name: service,
      title: titleOf(service),
      about: word(`about.${service}`),
      level,
      levelText: word(`level.${level ?? 'absent'}`),
    }
  })
  const shown = said.flatMap(({ level }) => (level === null ? [] : [level]))
  // an outage elsewhere is not hidden behind a maintenance
  const rank = (level: Level): number => (level === 'maintenance' ? 0.5 : levels.indexOf(level))
  const overall = shown.reduce<Level>((worst, level) => (rank(level) > rank(worst) ? level : worst), 'available')
  const list = (names: readonly ServiceName[]): string => names.map(titleOf).join(', ')

  const events = board.events.map((event): SaidEvent => {
    const automatic = event.origin === 'silence' ? word('title.silence') : word(`title.probe.${event.level}`)
    return {
      id: event.id,
      kind: event.kind,
      phase: phaseOf(event, nowMs),
      level: event.level,
      title: event.title === null ? automatic.replace('{services}', list(event.services)) : choose(event.title, language),
      services: event.services.map((service) => ({ name: service, title: titleOf(service) })),
      startMs: event.startMs,
      plannedEndMs: event.endMs,
      endedMs: endOf(event, nowMs),
      changedMs: Math.max(...event.updates.map(({ timeMs }) => timeMs), event.resolvedMs ?? 0),
      updates: event.updates.toReversed().map((update) => ({
        timeMs: update.timeMs,
        state: update.state,
        stateText: word(`state.${update.state}`),
        text: update.text === null ? automaticText(event, update.state, word) : choose(update.text, language),
      })),
    }
  })
  return {
    language,
    name,
    overall,
    overallText: word(`overall.${overall}`),
    services: said,
    events,
    measuredMs: board.heardMs,
    changedMs: Math.max(board.heardMs ?? 0, ...events.map(({ changedMs }) => changedMs), 0),
  }
}

function automaticText({ origin }: StatusEvent, state: SaidUpdate['state'], word: (key: string) => string): string {
  if (origin === 'operator') return word(state === 'resolved' ? 'text.operator.resolved' : 'text.operator.other')
  return word(`text.${origin}.${state}`)
}
