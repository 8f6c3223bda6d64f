/**
 * OPAQUE: our reading of RFC 9807 against the RFC's vectors, then against the product's library in both roles.
 *
 * The library has no `context` parameter: its context is the empty string. Identities are its `identifiers` as UTF-8; where one is
 * left out, the public key stands for it. `userIdentifier`, as UTF-8, is the credential identifier. Key stretching is Argon2id
 * 0x13 over the 64 bytes of the OPRF output with a salt of sixteen zero bytes, 64 bytes out. All four were found by agreement
 * here and are asserted by it.
 */
import * as library from '@serenity-kit/opaque'
import { fromBase64url, isNokkelError, systemRandom, toBase64url, toHex, utf8, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { platformBackend } from '@nokkel/crypto/backends'
import { beforeAll, describe, expect, it } from 'vitest'
import * as ours from './opaque-rfc9807.ts'
import { attempt, hex, readVectors, vectorsMissing } from './vectors.ts'

interface OpaqueVector {
  readonly config: Readonly<Record<'Context' | 'Fake' | 'Group' | 'KSF', string>>
  readonly inputs: Readonly<Partial<Record<string, string>>>
  readonly outputs: Readonly<Record<string, string>>
  readonly intermediates: Readonly<Record<string, string>>
}

// skipped where the checkout has no ../shared/vectors beside it
describe.skipIf(vectorsMissing('RFC 9807'))('RFC 9807 appendix C, ristretto255', () => {
  const vectors = (fake: boolean): OpaqueVector[] =>
    readVectors<OpaqueVector[]>('opaque-rfc9807.json').filter(
      ({ config }) => config.Group === 'ristretto255' && config.Fake === (fake ? 'True' : 'False'),
    )

  function prepare({ config, inputs }: OpaqueVector) {
    const input = (name: string): Bytes => hex(inputs[name] ?? '')
    const identities: ours.Identities = {
      ...(inputs['client_identity'] === undefined ? {} : { client: input('client_identity') }),
      ...(inputs['server_identity'] === undefined ? {} : { server: input('server_identity') }),
    }
    const settings: ours.Settings = { context: hex(config.Context), stretch: (data) => Promise.resolve(data) }
    const keys = { oprfSeed: input('oprf_seed'), secretKey: input('server_private_key'), publicKey: input('server_public_key') }
    return { input, identities, settings, keys }
  }

  it('C.1: 2 registrations and logins, with and without identities', async () => {
    const tests = vectors(false)
    for (const vector of tests) {
      expect(vector.config.KSF).toBe('Identity')
      const { input, identities, settings, keys } = prepare(vector)
      const { outputs } = vector
      const password = input('password')
      const started = ours.startRegistration(password, ours.rngYielding(input('blind_registration')))
      expect(toHex(started.blinded)).toBe(outputs['registration_request'])
      const response = ours.respondRegistration(keys, input('credential_identifier'), started.blinded)
      expect(toHex(response)).toBe(outputs['registration_response'])
      const registration = { password, blind: started.blind, response, identities, envelopeNonce: input('envelope_nonce') }
      const { record, exportKey } = await ours.finishRegistration(settings, registration)
      expect(toHex(record)).toBe(outputs['registration_upload'])
      expect(toHex(exportKey)).toBe(outputs['export_key'])

      const coins = {
        rng: ours.rngYielding(input('blind_login')),
        nonce: input('client_nonce'),
        keyshareSeed: input('client_keyshare_seed'),
      }
      const login = ours.startLogin(password, coins)
      expect(toHex(login.ke1)).toBe(outputs['KE1'])
      const server = ours.respondLogin(settings, {
        keys,
        record,
        credentialIdentifier: input('credential_identifier'),
        ke1: login.ke1,
        identities,
        maskingNonce: input('masking_nonce'),
        nonce: input('server_nonce'),
        keyshareSeed: input('server_keyshare_seed'),
      })
      expect(toHex(server.ke2)).toBe(outputs['KE2'])
      const client = await ours.finishLogin(settings, login, server.ke2, identities)
      expect(toHex(client.ke3)).toBe(outputs['KE3'])
      expect(toHex(server.expectedKe3)).toBe(outputs['KE3'])
      expect([toHex(client.sessionKey), toHex(server.sessionKey)]).toEqual([outputs['session_key'], outputs['session_key']])
      expect(toHex(client.exportKey)).toBe(outputs['export_key'])
    }
    expect(tests.length).toBe(2)
  })

  it('C.2: 1 answer for a user who does not exist', () => {
    const tests = vectors(true)
    for (const vector of tests) {
      const { input, identities, settings, keys } = prepare(vector)
      const record = new Uint8Array([...input('client_public_key'), ...input('masking_key'), ...new Uint8Array(96)])
      const { ke2 } = ours.respondLogin(settings, {
        keys,
        record,
        credentialIdentifier: input('credential_identifier'),
        ke1: input('KE1'),
        identities,
        maskingNonce: input('masking_nonce'),
        nonce: input('server_nonce'),
        keyshareSeed: input('server_keyshare_seed'),
      })
      expect(toHex(ke2)).toBe(vector.outputs['KE2'])
    }
    expect(tests.length).toBe(1)
  })
})

type Stretching = 'memory-constrained' | { 'argon2id-custom': { memory: number; iterations: number; parallelism: number } }
interface TextIdentities {
  readonly client?: string
  readonly server?: string
}

/** What the product uses: 64 MiB, three passes, four lanes. */
const product: Stretching = 'memory-constrained'
/** The least that Argon2 allows, so that a thousand logins are a matter of seconds. */
const cheap: Stretching = { 'argon2id-custom': { memory: 8, iterations: 1, parallelism: 1 } }

function settingsFor(stretching: Stretching): ours.Settings {
  const { memory, iterations, parallelism } =
    stretching === 'memory-constrained' ? { memory: 65_536, iterations: 3, parallelism: 4 } : stretching['argon2id-custom']
  const params = { memoryKiB: memory, passes: iterations, parallelism }
  return { context: new Uint8Array(0), stretch: (input) => platformBackend.argon2id(input, new Uint8Array(16), params, 64) }
}

const encodeIdentities = ({ client, server }: TextIdentities): ours.Identities => ({
  ...(client === undefined ? {} : { client: utf8(client) }),
  ...(server === undefined ? {} : { server: utf8(server) }),
})

/** Either side of a run, behind one shape; messages are base64url as the library has them. */
interface Server {
  readonly publicKey: string
  register(user: string, request: string): string
  /** `record` undefined: a user who does not exist */
  login(user: string, record: string | undefined, ke1: string, identities: TextIdentities): { ke2: string; finish(ke3: string): string }
}
interface Finished {
  readonly ke3: string
  readonly sessionKey: string
  readonly exportKey: string
  readonly serverPublicKey: string
}
interface Client {
  register(
    password: string,
    identities: TextIdentities,
    exchange: (request: string) => string,
  ): Promise<{ record: string; exportKey: string }>
  login(password: string): { ke1: string; finish(ke2: string, identities: TextIdentities): Promise<Finished | undefined> }
}

function libraryServer(serverSetup: string): Server {
  return {
    publicKey: library.server.getPublicKey(serverSetup),
    register: (userIdentifier, registrationRequest) =>
      library.server.createRegistrationResponse({ serverSetup, userIdentifier, registrationRequest }).registrationResponse,
    login(userIdentifier, registrationRecord, startLoginRequest, identifiers) {
      const started = library.server.startLogin({ serverSetup, userIdentifier, registrationRecord, startLoginRequest, identifiers })
      const finish = (finishLoginRequest: string): string =>
        library.server.finishLogin({ serverLoginState: started.serverLoginState, finishLoginRequest, identifiers }).sessionKey
      return { ke2: started.loginResponse, finish }
    },
  }
}

function ourServer(keys: ours.ServerKeys): Server {
  return {
    publicKey: toBase64url(keys.publicKey),
    register: (user, request) => toBase64url(ours.respondRegistration(keys, utf8(user), fromBase64url(request))),
    login(user, record, ke1, identities) {
      const { ke2, expectedKe3, sessionKey } = ours.respondLogin(settingsFor(cheap), {
        keys,
        record: record === undefined ? ours.fakeRecord(systemRandom) : fromBase64url(record),
        credentialIdentifier: utf8(user),
        ke1: fromBase64url(ke1),
        identities: encodeIdentities(identities),
        maskingNonce: systemRandom.bytes(32),
        nonce: systemRandom.bytes(32),
        keyshareSeed: systemRandom.bytes(32),
      })
      return {
        ke2: toBase64url(ke2),
        finish(ke3) {
          if (ke3 !== toBase64url(expectedKe3)) throw new Error('client mac')
          return toBase64url(sessionKey)
        },
      }
    },
  }
}

function libraryClient(keyStretching: Stretching): Client {
  return {
    register(password, identifiers, exchange) {
      const { clientRegistrationState, registrationRequest } = library.client.startRegistration({ password })
      const registrationResponse = exchange(registrationRequest)
      const input = { password, clientRegistrationState, registrationResponse, identifiers, keyStretching }
      const { registrationRecord, exportKey } = library.client.finishRegistration(input)
      return Promise.resolve({ record: registrationRecord, exportKey })
    },
    login(password) {
      const { clientLoginState, startLoginRequest } = library.client.startLogin({ password })
      return {
        ke1: startLoginRequest,
        finish(loginResponse, identifiers) {
          const done = library.client.finishLogin({ password, clientLoginState, loginResponse, identifiers, keyStretching })
          if (done === undefined) return Promise.resolve(undefined)
          const { finishLoginRequest, sessionKey, exportKey, serverStaticPublicKey } = done
          return Promise.resolve({ ke3: finishLoginRequest, sessionKey, exportKey, serverPublicKey: serverStaticPublicKey })
        },
      }
    },
  }
}

function ourClient(stretching: Stretching): Client {
  const settings = settingsFor(stretching)
  return {
    async register(password, identities, exchange) {
      const { blind, blinded } = ours.startRegistration(utf8(password))
      const response = fromBase64url(exchange(toBase64url(blinded)))
      const input = {
        password: utf8(password),
        blind,
        response,
        identities: encodeIdentities(identities),
        envelopeNonce: systemRandom.bytes(32),
      }
      const { record, exportKey } = await ours.finishRegistration(settings, input)
      return { record: toBase64url(record), exportKey: toBase64url(exportKey) }
    },
    login(password) {
      const login = ours.startLogin(utf8(password), { nonce: systemRandom.bytes(32), keyshareSeed: systemRandom.bytes(32) })
      return {
        ke1: toBase64url(login.ke1),
        async finish(ke2, identities) {
          try {
            const done = await ours.finishLogin(settings, login, fromBase64url(ke2), encodeIdentities(identities))
            const text = { ke3: toBase64url(done.ke3), sessionKey: toBase64url(done.sessionKey), exportKey: toBase64url(done.exportKey) }
            return { ...text, serverPublicKey: toBase64url(done.serverPublicKey) }
          } catch (error) {
            if (isNokkelError(error, 'sign-in-failed')) return undefined
            throw error
          }
        },
      }
    },
  }
}

/** A whole login; undefined where the client refused. The server's session key is compared here. */
async function signIn(
  client: Client,
  server: Server,
  user: string,
  record: string | undefined,
  password: string,
  identities: TextIdentities,
) {
  const login = client.login(password)
  const answer = server.login(user, record, login.ke1, identities)
  const done = await login.finish(answer.ke2, identities)
  if (done === undefined) return undefined
  expect(answer.finish(done.ke3)).toBe(done.sessionKey)
  expect(done.serverPublicKey).toBe(server.publicKey)
  return done
}

describe('OPAQUE against the library (protocol 4.2)', () => {
  const identities = { client: '00112233445566778899aabbccddeeff', server: 'https://keys.example' }
  const user = 'ola@example.org'
  let pairs: { name: string; make: (stretching: Stretching) => { client: Client; otherClient: Client; server: Server } }[]
  let setup: string
  let keys: ours.ServerKeys

  beforeAll(async () => {
    await library.ready
    setup = library.server.createSetup()
    keys = { oprfSeed: systemRandom.bytes(64), ...ours.deriveDiffieHellmanKeyPair(systemRandom.bytes(32)) }
    pairs = [
      { name: 'ours to library', make: (s) => ({ client: ourClient(s), otherClient: libraryClient(s), server: libraryServer(setup) }) },
      { name: 'library to ours', make: (s) => ({ client: libraryClient(s), otherClient: ourClient(s), server: ourServer(keys) }) },
    ]
  })

  it('registers and signs in with the product’s key stretching, in both roles', async () => {
    let logins = 0
    for (const { make } of pairs) {
      const { client, otherClient, server } = make(product)
      const { record, exportKey } = await client.register('korrekt hest', identities, (request) => server.register(user, request))
      for (const by of [client, otherClient]) {
        expect((await signIn(by, server, user, record, 'korrekt hest', identities))?.exportKey).toBe(exportKey)
        expect(await signIn(by, server, user, record, 'korrekt hest!', identities)).toBeUndefined()
        expect(await signIn(by, server, user, undefined, 'korrekt hest', identities)).toBeUndefined()
        logins += 3
      }
    }
    expect(logins).toBe(12)
  }, 60_000)

  it('agrees in 1,000 random logins with cheap key stretching: right, wrong and unknown', async () => {
    const seed = Number(process.env['NOKKEL_SEED'] ?? Math.floor(Math.random() * 0x1_0000_0000))
    console.info(`opaque logins: seed ${seed}`)
    const random = new SeededRandom(seed)
    const alphabets = ['abc XYZ019', 'æøåÆØÅß', '密码語', '😀🔑', '\u0000\t"\\']
    const text = (): string => Array.from({ length: 1 + random.below(24) }, () => random.pick([...random.pick(alphabets)])).join('')
    const tally = { right: 0, wrong: 0, unknown: 0 }
    for (let i = 0; i < 1_000; i++) {
      const pair = pairs[i % 2]
      if (pair === undefined) throw new Error('two roles')
      const { client, otherClient, server } = pair.make(cheap)
      const name = text()
      const password = text()
      const who: TextIdentities = { ...(random.chance(0.5) ? { client: text() } : {}), ...(random.chance(0.5) ? { server: text() } : {}) }
      const registrar = random.chance(0.5) ? client : otherClient
      const { record, exportKey } = await registrar.register(password, who, (request) => server.register(name, request))
      const kind = random.chance(0.8) ? 'right' : random.pick(['wrong', 'unknown'] as const)
      const stored = kind === 'unknown' ? undefined : record
      const done = await signIn(client, server, name, stored, kind === 'wrong' ? `${password}x` : password, who)
      expect(done?.exportKey, `seed ${seed}, login ${i}, ${kind}`).toBe(kind === 'right' ? exportKey : undefined)
      tally[kind]++
    }
    expect(tally.right + tally.wrong + tally.unknown).toBe(1_000)
    expect(tally.right).toBeGreaterThan(700)
    expect(Math.min(tally.wrong, tally.unknown)).toBeGreaterThan(30)
  }, 120_000)

  it('ties a record to account, server and user name', async () => {
    for (const { make } of pairs) {
      const { client, otherClient, server } = make(cheap)
      const { record } = await client.register('p', identities, (request) => server.register(user, request))
      for (const by of [client, otherClient]) {
        expect(await signIn(by, server, user, record, 'p', identities)).toBeDefined()
        expect(await signIn(by, server, user, record, 'p', { ...identities, server: 'https://keys.example.evil' })).toBeUndefined()
        expect(await signIn(by, server, user, record, 'p', { ...identities, client: '00' })).toBeUndefined()
        expect(await signIn(by, server, user, record, 'p', {})).toBeUndefined()
        expect(await signIn(by, server, 'kari@example.org', record, 'p', identities)).toBeUndefined()
      }
    }
  })

  it('takes a record to another server that has the same keys', async () => {
    // opaque-ke's layout of a setup: OPRF seed (64), private key (32), key of the fake record (32)
    const bytes = fromBase64url(setup)
    expect(bytes.length).toBe(128)
    const same = {
      oprfSeed: bytes.slice(0, 64),
      secretKey: bytes.slice(64, 96),
      publicKey: fromBase64url(library.server.getPublicKey(setup)),
    }
    const moved = ourServer(same)
    const { record, exportKey } = await libraryClient(cheap).register('p', identities, (request) =>
      libraryServer(setup).register(user, request),
    )
    expect((await signIn(libraryClient(cheap), moved, user, record, 'p', identities))?.exportKey).toBe(exportKey)
    expect((await signIn(ourClient(cheap), moved, user, record, 'p', identities))?.exportKey).toBe(exportKey)
  })

  it('refuses every message with one bit changed, on both sides', async () => {
    const flip = (message: string, bit: number): string => {
      const bytes = fromBase64url(message)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return toBase64url(bytes)
    }
    let refused = 0
    for (const { make } of pairs) {
      const { client, server } = make(cheap)
      const { record } = await client.register('p', identities, (request) => server.register(user, request))
      // KE2 is 320 bytes; a step of 37 bits reaches every field of it
      for (let bit = 0; bit < 320 * 8; bit += 37) {
        const login = client.login('p')
        const { ke2 } = server.login(user, record, login.ke1, identities)
        // an element that does not decode is thrown, anything else answered with undefined: never a session
        const done = await (attempt(() => login.finish(flip(ke2, bit), identities)) ?? Promise.resolve(undefined)).catch(() => undefined)
        expect(done, `bit ${bit}`).toBeUndefined()
        refused++
      }
      for (let bit = 0; bit < 64 * 8; bit += 37) {
        const login = client.login('p')
        const answer = server.login(user, record, login.ke1, identities)
        const done = await login.finish(answer.ke2, identities)
        expect(() => answer.finish(flip(done?.ke3 ?? '', bit)), `bit ${bit}`).toThrow()
        refused++
      }
    }
    expect(refused).toBe(2 * (70 + 14))
  }, 60_000)
})
