import { expect, test } from 'vitest'
import { digestOf } from '../canonical.ts'
import { ciiSample, ublSample } from './invoice-samples.fixture.ts'
import { jpPintSample } from './jp-pint-sample.fixture.ts'
import { rulesetsByDigest } from './profiles.ts'
import { replayVerdict, storedVerdict } from './replay.ts'
import { ruleset } from './ruleset.ts'
import { strictRules } from './strict-checks.ts'
import { type Validation, validateInvoice } from './validate.ts'

const bytesOf = (text: string) => Buffer.from(text, 'utf8')
/** As it lies in a file. */
const kept = (verdict: object) => JSON.parse(JSON.stringify({ file: 'then.xml', ...verdict }))
const broken = ublSample.replace('2500.00</cbc:PayableAmount>', '2500,01</cbc:PayableAmount>')

test.each([
  ['valid', ublSample, {}],
  ['in CII', ciiSample, {}],
  ['with findings', broken, {}],
  ['of JP PINT', jpPintSample, {}],
  ['judged by another profile than its own', jpPintSample, { profile: 'EN 16931' }],
  ['of no invoice', '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', {}],
  ['of no XML', 'PDF', {}],
])('a verdict %s comes out again to the byte', (_, text, options) => {
  const then = validateInvoice(bytesOf(text), options)
  const replay = replayVerdict(bytesOf(text), storedVerdict(kept(then)))
  expect(replay).toMatchObject({ outcome: 'SAME', official: 'SAME', strict: 'SAME', missing: [], differences: [] })
  expect(JSON.stringify(replay.verdict)).toBe(JSON.stringify(then))
})

test('a verdict is of one document: of one that differs in a blank it says nothing', () => {
  const replay = replayVerdict(bytesOf(`${ublSample} `), storedVerdict(kept(validateInvoice(bytesOf(ublSample)))))
  expect(replay).toMatchObject({ outcome: 'OTHER-DOCUMENT', verdict: null })
  expect(replay.document.found).not.toBe(replay.document.recorded)
})

const then = validateInvoice(bytesOf(broken))

test.each<[string, Partial<Validation>, string]>([
  ['the official verdict', { official: { ...then.official, verdict: 'VALID' } }, '/official/verdict'],
  ['a finding left out', { official: { ...then.official, findings: then.official.findings.slice(1) } }, '/official'],
  ['a word of a finding', { strict: { ...then.strict, findings: then.strict.findings.map((one) => ({ ...one, message: 'all is well' })) } }, '/strict'],
  ['the strict verdict', { strict: { ...then.strict, verdict: 'VALID' } }, '/strict'],
  ['the meaning', { semanticDigest: digestOf('another') }, '/semanticDigest'],
  ['what was not judged', { notJudged: ['nothing'] }, '/notJudged'],
])('whoever changed %s is found out', (_, change, where) => {
  expect(replayVerdict(bytesOf(broken), storedVerdict(kept({ ...then, ...change })))).toMatchObject({ outcome: 'DIFFERENT', differences: [where] })
})

test('by rules that are not here a verdict cannot be had again, and which they were is said', () => {
  const other = { name: 'EN 16931, UBL', version: '0.9', digest: digestOf('rules of before') }
  const stored = storedVerdict(kept({ ...then, rulesets: [other, strictRules] }))
  expect(replayVerdict(bytesOf(broken), stored)).toMatchObject({ outcome: 'OTHER-RULES', official: 'OTHER-RULES', missing: [other], verdict: null })
})

test('strict checks of another revision leave the official half to be had again', () => {
  const strict = { name: strictRules.name, version: '0', digest: digestOf('checks of before') }
  const stored = storedVerdict(kept({ ...then, rulesets: [...then.rulesets.slice(0, -1), strict] }))
  expect(replayVerdict(bytesOf(broken), stored)).toMatchObject({ outcome: 'OTHER-RULES', official: 'SAME', strict: 'OTHER-RULES', missing: [strict] })
})

test('a ruleset that no profile has any more still judges what was judged by it', () => {
  const before = ruleset({ name: 'Rules of before', version: '1', patterns: [], qualifiers: {}, lists: {} })
  const verdict = validateInvoice(bytesOf(broken), { rulesets: [before] })
  const stored = storedVerdict(kept(verdict))
  expect(replayVerdict(bytesOf(broken), stored).outcome).toBe('OTHER-RULES')
  expect(replayVerdict(bytesOf(broken), stored, new Map([[before.digest, before]]))).toMatchObject({ outcome: 'SAME', verdict: { rulesets: verdict.rulesets } })
})

test('what lacks a member of a verdict, or has one more, is none', () => {
  for (const change of [{ engine: undefined }, { document: undefined }, { rulesets: [] }, { more: 1 }])
    expect(() => storedVerdict(kept({ ...then, ...change }))).toThrow('no verdict')
})

// Whoever changes answers raises `engineRevision`, `strictRevision` or the revision of an operation, and then writes down here what comes out.
test('the same revisions give the same answers as before', () => {
  const verdicts = [ublSample, ciiSample, jpPintSample, broken, ublSample.replaceAll('EUR', 'JPY'), jpPintSample.replaceAll('10', '11')]
  const answers = verdicts.map((text) => validateInvoice(bytesOf(text))).map(({ rulesets: _, ...rest }) => rest)
  expect([strictRules.version, digestOf(answers)]).toEqual(['1', 'sha256:83ae6fcfcb3fd5ba4d00ec4655f37913bacaeed8728e841bc6e20f7aa5be0deb'])
})

test('every ruleset is found by its digest', () => {
  for (const [digest, one] of rulesetsByDigest()) expect(one.digest).toBe(digest)
})
