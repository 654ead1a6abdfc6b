/** Whether an accreditor may say what it says: the checker's own reading of the rule. */
import type { AnyAccreditation, Assurance, Passes, Right } from '#protocols/trust/accreditation.ts'

const levels: readonly Assurance[] = ['low', 'substantial', 'high']
const twoMinutes = 120_000

/** Nobody passes on a type, right or level that he may not, nor lets others pass on as far as he may himself, nor vouches for what was issued before him. */
export function mayPassOn(parent: AnyAccreditation, child: AnyAccreditation): boolean {
  if (parent.version === 1 || child.version === 1 || !parent.passes) return false
  const may = parent.passes
  const given: readonly Pick<Passes, 'rights' | 'assurance'>[] = [child, ...(child.passes ? [child.passes] : [])]
  const types = [...child.issues.map(({ credential }) => credential), ...(child.passes?.issues ?? [])]
  return (
    parent.jurisdiction === child.jurisdiction &&
    types.every((type) => may.issues.includes(type)) &&
    child.issues.every(({ since }) => Date.parse(since) + twoMinutes >= Date.parse(parent.validFrom)) &&
    given.every(
      ({ rights, assurance }) =>
        levels.indexOf(assurance) <= levels.indexOf(may.assurance) && rights.every((right) => may.rights.some((wide) => inside(right, wide))),
    ) &&
    (child.passes === null || child.passes.depth < may.depth)
  )
}

function inside(right: Right, wide: Right): boolean {
  const part = (some: '*' | readonly string[], all: '*' | readonly string[]) => all === '*' || (some !== '*' && some.every((one) => all.includes(one)))
  const [who, whom] = [right.counterparties, wide.counterparties]
  const partners = whom === '*' || (who !== '*' && part(who.dids, whom.dids) && part(who.jurisdictions, whom.jurisdictions))
  return right.act === wide.act && part(right.credentials, wide.credentials) && part(right.purposes, wide.purposes) && partners
}
