/**
 * The table of operations as an OpenAPI 3.1 document: what a program in any language reads to call this node.
 *
 * Made from the same zod schemas that read each call, so that it cannot say something else. Shapes that many operations share, and the
 * identifiers, are components; so is what each HTTP status answers, with the codes that come with it.
 */
import { z } from 'zod'
import { codes, isCode } from '#protocols/errors.ts'
import { Did, Digest, ExchangeId, Instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { AuditEntry, auditOperations, SignedHead } from './api/audit.ts'
import { careOperations } from './api/care.ts'
import { CredentialReport, CredentialView, credentialOperations, Report, ReportStep, StatusChange } from './api/credentials.ts'
import { enrolmentOperations, OwnApplication, ReceivedApplication } from './api/enrolment.ts'
import { AttachmentView, DutyView, ExchangeState, ExchangeView, exchangeOperations, OperationalRecord } from './api/exchanges.ts'
import { identityOperations } from './api/identity.ts'
import { anyFails, empty, type Operation } from './api/operation.ts'
import { PolicyChange, PolicyOutcome, PolicySignatures, policyOperations } from './api/policies.ts'
import { programOperations, Statistics, TokenView, WebhookView } from './api/programs.ts'
import { Accreditation, BundleRefusal, BundleSummary, TrustLink, TrustOutcome, trustOperations } from './api/trust.ts'

type Json = { readonly [member: string]: unknown }

/** The order in which they are listed, by what they are about. */
const rooms: Readonly<Record<string, { readonly about: string; readonly rows: Readonly<Record<string, Operation>> }>> = {
  identity: { about: 'The node itself: its DID, its keys, the nodes that it knows.', rows: identityOperations },
  trust: { about: 'Accreditations, recognition between jurisdictions, suspensions, trust bundles.', rows: trustOperations },
  enrolment: { about: 'Applications to an agency and what becomes of them.', rows: enrolmentOperations },
  credentials: { about: 'The register, and credentials issued, held and received.', rows: credentialOperations },
  exchanges: { about: 'Exchanges, their attachments, evidence and duties.', rows: exchangeOperations },
  policies: { about: 'Trust Policies: adding, applying, explaining.', rows: policyOperations },
  audit: { about: 'The audit log and its proofs.', rows: auditOperations },
  care: { about: 'The node’s health and safekeeping.', rows: careOperations },
  programs: { about: 'What other programs are given: tokens, webhooks, statistics, traces.', rows: programOperations },
}

/** What the other schemas are written with, the same in what goes in and what comes out. */
const words = { Nothing: empty, Did, Digest, ExchangeId, Instant, JsonPointer, Jurisdiction } as const
/** What several operations answer with. */
const shapes = {
  Accreditation,
  AttachmentView,
  AuditEntry,
  BundleRefusal,
  BundleSummary,
  CredentialReport,
  CredentialView,
  DutyView,
  ExchangeState,
  ExchangeView,
  OperationalRecord,
  OwnApplication,
  PolicyChange,
  PolicyOutcome,
  PolicySignatures,
  ReceivedApplication,
  Report,
  ReportStep,
  SignedHead,
  StatusChange,
  TokenView,
  Statistics,
  TrustLink,
  TrustOutcome,
  WebhookView,
} as const

const reference = (kind: 'schemas' | 'responses', name: string) => `#/components/${kind}/${name}`

/** @param version of the program that serves it */
export function openApi(version: string): Json {
  const rows = Object.values(rooms).flatMap((room) => Object.entries(room.rows))
  const named = new Map<z.ZodType, string>([...Object.entries(words), ...Object.entries(shapes)].map(([name, schema]) => [schema, name]))
  const inputs = registryOf(Object.entries(words))
  for (const [name, { input }] of rows) if (!inputs.has(input)) inputs.add(input, { id: `${capital(name)}Input` })
  const outputs = registryOf([...Object.entries(words), ...Object.entries(shapes)])
  for (const [name, { output }] of rows) if (!outputs.has(output)) outputs.add(output, { id: `${capital(name)}Result` })
  const nameOf = (registry: Named, schema: z.ZodType) => named.get(schema) ?? registry.get(schema)?.id ?? ''
  const paths = Object.entries(rooms).flatMap(([tag, room]) =>
    Object.entries(room.rows).map(([name, row]) => [
      `/v1/${name}`,
      { post: operationOf(name, row, { tag, input: nameOf(inputs, row.input), output: nameOf(outputs, row.output) }) },
    ]),
  )
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'dfft node', version, summary: 'What an operator, or a program of his, can ask of a node.', description, license },
    servers,
    tags: Object.entries(rooms).map(([name, { about }]) => ({ name, description: about })),
    security: [{ token: [] }, {}],
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ...schemasOf(inputs, 'input'), ...schemasOf(outputs, 'output'), ErrorCode: { type: 'string', pattern: '^DFFT_[A-Z0-9_]+$' }, Failure },
      responses: Object.fromEntries(statuses.map((status) => [`Failure${status}`, failed(status)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token made by `dfft token create`, over TCP. The Unix socket asks for none: its mode does.' },
      },
    },
  }
}

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' } as const
const description = [
  'Each operation is `POST /v1/<name>` with one JSON object, and answers with one envelope: `{"ok":true,"result":…}` or `{"ok":false,"error":…}`.',
  'Callers look at `error.code`, never at the message. Codes are stable; members may be added to what comes back, and are refused in what goes in.',
  'A repeated member name, a number that is not exact and text that is not Unicode are refused. Of the failures listed, `x-dfft-codes` names those that an operation was seen to answer with in the tests of this version,',
  `beside those that any may: ${anyFails.join(', ')}. Others are possible; their HTTP status says what kind they are.`,
].join(' ')
const servers = [
  { url: 'http://dfft', description: 'The Unix socket of the node (`dfft.sock` in its folder, mode 0600); the host is not looked at.' },
  {
    url: 'http://127.0.0.1:{port}',
    description: 'The loopback listener of `api` in dfft.yaml, with a token.',
    variables: { port: { default: '8471', description: 'As configured.' } },
  },
]

type Named = z.core.$ZodRegistry<{ id: string }>

function registryOf(entries: readonly (readonly [string, z.ZodType])[]): Named {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of entries) registry.add(schema, { id })
  return registry
}

function schemasOf(registry: Named, io: 'input' | 'output'): Json {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    target: 'draft-2020-12',
    uri: (id) => reference('schemas', id),
    // A reader of answers must bear members that a later version adds.
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema as Json]), // A JSON Schema of ours is an object.
  )
}

interface Place {
  readonly tag: string
  readonly input: string
  readonly output: string
}

function operationOf(name: string, { summary, access, only, fails = [] }: Operation, { tag, input, output }: Place): Json {
  return {
    operationId: name,
    summary,
    tags: [tag],
    'x-dfft-access': access,
    'x-dfft-codes': fails,
    ...(only === 'socket' ? { 'x-dfft-only': only, servers: [servers[0]], security: [{}] } : {}),
    requestBody: { required: true, content: { 'application/json': { schema: { $ref: reference('schemas', input) } } } },
    responses: {
      200: {
        description: 'Done, or answered.',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['ok', 'result'],
              properties: { ok: { const: true }, result: { $ref: reference('schemas', output) } },
            },
          },
        },
      },
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: reference('responses', `Failure${status}`) }])),
    },
  }
}

/** Of all codes. */
const statuses = [...new Set(Object.values(codes).map(({ http }) => http))].sort((one, other) => one - other)

const Failure: Json = {
  type: 'object',
  required: ['ok', 'error'],
  properties: {
    ok: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message', 'advice', 'facts'],
      properties: {
        code: { $ref: reference('schemas', 'ErrorCode') },
        message: { type: 'string', description: 'What happened, for a person; not stable.' },
        advice: { type: 'string', description: 'What to do now, for a person.' },
        facts: { type: 'object', description: 'Numbers and names beside it.', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
      },
    },
  },
}

/** The codes that come with an HTTP status, each with why. */
function failed(status: number): Json {
  const its = Object.keys(codes).filter((code) => isCode(code) && codes[code].http === status)
  const code = { enum: its, 'x-dfft-causes': Object.fromEntries(its.map((one) => [one, isCode(one) ? codes[one].cause : ''])) }
  return {
    description: `Failed, with one of ${its.length} codes. \`dfft explain <code>\` tells each.`,
    content: {
      'application/json': {
        schema: { allOf: [{ $ref: reference('schemas', 'Failure') }, { properties: { error: { properties: { code } } } }] },
      },
    },
  }
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
