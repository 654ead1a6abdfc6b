/** Recorded decisions of this node made again: with a draft in place of the policy in force, or without a legal relation. Changes nothing. */

import type { OutputOf } from '#node/api.ts'
import { getDecided, newestFirst } from '#node/exchange/exchange-record.ts'
import type { Clock, Store } from '#node/ports.ts'
import { asIfInForce } from '#policies/analysis/matrix.ts'
import { countsOf, type Recorded, rehearse, withDraft } from '#policies/analysis/rehearse.ts'
import { without } from '#policies/analysis/what-if.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { policyDigest, type TrustPolicy } from '#policies/policy.ts'
import { type Sides, sidesOf } from '#policies/sides.ts'
import { TrustError } from '#protocols/errors.ts'
import type { PolicyShelf } from './policy-shelf.ts'

export interface RehearsalNeeds {
  readonly store: Store
  readonly shelf: PolicyShelf
  readonly clock: Clock
}

export interface RehearsalWish {
  readonly text?: string | undefined
  readonly file?: string | undefined
  readonly drop?: string | undefined
  /** How many exchanges are looked at, newest first. */
  readonly limit: number
  /** Where an earlier call ended. */
  readonly before?: string | undefined
}

/** @throws {TrustError} DFFT_USAGE without a draft or a relation, or with both; DFFT_POLICY_SYNTAX; DFFT_NOT_FOUND for an unknown relation */
export async function rehearsal(needs: RehearsalNeeds, wish: RehearsalWish): Promise<OutputOf<'policyRehearse'>> {
  const documents = asIfInForce(policiesHeld(needs)).filter(isPolicy).map(underPacksOfToday)
  const { sides, draft } = await changed(documents, wish)
  const page = await recordedPage(needs.store, wish)
  const made = rehearse(page.recorded, { today: sidesOf(documents, shippedPacks), draft: sides })
  return {
    draft,
    exchanges: page.exchanges,
    undecided: page.undecided,
    decisions: made.decisions,
    counts: countsOf(made),
    flips: made.flips.map((flip) => ({ ...flip, changed: [...flip.changed], before: plain(flip.before), after: plain(flip.after) })),
    next: page.next,
  }
}

/** What is in force of each jurisdiction; where nothing is, the newest, since a decision of then was made by something. */
function policiesHeld({ shelf, clock }: RehearsalNeeds): TrustPolicy[] {
  const inForce = shelf.allInForce(clock.nowMs()).map(({ policy }) => policy)
  const named = new Set(inForce.map(({ metadata }) => metadata.jurisdiction))
  return [...inForce, ...shelf.newest.map(({ policy }) => policy).filter(({ metadata }) => !named.has(metadata.jurisdiction))]
}

/** One that was written against earlier packs is asked by the words and the law of today, as its next version will be. */
function underPacksOfToday(policy: TrustPolicy): TrustPolicy {
  return { ...policy, metadata: { ...policy.metadata, packs: shippedPacks.digests } }
}

function isPolicy(document: { readonly kind: string }): document is TrustPolicy {
  return document.kind === 'TrustPolicy'
}

interface Changed {
  readonly sides: Sides
  readonly draft: OutputOf<'policyRehearse'>['draft']
}

async function changed(documents: readonly TrustPolicy[], { text, file, drop }: RehearsalWish): Promise<Changed> {
  if ((text === undefined) === (drop === undefined)) throw new TrustError('DFFT_USAGE', 'a rehearsal is of either a draft or a relation that is dropped')
  if (drop !== undefined) return { sides: sidesOf(documents, without(shippedPacks, drop).packs), draft: null }
  // YAML is read for the operator of this node only; a hostile text can cost seconds.
  const { parsePolicy } = await import('#policies/parse-policy.ts')
  const draft = parsePolicy(text ?? '', file)
  if (draft.kind !== 'TrustPolicy') throw new TrustError('DFFT_POLICY_SYNTAX', 'a suspension cannot be rehearsed: it is of its hour', { kind: draft.kind })
  const { id, jurisdiction, serial } = draft.metadata
  const replaced = documents.find(({ metadata }) => metadata.jurisdiction === jurisdiction)
  const [asDraft = draft] = asIfInForce([draft]).filter(isPolicy)
  return {
    sides: sidesOf(withDraft(documents, asDraft), shippedPacks),
    draft: {
      id,
      jurisdiction,
      serial,
      digest: policyDigest(draft),
      replaces: replaced ? { id: replaced.metadata.id, serial: replaced.metadata.serial } : null,
    },
  }
}

interface Page {
  readonly recorded: readonly Recorded[]
  readonly exchanges: number
  /** Exchanges that never came to a decision here. */
  readonly undecided: number
  readonly next: string | null
}

/** Exchanges newest first, from where the last page ended. */
async function recordedPage(store: Store, { limit, before }: RehearsalWish): Promise<Page> {
  const recorded: Recorded[] = []
  const places: string[] = []
  let undecided = 0
  for await (const { id: exchange, place } of newestFirst(store, { before, limit })) {
    places.push(place)
    const decided = await getDecided(store, exchange)
    if (decided === undefined) undecided += 1
    for (const { id, chosen, question, decision } of decided ?? []) recorded.push({ exchange, id, chosen, question, decision })
  }
  return { recorded, exchanges: places.length, undecided, next: places.length < limit ? null : (places.at(-1) ?? null) }
}

type Replayed = OutputOf<'policyRehearse'>['flips'][number]['before']

function plain({ verdict, code, released, duties }: ReturnType<typeof rehearse>['flips'][number]['before']): Replayed {
  return { verdict, code, released: [...released], duties: duties.map((duty) => ({ ...duty })) }
}
