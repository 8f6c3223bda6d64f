/** The interface as OpenAPI 3.1, from the protocol's routes table and nothing else. */
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { errorCodes } from '@nokkel/base'
import { livePath, problemType, proofHeader, protocolVersion, routes, siteDataPath, statusOf, type Route } from '@nokkel/protocol/wire'

type Json = Readonly<Record<string, unknown>>

function schemaOf(schema: GenericSchema): Json {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, { errorMode: 'ignore' })
  return rest as Json
}

function contentOf(body: GenericSchema | 'cbor' | 'frames'): Json {
  if (body === 'cbor')
    return { 'application/cbor': { schema: { type: 'string', format: 'binary', description: 'deterministic CBOR, docs/SPEC.md' } } }
  if (body === 'frames') {
    return {
      'application/octet-stream': {
        schema: { type: 'string', format: 'binary', description: 'frames of a 4-byte big-endian length and CBOR, docs/SPEC.md API-10' },
      },
    }
  }
  return { 'application/json': { schema: schemaOf(body) } }
}

const problem = (description: string): Json => ({
  description,
  content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
})

function parametersOf(route: Route, isVersioned: boolean): Json[] {
  const text = { type: 'string' }
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  }))
  const inQuery = (route.query ?? []).map((name) => ({ name, in: 'query', required: false, schema: text }))
  const versions = isVersioned
    ? [
        { name: 'nokkel-client', in: 'header', required: true, description: 'surface and version, such as cli/0.1.0', schema: text },
        { name: 'nokkel-protocol', in: 'header', required: true, schema: { type: 'integer', const: protocolVersion } },
      ]
    : []
  const proof =
    route.proof === true
      ? [
          {
            name: proofHeader,
            in: 'header',
            required: true,
            description: 'time in ms, a dot, the device’s signature (API-5)',
            schema: text,
          },
        ]
      : []
  return [...inPath, ...inQuery, ...versions, ...proof]
}

function operationOf(name: string, route: Route): Json {
  const isVersioned = name !== 'server'
  return {
    operationId: name,
    summary: route.summary,
    parameters: parametersOf(route, isVersioned),
    ...(route.request === null ? {} : { requestBody: { required: true, content: contentOf(route.request) } }),
    ...(route.auth === 'none' ? {} : { security: [{ session: [] }] }),
    responses: {
      '200': { description: 'Done', content: contentOf(route.response) },
      ...(route.request === null ? {} : { '400': problem('The request breaks the format'), '413': problem('The body is too large') }),
      ...(route.auth === 'none'
        ? {}
        : { '401': problem('No valid session'), '403': problem('The device is not, not yet or no longer trusted') }),
      ...(isVersioned ? { '426': problem('The client is too old') } : {}),
      '429': problem('Too many requests; see Retry-After'),
      default: problem('Any other problem; `code` says which'),
    },
  }
}

export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) }
  }
  paths[siteDataPath] = {
    get: {
      operationId: 'siteData',
      summary: 'What is known of sites in general, the same for everybody',
      parameters: [{ name: 'if-none-match', in: 'header', required: false, schema: { type: 'string' } }],
      responses: {
        '200': {
          description: 'All of it, with an ETag; members as in docs/SPEC.md API-14',
          content: { 'application/json': { schema: { type: 'object', required: ['format'], properties: { format: { const: 1 } } } } },
        },
        '304': { description: 'As it was' },
        '429': problem('Too many requests; see Retry-After'),
        default: problem('Any other problem; `code` says which'),
      },
    },
  }
  const codes = errorCodes.map((code) => ({ code, status: statusOf(code) }))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nøkkelring server',
      version,
      license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
      description: `Live channel: WebSocket at ${livePath}; the first frame, within five seconds, is {"token": …}; then hints such as {"type":"log","vault":…,"seq":…}.`,
    },
    paths,
    components: {
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Problem: {
          type: 'object',
          description: `RFC 9457. Codes and statuses: ${codes.map(({ code, status }) => `${code} ${status}`).join(', ')}`,
          required: ['type', 'title', 'status', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { type: 'string', enum: errorCodes },
            params: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
          },
        },
      },
    },
  }
}
