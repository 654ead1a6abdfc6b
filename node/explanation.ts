/** A stored decision in words, with the policies of its day. */
import { TrustError } from '#protocols/errors.ts'
import { explain } from '#policies/explain.ts'
import type { Decided } from './exchange-record.ts'
import type { PolicyShelf } from './policy-shelf.ts'

export function explainDecided({ question, decision }: Decided, shelf: PolicyShelf, lang: 'en' | 'ja'): string[] {
  const exporting = shelf.sideOf(decision.export.policies.map(({ digest }) => digest))
  const importing = shelf.sideOf(decision.import.policies.map(({ digest }) => digest))
  if (!exporting || !importing) throw new TrustError('DFFT_POLICY_MISSING', 'a policy of that day is no longer held')
  return explain(question, decision, { export: exporting, import: importing }, lang)
}
