/**
 * Onward transfer: data that came from elsewhere goes on only as its origins allow.
 *
 * Each earlier exporter's law must permit the flow from there to the new recipient as if it were made directly, and each
 * duty that came with the data binds again: where it forbids, nothing is released; else it joins those to satisfy.
 */
import { knownWord } from './facts.ts'
import type { JointObligation } from './joint-obligation.ts'
import type { Packs } from './packs/packs.ts'
import type { Fact, FactName, Question, Transfer } from './question.ts'

/** The question as it would be asked of the earlier exporter's side. Of that exporter nothing is known but its place. */
export function askedOf({ jurisdiction, agreement }: Transfer, { onward: _, ...question }: Question): Question {
  const { exporterSector: __, ...known } = question.facts
  const facts: Partial<Record<FactName, Fact>> = { ...known, from: { value: jurisdiction, origin: 'evidence', source: agreement } }
  return { ...question, facts }
}

/** The first duty that came with the data and forbids that it goes where the question says; what is unknown is not allowed. */
export function forbidding({ obligations }: Transfer, question: Question, packs: Packs): JointObligation | undefined {
  const to = knownWord(question, 'to', packs)
  const purpose = knownWord(question, 'purpose', packs)
  return obligations.find((duty) => {
    if (duty.type === 'onward-transfer') return duty.else === undefined && !allows(duty.allow, to)
    if (duty.type === 'purpose-limit') return !allows(duty.allow, purpose)
    return duty.type === 'retention' && duty.until <= question.at
  })
}

/** All that came with the data, and the consent without which it may not go beyond the places listed: for data that nothing is `forbidding`. */
export function carriedBy(question: Question, packs: Packs): JointObligation[] {
  const to = knownWord(question, 'to', packs)
  const duties = (question.onward ?? []).flatMap(({ obligations }) => obligations)
  const beyond = duties.filter((duty) => duty.type === 'onward-transfer').filter(({ allow }) => !allows(allow, to))
  // The origins' law is asked anew anyway: what is called a new decision is a person's.
  return [...duties, ...beyond.map((duty) => ({ type: 'consent', of: duty.else === 'consent' ? 'subject' : 'operator' }) as const)]
}

function allows(allowed: readonly string[], word: string | undefined): boolean {
  return allowed.some((one) => one === word)
}
