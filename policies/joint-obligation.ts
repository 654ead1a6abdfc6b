/** A duty as both sides sign it, and as it travels on with the data: ends and lists spelt out, so that nobody has to look up a group again. */
import { z } from 'zod'
import { Instant, Jurisdiction } from '#protocols/ids.ts'
import { Duration } from './duration.ts'
import { Term } from './packs/vocabulary-pack.ts'

const otherwise = z.enum(['consent', 'new-decision']).optional()

/** Duties that are the same in a rule and in what is signed. */
export const plainObligations = [
  z.strictObject({ type: z.literal('supplementary-rules'), set: Term }),
  /** A breach is told to the exporter within this many hours. */
  z.strictObject({ type: z.literal('breach-notice'), withinHours: z.number().int().min(1).max(8760) }),
  /** The credential's status is believed only from a list that its issuer signed at most so long before: less is never fresh. */
  z.strictObject({ type: z.literal('status-age'), withinSeconds: z.number().int().min(60).max(604_800) }),
  /** Nothing is released before the named person agreed. */
  z.strictObject({ type: z.literal('consent'), of: z.enum(['subject', 'operator']) }),
] as const

export const JointObligation = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('retention'), max: Duration, until: Instant }),
  z.strictObject({ type: z.literal('transfer-record'), keep: Duration, until: Instant }),
  z.strictObject({ type: z.literal('purpose-limit'), allow: z.array(Term).max(256) }),
  z.strictObject({ type: z.literal('onward-transfer'), allow: z.array(Jurisdiction).max(300), else: otherwise }),
  ...plainObligations,
])
export type JointObligation = z.infer<typeof JointObligation>
