/**
 * An answer of a trust registry that can be kept as evidence: what was asked, what was answered, when, for how long, and the chain of
 * documents it rests on, by digest, signed by the node that answered.
 *
 * It is a VCDM 2.0 credential, so that whatever reads credentials reads it. It says what one node believed at one moment, and is worth as
 * much as that node is; whoever holds the documents named by its links can come to the answer himself.
 */
import { z } from 'zod'
import { canonical } from '../canonical.ts'
import { parse } from '../channel.ts'
import { type ReadProof, verifyProof } from '../credential/data-integrity.ts'
import { type JsonObject, verifyJws } from '../credential/jws.ts'
import { readVcJwt } from '../credential/vc-jwt.ts'
import { contextV2 } from '../credential/vcdm.ts'
import { type Code, isCode, TrustError } from '../errors.ts'
import { Did, type DidUrl, Digest, didOf, Instant, instant, Jurisdiction, msOf } from '../ids.ts'
import { parseJson } from '../json.ts'
import type { VerifyKey } from '../keys.ts'
import { Assurance, DocumentId } from './accreditation.ts'
import type { Link } from './framework.ts'
import { skewMs } from './framework.ts'
import { Proof } from './proof.ts'
import { type QueryKind, TrqpRequest, TrqpResponse, trqpPaths } from './trqp.ts'

export const answerType = 'TrustRegistryAnswer'
const terms = 'urn:dfft:trust:'

/** Stands in the document, so that its terms mean one thing everywhere and nothing is fetched. */
const answerContext = {
  '@protected': true,
  [answerType]: `${terms}TrustRegistryAnswer`,
  query: `${terms}query`,
  request: { '@id': `${terms}request`, '@type': '@json' },
  response: { '@id': `${terms}response`, '@type': '@json' },
  code: `${terms}code`,
  island: `${terms}island`,
  links: { '@id': `${terms}links`, '@type': '@json' },
} as const

const AnswerLink = z.strictObject({
  kind: z.enum(['pin', 'accreditation', 'agreement']),
  from: Did.nullable(),
  to: z.union([Did, Jurisdiction]),
  digest: Digest.nullable(),
  id: z.string().max(128).nullable(),
  validUntil: Instant.nullable(),
  assurance: Assurance.nullable(),
})

const Subject = z.strictObject({
  query: z.enum(['authorization', 'recognition']),
  request: TrqpRequest.strict(),
  response: TrqpResponse,
  /** Of the refusal; left out where the answer is yes. */
  code: z.string().refine(isCode, 'not a code').optional(),
  /** Whether the node had heard of nobody for so long that it relied on older suspension heads. */
  island: z.boolean(),
  links: z.array(AnswerLink).max(16),
})

const Answer = z.strictObject({
  '@context': z.tuple([z.literal(contextV2), z.custom<JsonObject>((value) => canonical(value) === canonical(answerContext), 'another context')]),
  id: DocumentId,
  type: z.tuple([z.literal('VerifiableCredential'), z.literal(answerType)]),
  issuer: Did,
  validFrom: Instant,
  validUntil: Instant,
  credentialSubject: Subject,
})
export type Answer = z.infer<typeof Answer>

/** A proof repeats the context of its document, and is none where it repeats another (Data Integrity EdDSA Cryptosuites 1.0, 3.3.1). */
const SignedAnswer = Answer.extend({ proof: Proof.extend({ '@context': z.unknown() }) })

export interface Answered {
  readonly id: string
  readonly issuer: Did
  readonly kind: QueryKind
  readonly request: TrqpRequest
  readonly response: TrqpResponse
  readonly code: Code | null
  readonly island: boolean
  readonly links: readonly Link[]
  readonly nowMs: number
  readonly validUntilMs: number
}

/** What is signed, as a credential without its proof. */
export function answerCredential({ id, issuer, kind, request, response, code, island, links, nowMs, validUntilMs }: Answered): JsonObject {
  const credential = {
    '@context': [contextV2, answerContext],
    id,
    type: ['VerifiableCredential', answerType],
    issuer,
    validFrom: instant(nowMs),
    validUntil: instant(validUntilMs),
    credentialSubject: { query: kind, request, response, ...(code === null ? {} : { code }), island, links },
  }
  return credential as unknown as JsonObject // JSON throughout: texts, booleans, and lists and records of those.
}

export interface Expected {
  /** As of when it is relied on. It may be kept for longer, and then says what was so. */
  readonly atMs: number
  /** Whose answer it has to be. */
  readonly issuer: Did
  /** Which question it has to answer. Left out: any, and the caller looks himself. */
  readonly asked?: { readonly kind: QueryKind; readonly request: TrqpRequest }
}

/**
 * Checks a signed answer, offline.
 *
 * @param given JSON with a proof, or a vc+jwt
 * @param key of the issuer, for a verification method and the time at which it signed
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT, DFFT_SCHEMA, DFFT_SIGNATURE, DFFT_ALGORITHM, DFFT_KEY_NOT_FOUND when it is another's; DFFT_EXPIRED
 *   and DFFT_NOT_YET_VALID at `atMs`; DFFT_AUDIENCE when it answers another question; those of `key` and of parseJson
 */
export async function verifyAnswer(given: string, key: (keyId: DidUrl, atMs: number) => VerifyKey | Promise<VerifyKey>, expected: Expected): Promise<Answer> {
  const answer = given.startsWith('{') ? await fromDocument(given, key) : await fromToken(given, key)
  if (answer.issuer !== expected.issuer) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the answer is another node’s', { issuer: answer.issuer })
  checkTime(answer, expected.atMs)
  checkConsistent(answer)
  if (expected.asked) checkAsked(answer, expected.asked)
  return answer
}

type FindKey = Parameters<typeof verifyAnswer>[1]

async function fromDocument(text: string, key: FindKey): Promise<Answer> {
  const document = parseJson(text)
  const { proof, ...answer } = parse(document, SignedAnswer)
  if (didOf(proof.verificationMethod) !== answer.issuer) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the answer is signed by another than its issuer')
  const keyOf = (read: ReadProof) => key(read.keyId, msOf(proof.created))
  await verifyProof(document as JsonObject, keyOf, { purpose: 'assertionMethod' }) // It has just been read as an object.
  return answer
}

async function fromToken(token: string, key: FindKey): Promise<Answer> {
  const { jws, keyId, credential } = readVcJwt(token)
  const answer = parse(credential, Answer)
  verifyJws(jws, await key(keyId, msOf(answer.validFrom)))
  return answer
}

function checkTime({ validFrom, validUntil }: Answer, atMs: number): void {
  if (atMs + skewMs < msOf(validFrom)) throw new TrustError('DFFT_NOT_YET_VALID', 'the answer is of later', { validFrom })
  if (atMs >= msOf(validUntil)) throw new TrustError('DFFT_EXPIRED', 'the answer is past its end', { validUntil })
}

/** An answer that contradicts itself is none: whichever half a reader looks at, he reads the same. */
function checkConsistent({ validFrom, credentialSubject: { query, request, response, code } }: Answer): void {
  const holds = 'authorized' in response ? response.authorized : response.recognized
  const { time_evaluated, time_requested, message: _, ...rest } = response
  const again = { ...request, ...('authorized' in response ? { authorized: holds } : { recognized: holds }) }
  const consistent =
    'authorized' in response === (query === 'authorization') &&
    holds === (code === undefined) &&
    time_evaluated === validFrom &&
    time_requested === request.context?.time &&
    canonical(rest) === canonical(again)
  if (!consistent) throw new TrustError('DFFT_SCHEMA', 'the answer contradicts itself', { path: '/credentialSubject' })
}

function checkAsked({ credentialSubject: { query, request } }: Answer, asked: NonNullable<Expected['asked']>): void {
  if (query === asked.kind && canonical(request) === canonical(asked.request)) return
  throw new TrustError('DFFT_AUDIENCE', `the answer is to another question at \`${trqpPaths[query]}\``, { query })
}
