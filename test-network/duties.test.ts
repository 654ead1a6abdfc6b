/** That each duty which a policy can name is said in words, in both languages, with all that it says. */
import { expect, test } from 'vitest'
import { dutyText } from '#node/sheet/duties.ts'
import { JointObligation } from '#policies/joint-obligation.ts'

const formats = { day: String, number: String }
const until = '2027-11-24T00:00:00Z'
const duties: readonly JointObligation[] = [
  { type: 'retention', max: 'P1Y', until },
  { type: 'transfer-record', keep: 'P3Y', until },
  { type: 'purpose-limit', allow: ['trade.invoicing', 'x.unheard-of'] },
  { type: 'onward-transfer', allow: ['JP', 'FR'], else: 'new-decision' },
  { type: 'onward-transfer', allow: [], else: 'consent' },
  { type: 'onward-transfer', allow: [] },
  { type: 'supplementary-rules', set: 'eu-jp-2019' },
  { type: 'breach-notice', withinHours: 72 },
  { type: 'status-age', withinSeconds: 600 },
  { type: 'status-age', withinSeconds: 90 },
  { type: 'consent', of: 'subject' },
  { type: 'consent', of: 'operator' },
] as JointObligation[] // Terms and jurisdictions are branded.

test('every kind of duty is said in words', () => {
  for (const duty of duties) expect(JointObligation.parse(duty)).toEqual(duty)
  const kinds = JointObligation.options.map(({ shape }) => shape.type.value)
  expect(new Set(duties.map(({ type }) => type))).toEqual(new Set(kinds))
  expect(duties.map((duty) => dutyText(duty, 'en', formats))).toEqual([
    `Delete it by ${until} at the latest.`,
    `Keep a record of the transfer until ${until}.`,
    'Use it for these purposes only: Invoicing and payment, x.unheard-of.',
    'Pass it on only to: Japan, France; elsewhere only after a new decision.',
    'Do not pass it on to another country; elsewhere only with consent.',
    'Do not pass it on to another country.',
    'Follow the supplementary rules for data from the EU (2019/419, Annex I).',
    'Tell the exporter within 72 hours if it gets into wrong hands.',
    'Believe its status only from a list at most 10 minutes old.',
    'Believe its status only from a list at most 90 seconds old.',
    'The person it is about must consent first.',
    'A person at the holder must consent first.',
  ])
  const japanese = duties.map((duty) => dutyText(duty, 'ja', formats))
  for (const text of japanese) expect(text).toMatch(/[ぁ-ん].*。$/u)
  expect(japanese[3]).toBe('移転できるのは次の国・地域だけです：日本、フランス（その他は新たな判断の後のみ）。')
  expect(new Set(japanese).size).toBe(duties.length)
})

test('one that this version does not know is shown as it came', () => {
  const later = { type: 'watermark', strength: 3 }
  for (const lang of ['en', 'ja'] as const) expect(dutyText(later, lang, formats)).toBe(JSON.stringify(later))
})
