/**
 * The test site as a site that takes passkeys: options with a fresh challenge, and what comes back is held by a verifier of other hands
 * (@simplewebauthn/server). In memory, one line of accounts for each site.
 */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type WebAuthnCredential,
} from '@simplewebauthn/server'

interface Account {
  readonly name: string
  readonly handle: Uint8Array<ArrayBuffer>
  readonly credentials: WebAuthnCredential[]
}

export interface Verdict {
  readonly ok: boolean
  readonly name: string
  readonly aaguid?: string
  readonly userVerified?: boolean
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  readonly error?: string
}

interface Body {
  readonly rpId: string
  readonly name?: string
  readonly verification?: 'required' | 'preferred' | 'discouraged'
  readonly exclude?: boolean
  readonly allow?: boolean
  /** of the pages that a frame of the site may be in */
  readonly topOrigin?: string
  readonly response?: RegistrationResponseJSON | AuthenticationResponseJSON
}

export class RelyingParty {
  readonly #accounts = new Map<string, Account>()
  readonly #challenges = new Map<string, string>()

  #account(rpId: string, name: string): Account {
    const key = `${rpId} ${name}`
    const found = this.#accounts.get(key) ?? { name, handle: crypto.getRandomValues(new Uint8Array(16)), credentials: [] }
    this.#accounts.set(key, found)
    return found
  }

  /** A credential that another device or manager made before. */
  add(rpId: string, name: string, credential: WebAuthnCredential): void {
    this.#account(rpId, name).credentials.push(credential)
  }

  handle(rpId: string, name: string): Uint8Array<ArrayBuffer> {
    return this.#account(rpId, name).handle
  }

  async answer(path: string, body: Body, origin: string): Promise<unknown> {
    const { rpId, name = '', verification = 'preferred' } = body
    const account = this.#account(rpId, name)
    const listed = account.credentials.map(({ id }) => ({ id }))
    if (path === 'create-options') {
      const options = await generateRegistrationOptions({
        rpName: 'Test site',
        rpID: rpId,
        userName: name,
        userID: account.handle,
        userDisplayName: `The ${name}`,
        excludeCredentials: body.exclude === true ? listed : [],
        authenticatorSelection: { residentKey: 'required', userVerification: verification },
      })
      this.#challenges.set(`${rpId} ${name}`, options.challenge)
      return options
    }
    if (path === 'get-options') {
      const options = await generateAuthenticationOptions({
        rpID: rpId,
        userVerification: verification,
        ...(body.allow === true && { allowCredentials: listed }),
      })
      this.#challenges.set(`${rpId} ${name}`, options.challenge)
      return options
    }
    const common = {
      expectedChallenge: this.#challenges.get(`${rpId} ${name}`) ?? 'none',
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: verification === 'required',
    }
    this.#challenges.delete(`${rpId} ${name}`)
    try {
      if (path === 'create') {
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          ...common,
          response: body.response as RegistrationResponseJSON,
        })
        if (registrationInfo !== undefined) account.credentials.push(registrationInfo.credential)
        return {
          ok: verified,
          name,
          aaguid: registrationInfo?.aaguid ?? '',
          userVerified: registrationInfo?.userVerified ?? false,
        } satisfies Partial<Verdict>
      }
      const around = body.topOrigin === undefined ? {} : { expectedTopOrigin: body.topOrigin }
      return await this.#signIn(rpId, { ...common, ...around }, body.response as AuthenticationResponseJSON)
    } catch (error) {
      return { ok: false, name, error: String(error) } satisfies Verdict
    }
  }

  async #signIn(
    rpId: string,
    common: Omit<Parameters<typeof verifyAuthenticationResponse>[0], 'response' | 'credential'>,
    response: AuthenticationResponseJSON,
  ): Promise<Verdict> {
    const found = [...this.#accounts].find(
      ([key, { credentials }]) => key.startsWith(`${rpId} `) && credentials.some(({ id }) => id === response.id),
    )
    const credential = found?.[1].credentials.find(({ id }) => id === response.id)
    if (found === undefined || credential === undefined) return { ok: false, name: '', error: 'unknown credential' }
    const handle = response.response.userHandle
    if (handle !== undefined && handle !== Buffer.from(found[1].handle).toString('base64url'))
      return { ok: false, name: found[1].name, error: 'another handle' }
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({ ...common, response, credential })
    const client = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString()) as Pick<
      Verdict,
      'crossOrigin' | 'topOrigin'
    >
    return {
      ok: verified,
      name: found[1].name,
      userVerified: authenticationInfo.userVerified,
      ...(client.crossOrigin === true && { crossOrigin: true, topOrigin: client.topOrigin ?? '' }),
    }
  }
}
