/** What was released, where it is in the file: each credential as the one pipeline verifies it, at the time of the exchange. */
import { checkShown } from '#node/exchange/judging.ts'
import { type Expectation, type Surroundings, verify } from '#node/verify.ts'
import { knownTypes } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import type { EvidenceFile } from '#protocols/evidence.ts'
import { membersOf } from '#protocols/evidence.ts'
import type { Shown } from '#protocols/exchange/messages.ts'
import { msOf } from '#protocols/ids.ts'
import type { Replayed } from './offline-exchange-evidence-decision.ts'
import { type EvidenceKeys, naming } from './offline-exchange-evidence-keys.ts'
import { notChecked, passed } from './offline-exchange-evidence-steps.ts'
import { apart, timesOf, type Walk } from './offline-exchange-evidence-walk.ts'
import type { Standings } from './offline-exchange-evidence-world.ts'

const never = new AbortController().signal

interface Known {
  readonly replayed: Replayed
  readonly standings: Standings | null
  readonly keys: EvidenceKeys
}

/** @throws {TrustError} with the code of the step that failed; DFFT_EVIDENCE */
export async function checkCredentials(walk: Walk, file: EvidenceFile, known: Known) {
  const { release, presentation } = walk
  if (!release) return [0, notChecked('credentials.none', {}, false)] as const
  const shown = presentation?.credentials ?? release.credentials
  if (!shown) return [0, deletedOf(walk) ?? notChecked('credentials.withheld', {}, false)] as const
  checkCount(shown, walk, file)
  for (const one of shown) await checkOne(one, walk, file, known)
  return [shown.length, passed(boundAs(walk), { credentials: shown.length })] as const
}

/** Where it was bound elsewhere, or nowhere, the report does not say that it was here. */
function boundAs({ offer, request }: Walk) {
  if (offer?.kind === 'delivery') return 'credentials.delivered'
  return request?.origin === undefined ? 'credentials.shown' : 'credentials.passed-on'
}

/** The end of its retention, as the requester's own log tells it. */
function deletedOf({ entries }: Walk) {
  const deleted = entries.find(({ kind }) => kind === 'deleted')
  return deleted && notChecked('credentials.deleted', { at: deleted.at }, false)
}

/** Of each credential that was agreed on one, and of a delivery all its encodings or copies. @throws {TrustError} DFFT_EVIDENCE */
function checkCount(shown: readonly Shown[], { offer }: Walk, file: EvidenceFile): void {
  for (const { id } of membersOf(file, 'decision').filter(({ chosen }) => chosen)) {
    const count = shown.filter((one) => one.id === id).length
    if (count === 0 || (count > 1 && offer?.kind !== 'delivery')) throw apart('not exactly the agreed credentials were shown', { credential: id, shown: count })
  }
}

/** @throws {TrustError} DFFT_DISCLOSURE where more is in it than both sides agreed on; DFFT_EVIDENCE; as the one pipeline */
async function checkOne({ id, text }: Shown, walk: Walk, file: EvidenceFile, { replayed, standings, keys }: Known): Promise<void> {
  const at = membersOf(file, 'decision').findIndex((one) => one.id === id && one.chosen)
  const question = replayed.questions[at]
  if (!question || !walk.request) throw apart('a credential was shown that was not agreed on')
  const nowMs = Math.max(msOf(question.at), ...timesOf(walk))
  const delivery = walk.offer?.kind === 'delivery'
  const expected = { nowMs, type: question.credential, ...(delivery ? {} : provedBy(id, walk)) }
  const { report, parsed } = await verify(text, surroundingsOf({ standings, keys }, walk), expected, never)
  const failed = report.steps.find(({ step, outcome }) => outcome === 'failed' && (standings !== null || step !== 'issuer'))
  if (failed?.code) throw new TrustError(failed.code as 'DFFT_SIGNATURE', failed.detail) // The report's codes come from TrustErrors.
  if (!parsed) throw apart('what was shown is not one credential')
  checkShown(parsed, replayed.disclosed[at] ?? [])
}

/** The holder's proof for the requester; of what came from elsewhere, the origin's for the first recipient. */
function provedBy(id: string, { request, terms, requester, holder }: Walk): Pick<Expectation, 'binding' | 'holder'> {
  if (!request) return {}
  if (request.origin === undefined) return { binding: { nonce: request.nonce, audience: requester }, holder }
  const first = terms?.credentials.find((one) => one.id === id)?.transfers?.[0]?.request
  if (!first || first.to !== request.origin) throw apart('nothing in the file says how the data came to the holder')
  return { binding: { nonce: first.nonce, audience: first.from, past: true }, holder: first.to }
}

function surroundingsOf({ standings, keys }: Pick<Known, 'standings' | 'keys'>, { request }: Walk): Surroundings {
  return {
    roots: standings ? 'file' : 'none',
    types: knownTypes,
    key: (keyId, atMs) => ({ key: keys.at(keyId, 'assertionMethod', [atMs], naming.released), retiredMs: null }),
    presenterKey: (keyId, atMs) => ({ key: keys.at(keyId, 'authentication', [atMs], naming.released), retiredMs: null }),
    recognises: (issuer, type, issuedAtMs) => {
      if (!standings || !request) return undefined
      const { trust, atMs } = standings.world
      const by = request.accreditation.jurisdiction
      return trust.judge(issuer, type, atMs, { by, purpose: request.purpose, issuedAtMs })
    },
  }
}
