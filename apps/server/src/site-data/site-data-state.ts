/** The small row beside the document: where it came from, when it was asked for, and what each file was. Anything else in it is as nothing. */
import * as v from 'valibot'
import type { FeedFile } from '@nokkel/autofill/site-data'

export interface FileState {
  /** as the source gave it */
  readonly etag: string | null
  readonly entries: number
}

export interface SiteDataState {
  readonly url: string
  /** the document's ETag; empty: there is none yet */
  readonly version: string
  /** when it was last asked for, whatever came of it */
  readonly triedMs: number
  /** when all files were last found to be what they should be */
  readonly checkedMs: number
  readonly files: { readonly [file in FeedFile]?: FileState }
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const file = v.optional(v.object({ etag: v.nullable(v.pipe(v.string(), v.maxLength(200))), entries: whole }))
const schema = v.object({
  url: v.string(),
  version: v.string(),
  triedMs: whole,
  checkedMs: whole,
  files: v.object({ sharedCredentials: file, sharedCredentialsHistorical: file, changePasswordUrls: file, passwordRules: file }),
})

export const noState: SiteDataState = { url: '', version: '', triedMs: 0, checkedMs: 0, files: {} }

export function parseState(text: string | undefined): SiteDataState {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text ?? ''))
    if (!parsed.success) return noState
    const { files, ...rest } = parsed.output
    return { ...rest, files: Object.fromEntries(Object.entries(files).filter(([, each]) => each !== undefined)) }
  } catch {
    return noState
  }
}
