/** Whether who accredits passes on no more than it has: types and since when, rights, levels and how far down. */
import { msOf } from '../ids.ts'
import { type AccreditationV2, type AnyAccreditation, type Assurance, assuranceLevels, type Passes, type Right } from './accreditation.ts'
import { skewMs } from './held.ts'

/** Why what is said is not within what may be passed on; null where it is. */
export function whyWider(
  said: Pick<AccreditationV2, 'issuer' | 'jurisdiction' | 'assurance' | 'issues' | 'rights' | 'passes' | 'shows'>,
  parent: AnyAccreditation,
): string | null {
  if (parent.version === 1 || parent.passes === null) return 'the accreditor may not accredit'
  if (parent.subject !== said.issuer) return 'the accreditation it rests on is of another party'
  if (parent.jurisdiction !== said.jurisdiction) return 'the accreditor belongs to another jurisdiction'
  if (said.shows !== undefined) return 'only an anchor says what a participant has shown it'
  const { passes } = parent
  if (higher(said.assurance, passes.assurance)) return 'the level of assurance is above what the accreditor may give'
  if (said.issues.some(({ credential }) => !passes.issues.includes(credential))) return 'it names a credential type that the accreditor may not pass on'
  // What was issued before the accreditor had its own is not its to vouch for. A later serial that is to go on from there keeps the beginning.
  if (said.issues.some(({ since }) => msOf(since) + skewMs < msOf(parent.validFrom))) return 'it counts from a time before the accreditor was accredited'
  if (!withinRights(said.rights, passes.rights)) return 'it gives a right that the accreditor may not pass on'
  return said.passes && whyWiderPassed(said.passes, passes)
}

function whyWiderPassed(said: Passes, passes: Passes): string | null {
  if (said.depth >= passes.depth) return 'it passes on more than the accreditor may let others do'
  if (higher(said.assurance, passes.assurance)) return 'the level of assurance is above what the accreditor may give'
  if (said.issues.some((type) => !passes.issues.includes(type))) return 'it lets others issue what the accreditor may not pass on'
  return withinRights(said.rights, passes.rights) ? null : 'it gives a right that the accreditor may not pass on'
}

/** Each within one of the others: two narrow rights do not make a wide one. */
function withinRights(rights: readonly Right[], allowed: readonly Right[]): boolean {
  return rights.every((right) =>
    allowed.some(
      (wide) =>
        wide.act === right.act &&
        within(right.credentials, wide.credentials) &&
        within(right.purposes, wide.purposes) &&
        (wide.counterparties === '*' ||
          (right.counterparties !== '*' &&
            within(right.counterparties.dids, wide.counterparties.dids) &&
            within(right.counterparties.jurisdictions, wide.counterparties.jurisdictions))),
    ),
  )
}

function within(some: '*' | readonly string[], all: '*' | readonly string[]): boolean {
  return all === '*' || (some !== '*' && some.every((one) => all.includes(one)))
}

/** Whether the first level is above the second. */
export function higher(one: Assurance, other: Assurance): boolean {
  return assuranceLevels.indexOf(one) > assuranceLevels.indexOf(other)
}
