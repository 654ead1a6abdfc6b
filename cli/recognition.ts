/** `dfft credential recognition`: whether a qualification is recognised in a jurisdiction, by an authority that its trust framework names. */
import { Exit } from '#protocols/errors.ts'
import type { Did, Instant, Jurisdiction } from '#protocols/ids.ts'
import { saidBy } from './claims-of.ts'
import type { Outcome, Session } from './command.ts'
import { clean } from './render.ts'

export interface Recognised {
  readonly in: string
  readonly on: string
  readonly purpose?: string
}

const type = 'QualificationCredential'

/**
 * A recognition counts where its authority signed for it itself, and the jurisdiction lets it decide on recognition: on its own word, and
 * not by an agreement with those who are licensed elsewhere.
 */
export async function recognitionOf(
  session: Session,
  id: string,
  { in: jurisdiction, on: at, purpose = 'employment.licensing' }: Recognised,
): Promise<Outcome> {
  const { recognitionAct, recognitionThatCounts } = await import('#protocols/credential-types/qualification/recognition.ts')
  const { qualificationPart } = await import('#protocols/credential-types/qualification/schema.ts')
  const { claims, issuer, validFrom } = await saidBy(session, id, purpose, [type])
  const { recognition = [] } = qualificationPart().parse(claims)
  // The node reads all of them by their schemas.
  const asked = { did: issuer as Did, type: recognitionAct, by: jurisdiction as Jurisdiction, issuedAt: validFrom as Instant }
  const { recognised, chain } = await session.api.trustExplain(asked)
  const authorities = new Set(recognised && chain.every(({ kind }) => kind !== 'agreement') ? [issuer] : [])
  const counts = recognitionThatCounts({ recognition }, { jurisdiction, at, authorities })
  const result = { jurisdiction, at, told: recognition.length, authorities: [...authorities], recognition: counts ?? null }
  const words = session.lang === 'ja' ? japanese : english
  if (counts && counts.outcome !== 'refused') return { result, text: `${words[counts.outcome]} (${clean(counts.decidedBy)})` }
  const message = counts ? words.refused : words.nobody
  return { result, text: message, failed: { code: 'DFFT_RIGHTS', message, exit: Exit.denied } }
}

const english = {
  recognised: 'recognised',
  compensationMeasure: 'recognised with a compensation measure',
  partial: 'recognised in part',
  refused: 'recognition was refused',
  nobody: 'not recognised: no authority of the jurisdiction decided on it',
}
const japanese: typeof english = {
  recognised: '認定されています',
  compensationMeasure: '補完措置を条件に認定されています',
  partial: '一部認定されています',
  refused: '認定は拒否されました',
  nobody: '認定されていません。当該法域の権限ある機関の決定がありません',
}
