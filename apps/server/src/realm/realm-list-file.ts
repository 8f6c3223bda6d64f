/**
 * The signed realm list of a deployment, as a file that parties sign one after another and that `NOKKEL_REALMS` names. Nothing in it is
 * secret; who can change it and sign for enough parties decides where people's shares go.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { fromBase64url, isNokkelError, NokkelError, toBase64url, type Bytes } from '@nokkel/base'
import {
  encodeRealmList,
  encodeSignedRealmList,
  keyHolders,
  openRealmList,
  signRealmList,
  type RealmId,
  type RealmListEntry,
  type Signer,
} from '@nokkel/escrow/realm'
import { writePrivateFile } from '../store/data-folder.ts'

export interface RealmDeployment {
  readonly realms: readonly RealmListEntry[]
  /** the signed list as clients get it */
  readonly list: Bytes
  readonly hash: Bytes
  /** who may sign, and how many of them must */
  readonly signers: readonly Bytes[]
  readonly needed: number
  /** realms that it takes to answer one guess */
  readonly threshold: number
}

const base64url = (bytes: number) => v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/), v.length(Math.ceil((bytes * 4) / 3)))
const most = 16
const shape = v.strictObject({
  threshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)),
  /** how many of `signers` must have signed */
  needed: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
  realms: v.pipe(
    v.array(
      v.strictObject({
        id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
        url: v.pipe(v.string(), v.maxLength(255), v.regex(/^https?:\/\/[^\s/]+$/)),
        signKey: base64url(32),
        keyHolder: v.picklist(keyHolders),
      }),
    ),
    v.minLength(1),
    v.maxLength(most),
  ),
  signers: v.pipe(v.array(base64url(32)), v.minLength(1), v.maxLength(8)),
  signatures: v.optional(v.pipe(v.array(v.strictObject({ signer: base64url(32), signature: base64url(64) })), v.maxLength(8)), []),
})
type ListFile = v.InferOutput<typeof shape>

const invalid = (expected: string): NokkelError => new NokkelError('config-invalid', { setting: 'NOKKEL_REALMS', expected })

function readListFile(file: string): ListFile {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw invalid('the path of a readable realm list')
  }
  const parsed = v.safeParse(shape, value)
  if (!parsed.success)
    throw invalid(`a realm list as docs/guide/recovery-realms.md describes it (${v.getDotPath(parsed.issues[0]) ?? 'object'})`)
  const { threshold, realms, signers, needed } = parsed.output
  // two halves of the realms could otherwise tell two stories
  if (threshold * 2 <= realms.length || threshold > realms.length) throw invalid('a threshold above half of the realms and not above all')
  if (needed > new Set(signers).size) throw invalid('no more needed signatures than signers')
  return parsed.output
}

function encodedList({ realms }: ListFile): Bytes {
  return encodeRealmList(
    realms.map(({ id, url, signKey, keyHolder }) => ({ id: id as RealmId, url, signKey: fromBase64url(signKey), keyHolder })),
  )
}

/** The list, if enough of its signers signed it as it stands. Throws `config-invalid`. */
export function readRealmDeployment(file: string): RealmDeployment {
  const content = readListFile(file)
  const { threshold, needed, signatures } = content
  const signers = content.signers.map(fromBase64url)
  const list = encodeSignedRealmList(
    encodedList(content),
    signatures.map(({ signer, signature }) => ({ signer: fromBase64url(signer), signature: fromBase64url(signature) })),
  )
  try {
    return { ...openRealmList(list, signers, needed), list, signers, needed, threshold }
  } catch (error) {
    if (isNokkelError(error, 'signature-invalid')) throw invalid(`signatures of ${needed} of its signers over the list as it stands`)
    throw error
  }
}

/** Adds the party's signature, in place of an older one. Throws `config-invalid` where the party is none of the signers. */
export async function signListFile(file: string, signer: Signer): Promise<void> {
  const content = readListFile(file)
  const own = toBase64url(signer.publicKey)
  if (!content.signers.includes(own)) throw invalid(`${own} among its signers`)
  const { signature } = await signRealmList(signer, encodedList(content))
  const signatures = [...content.signatures.filter((each) => each.signer !== own), { signer: own, signature: toBase64url(signature) }]
  writePrivateFile(file, `${JSON.stringify({ ...content, signatures }, null, 2)}\n`)
}
