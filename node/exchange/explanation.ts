/** Stored decisions in words, with the policies of their day. */

import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { explain } from '#policies/explain.ts'
import { agreementOver } from '#protocols/exchange/signing.ts'
import { explained } from './evaluation.ts'
import type { Decided } from './exchange-record.ts'

type Lang = 'en' | 'ja'

export interface Explanation {
  readonly verdict: 'permit' | 'deny'
  readonly code: string
  readonly sentences: string[]
}

/** Of several credentials, each has its own sentences under its name. */
export function explainDecided(decided: readonly Decided[], shelf: PolicyShelf, lang: Lang): Explanation {
  const chosen = decided.filter((one) => one.chosen)
  const [deciding] = chosen.length > 0 ? chosen : [...decided].sort((left, right) => left.decision.verdict.localeCompare(right.decision.verdict))
  const sentences = decided.flatMap((one) => {
    const { decision, exporting, importing, origins } = explained(one, shelf)
    const own = explain(one.question, decision, { export: exporting, import: importing, ...(decision.origins ? { origins } : {}) }, lang)
    return decided.length === 1 ? own : [named(one, lang), ...own]
  })
  return {
    verdict: chosen.length > 0 ? 'permit' : 'deny',
    code: deciding?.decision.code ?? 'NO_RULE',
    sentences: chosen.length === 0 ? sentences : [...sentences, signed(chosen, lang)],
  }
}

function named({ id, chosen }: Decided, lang: Lang): string {
  if (lang === 'en') return `Credential ${id}: ${chosen ? 'part of the agreement' : 'not part of the agreement'}.`
  return `証明書 ${id}：${chosen ? '合意に含まれます' : '合意に含まれません'}。`
}

/** Each decision has its own digest; what both sides sign is over all that were chosen. */
function signed(chosen: readonly Decided[], lang: Lang): string {
  const { hash } = agreementOver(chosen.flatMap(({ id, decision: { agreement } }) => (agreement ? [{ id, agreement, inputs: agreement }] : [])))
  return lang === 'en'
    ? `Both sides sign ${hash} over ${chosen.length === 1 ? 'this decision' : 'these decisions'}.`
    : `双方はこの判断に対する要約値 ${hash} に署名します。`
}
