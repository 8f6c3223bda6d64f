/**
 * In the page's own world, before any script of the page: puts functions of ours in the place of `navigator.credentials.create` and `get`, and
 * hands what asks for a passkey to our own content script. The page can change, call or imitate everything here, and gains nothing by it: what
 * may be asked, for which site, and whether a person said yes is found out behind the content script, and all that ever comes back is the answer
 * that the page asked for. Whatever is not ours, and whatever goes wrong, goes to the browser's own functions, untouched (PK-1).
 */
type Kind = 'create' | 'get'
type Native = (options?: CredentialCreationOptions | CredentialRequestOptions) => Promise<Credential | null>
/** The JSON forms of the standard, as far as they are read back here. */
interface AnswerJson {
  readonly id: string
  readonly clientExtensionResults: object
  readonly response: Readonly<Record<string, string>> & { readonly publicKeyAlgorithm: number; readonly transports: readonly string[] }
}
interface Answer {
  readonly id: number
  readonly outcome: 'native' | 'refused' | 'excluded' | 'answer'
  readonly json?: AnswerJson
}

// taken before any script of the page can change them
const { apply, defineProperty, ownKeys } = Reflect
const { parse, stringify } = JSON
const { dispatchEvent, addEventListener, removeEventListener } = EventTarget.prototype
const { CustomEvent, DOMException, Promise, Uint8Array, ArrayBuffer, String, atob, btoa, AbortController, AbortSignal, navigator } =
  globalThis
const { create: objectCreate, defineProperties } = Object
const { isView } = ArrayBuffer

const helloName = 'nokkelring:passkeys'
/** Known to the two scripts of ours alone; before the page has one, they have told it each other. */
const channel: string = isSecureContext ? crypto.randomUUID() : ''
let turns = 0

function emit(name: string, detail: string): boolean {
  return apply(dispatchEvent, document, [new CustomEvent(name, { detail, cancelable: true })])
}

const toText = (source: BufferSource): string => {
  const bytes = isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
  let binary = ''
  for (let at = 0; at < bytes.length; at++) binary += String.fromCharCode(bytes[at] as number)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
const toBuffer = (text: string): ArrayBuffer => {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes.buffer
}

const descriptors = (list: readonly PublicKeyCredentialDescriptor[] | undefined): unknown =>
  list === undefined ? undefined : [...list].map(({ type, id }) => ({ type, id: toText(id) }))

/** Only what is looked at: names of extensions, not what they hold. */
function creationJson(options: PublicKeyCredentialCreationOptions): object {
  const { rp, user, challenge, pubKeyCredParams, timeout, excludeCredentials, authenticatorSelection, attestation } = options
  const { hints } = options as { readonly hints?: readonly string[] }
  const { credProps, prf, largeBlob, hmacCreateSecret } = (options.extensions ?? {}) as Readonly<Record<string, unknown>>
  return {
    rp: { id: rp.id, name: rp.name },
    user: { id: toText(user.id), name: user.name, displayName: user.displayName },
    challenge: toText(challenge),
    pubKeyCredParams: [...pubKeyCredParams].map(({ type, alg }) => ({ type, alg })),
    timeout,
    excludeCredentials: descriptors(excludeCredentials),
    authenticatorSelection: {
      authenticatorAttachment: authenticatorSelection?.authenticatorAttachment,
      userVerification: authenticatorSelection?.userVerification,
    },
    hints: hints === undefined ? undefined : [...hints],
    attestation,
    extensions: {
      credProps: credProps === true ? true : undefined,
      prf: prf === undefined ? undefined : true,
      largeBlob: largeBlob === undefined ? undefined : true,
      hmacCreateSecret: hmacCreateSecret === true ? true : undefined,
    },
  }
}

function requestJson({ challenge, rpId, allowCredentials, userVerification, timeout }: PublicKeyCredentialRequestOptions): object {
  return { challenge: toText(challenge), rpId, allowCredentials: descriptors(allowCredentials), userVerification, timeout }
}

const fixed = (value: unknown, enumerable = true): PropertyDescriptor => ({ value, enumerable, configurable: true, writable: false })

/** An object as the browser's own: of its prototypes, with what pages read from it. */
function credentialOf(kind: Kind, json: AnswerJson): Credential {
  const { clientDataJSON, authenticatorData, signature, userHandle, attestationObject, publicKey } = json.response
  const rawId = toBuffer(json.id)
  const own: PropertyDescriptorMap = { clientDataJSON: fixed(toBuffer(clientDataJSON ?? '')) }
  if (kind === 'get') {
    own['authenticatorData'] = fixed(toBuffer(authenticatorData ?? ''))
    own['signature'] = fixed(toBuffer(signature ?? ''))
    own['userHandle'] = fixed(userHandle === undefined ? null : toBuffer(userHandle))
  } else {
    const { publicKeyAlgorithm, transports } = json.response
    own['attestationObject'] = fixed(toBuffer(attestationObject ?? ''))
    own['getAuthenticatorData'] = fixed(() => toBuffer(authenticatorData ?? ''), false)
    own['getPublicKey'] = fixed(() => toBuffer(publicKey ?? ''), false)
    own['getPublicKeyAlgorithm'] = fixed(() => publicKeyAlgorithm, false)
    own['getTransports'] = fixed(() => [...transports], false)
  }
  const prototype: object = (kind === 'get' ? AuthenticatorAssertionResponse : AuthenticatorAttestationResponse).prototype
  const text = stringify(json)
  return defineProperties(objectCreate(PublicKeyCredential.prototype) as Credential, {
    id: fixed(json.id),
    rawId: fixed(rawId),
    type: fixed('public-key'),
    authenticatorAttachment: fixed('platform'),
    response: fixed(defineProperties(objectCreate(prototype) as object, own)),
    getClientExtensionResults: fixed(() => ({ ...json.clientExtensionResults }), false),
    toJSON: fixed(() => parse(text) as unknown, false),
  })
}

/** A sign-in that waits until somebody chooses a passkey at a field. */
const isConditional = (kind: Kind, { mediation }: CredentialRequestOptions): boolean => kind === 'get' && mediation === 'conditional'

/** null: not ours to answer. */
function messageOf(kind: Kind, options: CredentialCreationOptions & CredentialRequestOptions): object | null {
  const { publicKey, mediation, signal } = options
  if (publicKey === undefined || publicKey === null || signal?.aborted === true) return null
  // what answers without a question, or makes a passkey beside a sign-in, is the browser's
  if (mediation !== undefined && mediation !== 'optional' && mediation !== 'required' && !isConditional(kind, options)) return null
  // other kinds of credentials in the same question
  for (const name of ownKeys(options)) if (name !== 'publicKey' && name !== 'mediation' && name !== 'signal') return null
  return kind === 'create'
    ? creationJson(publicKey as PublicKeyCredentialCreationOptions)
    : requestJson(publicKey as PublicKeyCredentialRequestOptions)
}

function ask(
  kind: Kind,
  wanted: object,
  signal: AbortSignal | undefined,
  native: () => Promise<Credential | null>,
): Promise<Credential | null> {
  return new Promise((resolve, reject) => {
    const id = ++turns
    const answers = `${channel}:${id}`
    const end = (): void => {
      apply(removeEventListener, document, [answers, onAnswer])
      if (signal !== undefined) apply(removeEventListener, signal, ['abort', onAbort])
    }
    const onAbort = (): void => {
      end()
      emit(channel, stringify({ id, kind: 'abort' }))
      reject(signal?.reason as Error)
    }
    const onAnswer = (event: Event): void => {
      end()
      const { outcome, json } = parse((event as CustomEvent<string>).detail) as Answer
      if (outcome === 'native') resolve(native())
      else if (outcome === 'answer' && json !== undefined) resolve(credentialOf(kind, json))
      else if (outcome === 'excluded') reject(new DOMException('A passkey for this account is there already.', 'InvalidStateError'))
      // one error for whatever a person did or did not do
      else reject(new DOMException('The operation was not allowed.', 'NotAllowedError'))
    }
    apply(addEventListener, document, [answers, onAnswer])
    if (signal !== undefined) apply(addEventListener, signal, ['abort', onAbort])
    // taken by our content script, which prevents its default; where there is none, nobody does
    if (emit(channel, stringify({ id, kind, options: wanted }))) {
      end()
      resolve(native())
    }
  })
}

/**
 * Waits beside the browser, which offers its own at the same field: whichever a person chooses first answers, and the other one stops. A browser
 * that ends its wait with "not allowed" has nothing to offer here, which is no word about ours; what is wrong with the request itself, it says
 * with other errors, and those are the page's (PK-8).
 */
function waitBeside(
  wanted: object,
  options: CredentialRequestOptions,
  native: (options: CredentialRequestOptions) => Promise<Credential | null>,
): Promise<Credential | null> {
  const id = ++turns
  const answers = `${channel}:${id}`
  const { signal } = options
  const browsers = new AbortController()
  return new Promise<Credential | null>((resolve, reject) => {
    const end = (): void => {
      apply(removeEventListener, document, [answers, onAnswer])
      if (signal !== undefined) apply(removeEventListener, signal, ['abort', onAbort])
      emit(channel, stringify({ id, kind: 'abort' }))
      browsers.abort()
    }
    const onAbort = (): void => {
      browsers.abort(signal?.reason)
      end()
      reject(signal?.reason as Error)
    }
    const onAnswer = (event: Event): void => {
      const { outcome, json } = parse((event as CustomEvent<string>).detail) as Answer
      // a no leaves the field as it was: the person may choose again
      if (outcome !== 'answer' || json === undefined) return
      end()
      resolve(credentialOf('get', json))
    }
    apply(addEventListener, document, [answers, onAnswer])
    if (signal !== undefined) apply(addEventListener, signal, ['abort', onAbort])
    // not taken: nobody of ours waits, and what the browser says is all there is
    const alone = emit(channel, stringify({ id, kind: 'wait', options: wanted }))
    const theirs = async (): Promise<void> => {
      try {
        resolve(await native({ ...options, signal: browsers.signal }))
      } catch (error) {
        if (!alone && error instanceof DOMException && error.name === 'NotAllowedError') return
        reject(error as Error)
      }
      end()
    }
    void theirs()
  })
}

function replace(kind: Kind): void {
  const container = CredentialsContainer.prototype
  const before = container[kind] as Native
  const { credentials } = navigator
  const ours = {
    [kind](this: CredentialsContainer, options?: CredentialCreationOptions & CredentialRequestOptions): Promise<Credential | null> {
      const native = (): Promise<Credential | null> => apply(before, this, options === undefined ? [] : [options])
      if (this !== credentials || options === undefined || options === null) return native()
      let wanted: object | null
      try {
        wanted = messageOf(kind, options)
      } catch {
        // what we cannot read, the browser answers for
        return native()
      }
      const { signal } = options
      if (wanted !== null && isConditional(kind, options))
        return signal !== undefined && !(signal instanceof AbortSignal)
          ? native()
          : waitBeside(wanted, options, (changed) => apply(before, this, [changed]))
      return wanted === null || (signal !== undefined && !(signal instanceof AbortSignal)) ? native() : ask(kind, wanted, signal, native)
    },
  }[kind]
  defineProperty(container, kind, { value: ours, enumerable: true, configurable: true, writable: true })
}

if (channel !== '' && typeof PublicKeyCredential === 'function' && typeof CredentialsContainer === 'function') {
  replace('create')
  replace('get')
  // whichever of the two scripts comes first: both are there before any of the page's, and it is said once
  if (emit(helloName, channel)) apply(addEventListener, document, [`${helloName}?`, () => emit(helloName, channel), { once: true }])
}
