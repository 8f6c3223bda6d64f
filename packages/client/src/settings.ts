/**
 * Settings of this device. They stay on it and are sealed like everything else. What a person decides about filling and saving for all devices
 * is not here but in the keychain (`autofill-settings.ts`); here is what of it is this device's own.
 */
import { CborReader, decodeOwnCbor, encodeCbor, NokkelError } from '@nokkel/base'
import type { DeviceStore } from '@nokkel/store'
import type { AutofillSwitches, OwnDecisions } from '@nokkel/keychain'
import { decisionLimits } from '@nokkel/keychain'
import type { LocalKeychain, Staged } from '@nokkel/sync'
import type { Settings } from './facade.ts'

export const defaultSettings: Settings = { autoLockMinutes: 5, language: 'system', proofMinutes: 5 }

const row = 'settings'
const languages = ['system', 'nb', 'en'] as const
const minutesMax = 240

/** What of filling and saving is this device's own. */
export interface OwnAutofill {
  /** decided here before decisions were shared; goes into the keychain, once */
  readonly waiting: OwnDecisions | null
  /** switches of this device alone */
  readonly apart: AutofillSwitches | null
}

interface Row {
  readonly settings: Settings
  readonly autofill: OwnAutofill
}

export async function readSettings(store: DeviceStore): Promise<Settings> {
  return (await readRow(store)).settings
}

export async function readOwnAutofill(store: DeviceStore): Promise<OwnAutofill> {
  return (await readRow(store)).autofill
}

async function readRow(store: DeviceStore): Promise<Row> {
  const bytes = await store.get('state', row)
  if (bytes === undefined) return { settings: defaultSettings, autofill: { waiting: null, apart: null } }
  const reader = new CborReader(decodeOwnCbor(bytes), 'settings')
  const autoLockMinutes = reader.uint(minutesMax, 1)
  const language = languages[reader.uint(languages.length - 1)] as Settings['language']
  // each younger than the one before: not in rows from earlier
  const waiting = reader.remaining === 0 ? null : reader.nullable((parent) => readWaiting(parent.tuple()))
  const proofMinutes = reader.remaining === 0 ? defaultSettings.proofMinutes : reader.uint(minutesMax, 1)
  const apart = reader.remaining === 0 ? null : reader.nullable((parent) => readApart(parent.tuple()))
  return { settings: { autoLockMinutes, language, proofMinutes }, autofill: { waiting, apart } }
}

function readWaiting(reader: CborReader): OwnDecisions {
  const sites = (): string[] => reader.list(decisionLimits.sites, (each) => each.text(decisionLimits.siteLength))
  return {
    fillPasswords: reader.bool(),
    fillCards: reader.bool(),
    offerToSave: reader.bool(),
    neverSave: sites(),
    allowOff: sites(),
    // younger: not in rows from earlier
    passkeys: reader.remaining === 0 ? true : reader.bool(),
  }
}

function readApart(reader: CborReader): AutofillSwitches {
  return { fillPasswords: reader.bool(), fillCards: reader.bool(), offerToSave: reader.bool(), passkeys: reader.bool() }
}

function putRow(staged: Staged, { settings, autofill: { waiting, apart } }: Row): void {
  const own =
    waiting === null
      ? null
      : [waiting.fillPasswords, waiting.fillCards, waiting.offerToSave, [...waiting.neverSave], [...waiting.allowOff], waiting.passkeys]
  const switches = apart === null ? null : [apart.fillPasswords, apart.fillCards, apart.offerToSave, apart.passkeys]
  const { autoLockMinutes, language, proofMinutes } = settings
  staged.putState(row, encodeCbor([autoLockMinutes, languages.indexOf(language), own, proofMinutes, switches]))
}

/** Throws `malformed` for a value out of range. */
export async function writeSettings(keychain: LocalKeychain, changes: Partial<Settings>): Promise<Settings> {
  const { autoLockMinutes, language, proofMinutes } = changes
  for (const [what, minutes] of Object.entries({ autoLockMinutes, proofMinutes }))
    if (minutes !== undefined && (!Number.isSafeInteger(minutes) || minutes < 1 || minutes > minutesMax))
      throw new NokkelError('malformed', { what })
  if (language !== undefined && !languages.includes(language)) throw new NokkelError('malformed', { what: 'language' })
  return keychain.update(async (staged) => {
    const present = await readRow(keychain.store)
    const settings = { ...present.settings, ...changes }
    putRow(staged, { ...present, settings })
    return settings
  })
}

/** Within an update of the keychain: what was moved into it leaves in the same commit. */
export async function stageOwnAutofill(staged: Staged, store: DeviceStore, autofill: OwnAutofill): Promise<void> {
  putRow(staged, { ...(await readRow(store)), autofill })
}
