/**
 * Once only: what this node holds lawfully from a partner is used for a further purpose instead of being asked for again.
 *
 * A second use is a decision of its own, recorded like one. Wherever anything about it is not certain (a duty that the first agreement
 * does not have, a purpose it does not allow, a status that cannot be had now), the partner is asked anew.
 */
import type { Kept } from '#node/credentials/wallet.ts'
import type { Decision } from '#policies/decide.ts'
import type { JointObligation } from '#policies/joint-obligation.ts'
import { canonical } from '#protocols/canonical.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { codeOf } from '#protocols/errors.ts'
import { type ExchangeId, instant } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { checkOwn } from './answering.ts'
import { accreditationOf, type Prepared, recordOf, supposing } from './asking.ts'
import { type Answer, type Chosen, decidedOf, dutiesIn, fits, groundsOf, look, partsOf, vouchedAsAsked } from './choosing.ts'
import { evaluate } from './evaluation.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { type ExchangeRecord, getDecided, getMessage, getRecord, headKey, recordWrites, together } from './exchange-record.ts'
import { typeOf } from './facts.ts'

/** Received credentials of a type that are looked through. */
const heldMax = 10_000

type Joint = NonNullable<Decision['joint']>

/** A received credential, with what both sides agreed on it. */
interface Held {
  readonly kept: Kept
  readonly exchange: ExchangeId
  readonly agreed: Joint
}

/** The answer out of what is held, written down with its decision; undefined where the partner has to be asked. */
export async function reuse(prepared: Prepared, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord | undefined> {
  const found = await reusable(prepared, needs, signal)
  return found && written(prepared, found, needs)
}

/** What would be used instead of asking, and the exchanges that it came with. */
export interface Reusable {
  readonly looked: Prepared['looked']
  readonly origins: readonly ExchangeId[]
}

/** The same answer before it is written down. */
export async function reusable(prepared: Prepared, needs: ExchangeNeeds, signal: AbortSignal): Promise<Reusable | undefined> {
  const { wish, asked, nowMs } = prepared
  const held = wish.origin === undefined ? await heldFrom(prepared, needs) : []
  if (held.length === 0) return undefined
  const holder = accreditationOf(wish.to, needs)
  const of = (kept: Kept) => held.find((one) => one.kept === kept)
  const { chosen, tried } = look(asked.query, {
    candidates: (way) => {
      const own = held
        .filter(({ kept: { type } }) => type === typeOf(way).name)
        .map(({ kept: credential }) => {
          const about = { purpose: asked.purpose, issuedAtMs: Date.parse(credential.issuedAt) }
          const issuer = needs.trust.seenFrom(asked.accreditation.jurisdiction, credential.issuer, credential.type, nowMs, about)
          return { known: { holder, issuer, dataFlags: credential.dataFlags }, credential }
        })
        .filter(({ known: { issuer } }) => vouchedAsAsked(way, issuer))
      return own.length > 0 ? own : supposing(holder, asked, needs).candidates(way)
    },
    decide: (way, known) => evaluate(asked, way, known, needs.shelf),
    answers: (answer) => {
      const before = answer.credential ? of(answer.credential) : undefined
      return before !== undefined && answersFrom(before, answer, asked.whole === true) && allows(before.agreed, answer, asked.purpose, nowMs)
    },
  })
  if (!chosen || !(await good(chosen, asked.purpose, needs, signal))) return undefined
  const origins = chosen.answers.flatMap(({ credential }): ExchangeId[] => {
    const origin = credential ? of(credential) : undefined
    return origin ? [origin.exchange] : []
  })
  return { looked: { chosen, tried, permitted: true }, origins }
}

/** What this partner showed us, newest first, of exchanges that ended well and that nobody disputes. */
async function heldFrom({ wish, looked, nowMs }: Prepared, { wallet, store }: ExchangeNeeds): Promise<readonly Held[]> {
  const types = new Set(looked.tried.map(({ way }) => typeOf(way).name))
  const received = await Promise.all([...types].map((type) => wallet.received(type, instant(nowMs), heldMax)))
  const held: (Held & { readonly atMs: number })[] = []
  for (const kept of received.flat()) {
    if (!kept.exchange) continue
    const record = await getRecord(store, kept.exchange as ExchangeId) // Written with it.
    if (record?.partner !== wish.to || record.role !== 'requester' || (record.state !== 'closed' && record.state !== 'receipted')) continue
    // What it passed on is another party's, and its next use a transfer of its own.
    if ((await getMessage(store, record.id, 'request'))?.origin !== undefined) continue
    const part = record.credentials.find(({ credential }) => credential === kept.id)
    const agreed = (await getDecided(store, record.id))?.find(({ id, chosen }) => chosen && id === part?.id)?.decision.joint
    if (agreed) held.push({ kept, exchange: record.id, agreed, atMs: record.updatedMs })
  }
  return held.sort((one, other) => other.atMs - one.atMs)
}

/** Whether what was shown then is all that would be shown now. */
function answersFrom({ agreed, kept }: Held, { way, evaluation }: Answer, whole: boolean): boolean {
  const disclosed = evaluation.decision.joint?.disclosed ?? []
  if (!disclosed.every((pointer) => agreed.disclosed.includes(pointer))) return false
  const shown = kept.encodings.find(({ format }) => format === 'dc+sd-jwt')
  return shown !== undefined && fits(way, disclosed, whole, () => readSdJwt(shown.text).claims as Json) // An SD-JWT is JSON.
}

/** Whether the first agreement is in force still and allows the purpose, and the new decision asks for no duty that it does not have. */
function allows(agreed: Joint, { evaluation }: Answer, purpose: string, nowMs: number): boolean {
  const { obligations } = agreed
  if (Date.parse(agreed.validUntil) <= nowMs) return false
  if (obligations.some((duty) => duty.type === 'retention' && Date.parse(duty.until) <= nowMs)) return false
  if (obligations.some((duty) => duty.type === 'purpose-limit' && !duty.allow.includes(purpose))) return false
  return evaluation.decision.joint?.obligations.every((duty) => obligations.some((old) => asStrict(old, duty))) ?? false
}

/** Whether a duty we are under is at least what another asks. */
function asStrict(old: JointObligation, duty: JointObligation): boolean {
  if (old.type === 'retention' && duty.type === 'retention') return old.until <= duty.until
  if (old.type === 'transfer-record' && duty.type === 'transfer-record') return old.keep === duty.keep
  if (old.type === 'purpose-limit' && duty.type === 'purpose-limit') return old.allow.every((one) => duty.allow.includes(one))
  // Whoever consented did so to another purpose.
  return duty.type !== 'consent' && canonical(old) === canonical(duty)
}

async function good({ answers }: Chosen, purpose: string, needs: ExchangeNeeds, signal: AbortSignal): Promise<boolean> {
  try {
    for (const { credential, evaluation } of answers) {
      if (!credential) return false
      await checkOwn(credential, { duties: dutiesIn(evaluation.decision), purpose }, needs, signal)
    }
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_INTERNAL') throw thrown
    return false
  }
}

async function written(prepared: Prepared, { looked, origins }: Reusable, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const { asked, holder } = prepared
  const parts = together(partsOf(looked.chosen?.answers ?? []))
  const [reused] = origins
  const base = recordOf({ ...prepared, looked })
  const record: ExchangeRecord = { ...base, ...parts, state: 'held', request: null, agreement: null, ...(reused ? { reused } : {}) }
  const basis = needs.basis.of(record.id, { requester: asked.accreditation, holder, ...groundsOf({ answers: looked.chosen?.answers ?? [] }) })
  const decision = looked.chosen?.agreement ?? null
  const facts = { partner: record.partner, purpose: record.purpose, of: [...origins], decision, basis: basis.digest }
  const writes = [...recordWrites(record, { decided: decidedOf(looked) }), ...basis.writes]
  await needs.audit.append([{ kind: 'reused', exchange: record.id, facts }], writes, { ifAbsent: [headKey(record.id)] })
  basis.kept()
  return record
}
