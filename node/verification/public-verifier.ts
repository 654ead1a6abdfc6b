/**
 * The question that anybody may ask of a document: does it hold? Answered on the public listener, where the configuration allows it.
 *
 * Why the node judges, and not the page in the stranger's browser: whether a signature fits is arithmetic, but whether the issuer's word counts
 * is this node's trust, and the issuer's history of keys and its list of revocations are not served to pages of other origins. A page
 * that checked the signature alone would call genuine what anybody can sign.
 *
 * What is answered says nothing of this node but whom its trust recognises, which TRQP answers anyway. Nothing of what is asked is kept.
 * A stranger's document makes this node ask nobody whom its trust does not name: neither a DID's host nor a status list.
 */
import { z } from 'zod'
import type { CredentialReport, Report, ReportStep } from '#node/api/credentials.ts'
import type { Clock } from '#node/ports.ts'
import type { PublicAnswer, Question } from '#node/public-http.ts'
import { verify } from '#node/verify.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import type { Surroundings } from './surroundings.ts'

export const verifierPath = '/verify/report'

export const verifierLimits = {
  /** An SD-JWT of a registration has 5 kB; a presentation of several, with their evidence, some 50. */
  textMax: 200_000,
  bodyBytesMax: 256 << 10,
  /** Of one source. A person drops a file every few seconds; a pile of twenty at once waits its turn. */
  perSecond: 1,
  burst: 10,
  /** A verification takes some 5 ms of one core, mostly its signatures; more at once would only queue for it. */
  atOnce: 4,
} as const

export interface VerifierNeeds {
  readonly surroundings: Surroundings
  /** Whether this node's own trust speaks of a party: as an anchor, or in an accreditation. */
  readonly names: (did: Did) => boolean
  readonly clock: Pick<Clock, 'nowMs'>
}

const Asked = z.strictObject({ text: z.string().min(1).max(verifierLimits.textMax) })

export function verifierQuestion(needs: VerifierNeeds): Question {
  const surroundings = asking(needs)
  return {
    offers: ['application/json'],
    limits: verifierLimits,
    answer: async (asked, type, signal): Promise<PublicAnswer> => {
      const { text } = parse(asked, Asked)
      const { report } = await verify(text.trim(), surroundings, { nowMs: needs.clock.nowMs() }, signal)
      return { type, body: Buffer.from(`${JSON.stringify(toldOf(report))}\n`) }
    },
  }
}

/** Methods whose keys follow from the DID itself. */
const selfContained = /^did:(?:key|jwk):/

/** The node's own surroundings, but that nobody is asked about whom the node does not know. */
function asking({ surroundings, names }: VerifierNeeds): Surroundings {
  const refuseStranger = (keyId: DidUrl) => {
    const did = didOf(keyId)
    if (!selfContained.test(did) && !names(did)) throw new TrustError('DFFT_ISSUER_NOT_RECOGNISED', 'nobody whom this node trusts speaks of the signer')
  }
  return {
    ...surroundings,
    key: (keyId, atMs, signal) => {
      refuseStranger(keyId)
      return surroundings.key(keyId, atMs, signal)
    },
    presenterKey: (keyId, atMs, signal) => {
      refuseStranger(keyId)
      return surroundings.presenterKey(keyId, atMs, signal)
    },
  }
}

/** Outcomes and codes. Neither the sentences, which may name what this node holds, nor the chain. */
function toldOf(report: Report) {
  return { ...oneOf(report), credentials: report.credentials.map(oneOf) }
}

function oneOf({ kind, verified, format, type, issuer, holder, code, steps }: CredentialReport) {
  return { kind, verified, format, type, issuer, holder, code, steps: steps.map(stepOf) }
}

function stepOf({ step, outcome, matters, code, words }: ReportStep) {
  return { step, outcome, matters, code, words: words && { id: words.id, facts: {} } }
}
