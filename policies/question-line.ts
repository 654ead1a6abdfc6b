/** What another program sends to have a question decided: the question, and where it wants the sides named otherwise than by the facts, their names. */
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { Digest, type Instant, Jurisdiction } from '#protocols/ids.ts'
import { Question } from './question.ts'

/** Whose policies make a side, in order (a union's before its member's): a jurisdiction for its newest that has begun, a digest for exactly that document. */
const SideNames = z.array(z.union([Jurisdiction, Digest])).max(8)

const Named = z.strictObject({
  question: Question,
  /** A side that is not named is that of the facts `from` and `to`. */
  sides: z.strictObject({ export: SideNames.optional(), import: SideNames.optional() }).optional(),
})
export type Named = z.infer<typeof Named>

export const QuestionLine = z.union([Question, Named])

/** @throws {TrustError} DFFT_SCHEMA */
export function readQuestion(value: unknown, at: Instant | undefined): { readonly question: Question; readonly sides: NonNullable<Named['sides']> } {
  const wrapped = typeof value === 'object' && value !== null && Object.hasOwn(value, 'question')
  const { question, sides = {} } = wrapped ? parse(value, Named) : { question: parse(value, Question) }
  return { question: at === undefined ? question : { ...question, at }, sides }
}
