/** A recognition agreement as an operator proposes it: a document, or a few words from which one is made. */
import { z } from 'zod'
import type { Random } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { Recognition } from '#protocols/trust/agreement.ts'
import type { Words } from '#protocols/trust/anchor.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { type Trust, uuid } from './trust.ts'

interface Wish {
  readonly document?: Readonly<Record<string, unknown>> | undefined
  readonly partner?: Did | undefined
  readonly credentials?: readonly string[] | undefined
  readonly purposes: '*' | readonly string[]
  readonly title?: Words | undefined
  readonly validDays: number
}

const dayMs = 86_400_000
/** As high as the other side says. */
const sameLevels = { low: 'low', substantial: 'substantial', high: 'high' } as const

/** What is left out is filled in: a new id, or the next serial of the one that is held. @throws {TrustError} DFFT_USAGE, DFFT_NOT_FOUND */
export function proposal(
  wish: Wish,
  anchor: Did,
  { trust, random, nowMs }: { readonly trust: Trust; readonly random: Random; readonly nowMs: number },
): TrustDocument {
  const { document, partner } = wish
  if ((document === undefined) === (partner === undefined))
    throw new TrustError('DFFT_USAGE', 'an agreement is proposed either as a document or with the anchor of a partner')
  const said = document ?? mutual(anchor, wish, trust)
  const named = z.looseObject({ id: z.string(), parties: z.array(z.looseObject({ anchor: Did })) }).safeParse(said)
  const [held] = named.success ? trust.shelf.lineWith({ type: 'RecognitionAgreement', ...named.data }) : []
  const { proof: _, ...filled } = {
    type: 'RecognitionAgreement',
    version: 1,
    id: `urn:uuid:${uuid(random)}`,
    serial: (held?.document.serial ?? 0) + 1,
    previous: held?.digest ?? null,
    memorandum: null,
    admits: [],
    validFrom: instant(nowMs),
    validUntil: instant(nowMs + wish.validDays * dayMs),
    ...said,
  } as Record<string, unknown>
  return filled as unknown as TrustDocument // Its schema is asked before it is signed.
}

/** The same both ways, for all jurisdictions of both. */
function mutual(anchor: Did, { partner, credentials, purposes, title }: Wish, { roots }: Trust): Record<string, unknown> {
  const placesOf = (did: Did | undefined) => {
    const pin = roots.find((root) => root.did === did)
    if (!pin) throw new TrustError('DFFT_NOT_FOUND', `\`${did}\` is not pinned as an anchor`, { did: did ?? null })
    return [...pin.jurisdictions]
  }
  if (!credentials) throw new TrustError('DFFT_USAGE', 'an agreement names the credential types that are recognised')
  const [ours, theirs] = [placesOf(anchor), placesOf(partner)]
  const one = (of: Jurisdiction, by: Jurisdiction): Recognition => ({
    of,
    by,
    credentials: [...credentials],
    purposes: purposes === '*' ? '*' : [...purposes],
    assurance: sameLevels,
    issuedFrom: null,
  })
  return {
    title: title ?? { en: `Recognition between ${ours.join(', ')} and ${theirs.join(', ')}` },
    parties: [
      { anchor, jurisdictions: ours },
      { anchor: partner, jurisdictions: theirs },
    ],
    recognises: ours.flatMap((our) => theirs.flatMap((their) => [one(our, their), one(their, our)])),
    admits: [...ours, ...theirs],
  }
}
