/** The desk at which the public asks this node about trust: the questions of TRQP, each answered plainly or signed, as the caller wants it. */
import type { Self } from '#node/identity/self.ts'
import type { Clock, Random } from '#node/ports.ts'
import type { PublicAnswer, Question } from '#node/public-http.ts'
import { parse } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { type Did, instant, msOf } from '#protocols/ids.ts'
import type { When } from '#protocols/trust/framework.ts'
import { anchored } from '#protocols/trust/held.ts'
import { type Between, judge, type Registry, type Verdict } from '#protocols/trust/registry.ts'
import { answerCredential } from '#protocols/trust/signed-answer.ts'
import { type QueryKind, responseTo, TrqpRequest, trqpPaths } from '#protocols/trust/trqp.ts'
import { uuid } from './trust.ts'

interface Needs {
  readonly self: Pick<Self, 'did' | 'signer'>
  readonly registry: Registry
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Pick<Random, 'bytes'>
}

/** As long as a status list: so long may a suspension go unnoticed by who keeps an answer. */
const answerLifeMs = 15 * 60_000

const plain = 'application/json'
const document = 'application/vc'
const token = 'application/vc+jwt'

export function trqpQuestions(needs: Needs): ReadonlyMap<string, Question> {
  const kinds = Object.keys(trqpPaths) as QueryKind[] // Its keys are all of the kinds.
  return new Map(kinds.map((kind) => [trqpPaths[kind], { offers: [plain, document, token], answer: (asked, type) => answer(kind, asked, type, needs) }]))
}

/** @throws {TrustError} DFFT_SCHEMA, and as `judge` */
async function answer(kind: QueryKind, asked: unknown, type: string, { self, registry, clock, random }: Needs): Promise<PublicAnswer> {
  const request = parse(asked, TrqpRequest)
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const verdict = judge(kind, request, registry)
  const { holds, code, reason, links } = verdict
  const response = responseTo(kind, request, { holds, message: code === null ? reason : `${code}: ${reason}`, nowMs })
  if (type === plain) return { type, body: Buffer.from(`${JSON.stringify(response)}\n`) }
  const { island } = registry.when()
  const validUntilMs = endOf(verdict, registry.between(), { nowMs, island })
  const id = `urn:uuid:${uuid(random)}`
  const credential = answerCredential({ id, issuer: self.did, kind, request, response, code, island, links, nowMs, validUntilMs })
  if (type === token) return { type, body: Buffer.from(await issueVcJwt(credential, self.signer)) }
  const signed = await addProof(credential, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' })
  return { type, body: Buffer.from(`${JSON.stringify(signed)}\n`) }
}

/** The earliest end of all that it rests on. */
function endOf({ links, anchors }: Verdict, { anchors: pinned }: Between, { nowMs, island }: When): number {
  const ofLinks = links.flatMap(({ validUntil }) => (validUntil === null ? [] : [msOf(validUntil)]))
  const ofAnchors = anchors.flatMap((did: Did) => {
    const anchor = pinned.find((one) => one.did === did)
    if (!anchor?.said) return []
    const { saidUntilMs, freshUntilMs, islandUntilMs } = anchored(anchor)
    return [saidUntilMs, island ? islandUntilMs : freshUntilMs]
  })
  const endMs = Math.min(nowMs + answerLifeMs, ...[...ofLinks, ...ofAnchors].filter((ms) => ms > nowMs))
  return Math.max(endMs, nowMs + 1000)
}
