/** The answering side of the service `enrol`: one channel, a few questions, each answered before the next. */

import { faults } from '#node/exchange/exchange-needs.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock } from '#node/ports.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { type About, type Question, Question as QuestionSchema, questionsMax, type Received, type Reply } from '#protocols/enrolment.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { profileLogCharactersMax, witnessProofsCharactersMax } from '#protocols/records.ts'
import type { Applications } from './applications.ts'
import { type Enrolment, type Enrolments, untilOf } from './enrolment.ts'
import type { Introductions } from './introductions.ts'
import { officeOf } from './office.ts'
import type { Trust } from './trust.ts'
import type { TrustDesk } from './trust-desk.ts'

interface Needs {
  readonly self: Self
  readonly trust: Trust
  readonly desk: TrustDesk
  readonly clock: Clock
  readonly enrolments: Enrolments
  readonly applications: Applications
  readonly introductions: Introductions
}

/** @throws {TrustError} of what only a peer causes that breaks the protocol; whatever else is refused is told with its code */
export async function answerEnrol(channel: Channel, needs: Needs, signal: AbortSignal): Promise<void> {
  for (let count = 0; count < questionsMax; count++) {
    const question = await next(channel, count, signal)
    if (!question) return
    await send(channel, await replyTo(question, channel.remote, needs, signal), signal)
  }
}

/** Undefined where the peer has asked all it wants. */
async function next(channel: Channel, count: number, signal: AbortSignal): Promise<Question | undefined> {
  try {
    return await receive(channel, QuestionSchema, signal)
  } catch (thrown) {
    if (count > 0 && codeOf(thrown) === 'DFFT_CHANNEL_CLOSED') return undefined
    throw thrown
  }
}

async function replyTo(question: Question, remote: Channel['remote'], needs: Needs, signal: AbortSignal): Promise<Reply> {
  try {
    return await reply(question, remote, needs, signal)
  } catch (thrown) {
    if (!(thrown instanceof TrustError) || faults.has(thrown.code)) throw thrown
    const { retryAfterMs } = thrown.facts
    return { type: 'refused', version: 1, code: thrown.code, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null }
  }
}

async function reply(question: Question, { did, peerId }: Channel['remote'], needs: Needs, signal: AbortSignal): Promise<Reply> {
  const { enrolments, applications, introductions } = needs
  switch (question.type) {
    case 'about':
      return about(needs)
    case 'apply':
      if (!officeOf(needs)) throw new TrustError('DFFT_ENROLMENT', 'this node enrols nobody')
      return received(await enrolments.apply(question, { did, peerId }, signal), did, needs)
    case 'state':
      return received(await enrolments.stateFor(did, question.id), did, needs)
    case 'introduce':
      return { type: 'welcome', version: 1, jurisdiction: await introductions.meet(did, question.chain, signal) }
    case 'decided':
      await applications.hint(did, question.id, signal)
      return { type: 'noted', version: 1 }
  }
}

/** What a stranger is told of us: enough to compare a fingerprint, to apply, and to verify what we sign. */
function about(needs: Needs): About {
  const { self, introductions } = needs
  const { did, name, jurisdiction, didLog, witnessProofs } = self
  const whole = didLog !== undefined && didLog.length <= profileLogCharactersMax && (witnessProofs?.length ?? 0) <= witnessProofsCharactersMax
  return {
    type: 'about',
    version: 1,
    did,
    name,
    jurisdiction,
    enrols: officeOf(needs) !== undefined,
    didLog: whole ? didLog : null,
    ...(whole && witnessProofs !== undefined ? { witnessProofs } : {}),
    chain: [...introductions.chain()],
  }
}

function received(enrolment: Enrolment, applicant: Did, { introductions }: Needs): Received {
  const { id, state, reason } = enrolment
  const chain = state === 'approved' ? [...introductions.chainOf(applicant)] : []
  return { type: 'received', version: 1, id, state, until: untilOf(enrolment), reason, chain }
}
