/** A stored decision in words, with the policies of its day. */
import { explain } from '#policies/explain.ts'
import { explained } from './evaluation.ts'
import type { Decided } from './exchange-record.ts'
import type { PolicyShelf } from './policy-shelf.ts'

export function explainDecided(decided: Decided, shelf: PolicyShelf, lang: 'en' | 'ja'): string[] {
  const { decision, exporting, importing } = explained(decided, shelf)
  return explain(decided.question, decision, { export: exporting, import: importing }, lang)
}
