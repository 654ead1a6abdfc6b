/** Which policies stand for a jurisdiction at a time: those of the unions it belongs to, then its own. */
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { compile, type PolicyIndex } from './compile.ts'
import type { Packs } from './packs/packs.ts'
import { inGroup } from './places.ts'
import type { PolicyDocument } from './policy.ts'

/** The unions a jurisdiction belongs to at that time: groups of the legal pack that have a policy's name themselves. */
export function unionsOf(packs: Packs, jurisdiction: Jurisdiction, at: Instant): Jurisdiction[] {
  return unionsIn(packs.legal).filter((id) => inGroup(packs, id, jurisdiction, at))
}

// Asked for both sides of every question; a pack is never changed.
const known = new WeakMap<Packs['legal'], readonly Jurisdiction[]>()

function unionsIn(legal: Packs['legal']): readonly Jurisdiction[] {
  const unions = known.get(legal) ?? legal.groups.map(({ id }) => id as Jurisdiction).filter((id) => Object.hasOwn(legal.jurisdictions, id)) // So it is a name of one.
  known.set(legal, unions)
  return unions
}

/** The side of the border a jurisdiction stands for; without any document of its own an empty one, which denies. */
export type Sides = (jurisdiction: Jurisdiction, at: Instant) => PolicyIndex

/** Sides made of documents alone, one policy a jurisdiction, each set of documents compiled once. Suspensions count on the sides of their jurisdiction. */
export function sidesOf(documents: readonly PolicyDocument[], packs: Packs): Sides {
  const made = new Map<string, PolicyIndex>()
  return (jurisdiction, at) => {
    const names = [...unionsOf(packs, jurisdiction, at), jurisdiction]
    const key = names.join()
    const known = made.get(key)
    if (known) return known
    const index = compile(
      names.flatMap((name) => documents.filter(({ metadata }) => metadata.jurisdiction === name)),
      packs,
    )
    made.set(key, index)
    return index
  }
}
