/**
 * TRQP 2.0 by its JSON Schemas: questions that they allow are put to the desk of a node over HTTP, and each answer is judged by the schema
 * of its kind and has no member that it does not name; a question that they do not allow, made from them one fault at a time, is a problem.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { servePublic } from '#node/public-http.ts'
import { trqpQuestions } from '#node/trust/trqp-desk.ts'
import { judgeBySchema } from '#protocols/credential/json-schema.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import type { Did } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { at, de, fr, handelsregister, jp, nowMs, registrar, registration, registryOf, shop } from '#protocols/trust/registry.fixture.ts'
import { type QueryKind, trqpPaths } from '#protocols/trust/trqp.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface Schema extends JsonObject {
  readonly required: readonly string[]
  readonly properties: JsonObject
}

interface Reply {
  readonly status: number
  readonly type: string | null
  readonly body: JsonObject
}

type Post = (kind: QueryKind, question: Json) => Promise<Reply>

export const trqpSchemas: Suite = {
  name: 'trqp-schemas',
  async run(dir) {
    const tally = new Tally()
    const root = join(dir, 'specification/v2/core/schema')
    if ((await filesUnder(root, '.schema.json')).length === 0) return tally
    await using desk = await openDesk()
    for (const kind of ['authorization', 'recognition'] as const) {
      const request = await readVector<Schema>(root, `trqp_${kind}_request.schema.json`)
      const response = await readVector<Schema>(root, `trqp_${kind}_response.schema.json`)
      for (const [name, question] of questions(kind))
        await tally.check(`${kind}: ${name}`, async () => judgeAnswer(question, await desk.post(kind, question), { request, response }))
      for (const [name, question] of faults(request, base(kind)))
        await tally.check(`${kind}: ${name}`, async () => judgeProblem(question, await desk.post(kind, question), request))
    }
    return tally
  },
}

/** A desk in a small world, at the time of that world. */
async function openDesk(): Promise<AsyncDisposable & { readonly post: Post }> {
  const did = 'did:web:registry.example' as Did
  const clock = { ...systemClock, nowMs: () => nowMs }
  const self = { did, signer: seededSigner(new Uint8Array(32).fill(1), `${did}#key-1`) }
  const server = await servePublic({
    host: '127.0.0.1',
    port: 0,
    hosts: [],
    proxies: [],
    clock,
    log: () => undefined,
    documents: async () => undefined,
    questions: trqpQuestions({ self, registry: registryOf(), clock, random: systemRandom }),
    health: () => ({ live: true, ready: true, reasons: [] }),
    limits: { burst: 10_000 },
  })
  const post: Post = async (kind, question) => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(question) }
    const reply = await fetch(`http://127.0.0.1:${server.port}${trqpPaths[kind]}`, sent)
    return { status: reply.status, type: reply.headers.get('content-type'), body: (await reply.json()) as JsonObject } // Our own JSON.
  }
  return { post, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

function base(kind: QueryKind): JsonObject {
  const entity_id = kind === 'authorization' ? registrar : de
  return { entity_id, authority_id: jp, action: 'issue', resource: registration }
}

/** Answered yes and no, with and without a context. */
function questions(kind: QueryKind): readonly (readonly [name: string, question: JsonObject])[] {
  const asked = base(kind)
  const entities = kind === 'authorization' ? [registrar, handelsregister, shop, 'did:web:nobody.example', 'user-1234'] : [de, fr, jp, 'auth-service-A']
  const actions = kind === 'authorization' ? ['issue', 'verify', 'request', 'provide'] : ['recognize', 'recognizes', 'issue', 'admit']
  const contexts: readonly JsonObject[] = [
    {},
    { time: at(-4) },
    { time: '2026-10-01T08:59:00.5Z', locator: 'shelf 7', profile: 'x' },
    { purpose: 'trade.supplier-verification' },
  ]
  return [
    ...entities.map((entity_id) => [`about ${entity_id}`, { ...asked, entity_id }] as const),
    ...actions.map((action) => [`to ${action}`, { ...asked, action }] as const),
    ...contexts.map((context) => [`in the context ${JSON.stringify(context)}`, { ...asked, context }] as const),
    ['with a member of a later version', { ...asked, delegated_by: de }],
    ['about a resource that nobody knows', { ...asked, resource: 'country:state:driverlicense' }],
  ]
}

/** What the schema forbids, one thing at a time. */
function faults({ required, properties }: Schema, asked: JsonObject): readonly (readonly [name: string, question: JsonObject])[] {
  const without = (member: string) => Object.fromEntries(Object.entries(asked).filter(([name]) => name !== member))
  return [
    ...required.map((member) => [`without ${member}`, without(member)] as const),
    ...Object.keys(properties).map((member) => [`whose ${member} is a number`, { ...asked, [member]: 7 }] as const),
    ['whose context has a number', { ...asked, context: { level: 7 } }],
    ['whose locator is a list', { ...asked, context: { locator: ['a'] } }],
    ['of a time that is none', { ...asked, context: { time: 'noon' } }],
  ]
}

function judgeAnswer(
  question: JsonObject,
  { status, type, body }: Reply,
  { request, response }: { readonly request: Schema; readonly response: Schema },
): void {
  assert.equal(judgeBySchema(request, question).kind, 'success', 'the question is one')
  assert.deepEqual([status, type], [200, 'application/json'])
  assert.equal(judgeBySchema(response, body).kind, 'success', JSON.stringify(body))
  const strange = Object.keys(body).filter((name) => !Object.hasOwn(response.properties, name))
  assert.deepEqual(strange, [], 'members that the schema does not name')
  for (const member of ['entity_id', 'authority_id', 'action', 'resource', 'context']) assert.deepEqual(body[member], question[member], member)
}

function judgeProblem(question: JsonObject, { status, type, body }: Reply, request: Schema): void {
  assert.equal(judgeBySchema(request, question).kind, 'failure', 'the question is none')
  assert.deepEqual([status, type, body.status, body.code], [400, 'application/problem+json', 400, 'DFFT_SCHEMA'])
}
