import { describe, expect, it } from 'vitest'
import { instant } from '../ids.ts'
import { type AccreditationV2, type AnyAccreditation, assuranceLevels } from './accreditation.ts'
import { type LineName, lineOf } from './document.ts'
import { type Asked, type Framework, type Outcome, skewMs, whyNotAllowed } from './framework.ts'
import {
  anyRight,
  day,
  did,
  framework,
  headBy,
  hour,
  minute,
  on,
  pact,
  pin,
  pinned,
  place,
  proof,
  saidBy,
  stated,
  statements,
  stopsAccreditation,
  stopsAgreement,
  stopsAll,
  stopsTypes,
  t0,
  uuid,
  v1,
  v2,
} from './trust.fixture.ts'

/** A little after the heads were signed. */
const noon = t0 + 10 * day + minute

const ask = (held: Framework, change: Partial<Asked> = {}): Outcome =>
  held.recognise({ issuer: did('agency'), credential: 'Licence', by: place('JP'), nowMs: noon, island: false, ...change })
const codeOf = (outcome: Outcome) => (outcome.ok ? outcome.assurance : outcome.code)
const reasonOf = (outcome: Outcome) => (outcome.ok ? '' : outcome.reason)
const asked = (held: Framework, change: Partial<Asked> = {}) => codeOf(ask(held, change))
const inDe = { by: place('DE') }
const anchorLine = (name: string) => lineOf({ type: 'TrustAnchor', anchor: did(name) })

const agency = v2({ by: 'jp', to: 'agency' })

describe('an accreditation by a pinned anchor', () => {
  it('is what an issuer counts by, with its link and the pin', () => {
    const outcome = ask(framework({ accreditations: [agency] }))
    const { digest } = stated(agency)
    expect(outcome).toMatchObject({ ok: true, party: did('agency'), root: did('jp'), jurisdiction: 'JP', sector: 'public', assurance: 'high', source: digest })
    expect(outcome.links).toEqual([
      { kind: 'accreditation', from: did('jp'), to: did('agency'), digest, id: uuid(1), validUntil: on(365), assurance: 'high' },
      { kind: 'pin', from: null, to: did('jp'), digest: null, id: null, validUntil: null, assurance: null },
    ])
  })

  it('is needed: a well-formed DID is no reason to trust anybody', () => {
    expect(asked(framework({}))).toBe('DFFT_ACCREDITATION')
    expect(asked(framework({ accreditations: [agency] }), { issuer: did('other') })).toBe('DFFT_ACCREDITATION')
  })

  it('counts for the types it names, and no other', () => {
    expect(asked(framework({ accreditations: [agency] }), { credential: 'Passport' })).toBe('DFFT_ISSUER_NOT_RECOGNISED')
  })

  it('counts for the jurisdictions for which its anchor is pinned, and which the anchor says it speaks for', () => {
    const inFr = v2({ by: 'jp', to: 'agency', in: 'FR' })
    expect(asked(framework({ accreditations: [inFr] }), { by: place('FR') })).toBe('DFFT_ACCREDITATION')
    const both = pin('jp', ['JP', 'FR'], { head: stated(headBy('jp')), said: stated(saidBy('jp', ['JP'])) })
    expect(asked(framework({ accreditations: [inFr], anchors: [both] }), { by: place('FR') })).toBe('DFFT_ACCREDITATION')
    expect(asked(framework({ accreditations: [inFr], anchors: [pinned('jp', ['JP', 'FR'])] }), { by: place('FR') })).toBe('high')
  })

  it('counts from its beginning, less the skew of clocks, to its end', () => {
    const held = framework({ accreditations: [v2({ by: 'jp', to: 'agency' }, { validFrom: on(10), validUntil: on(11) })], anchors: [pin('jp', ['JP'])] })
    const from = t0 + 10 * day
    const until = t0 + 11 * day
    expect(asked(held, { nowMs: from - skewMs - 1, issuedAtMs: from })).toBe('DFFT_NOT_YET_VALID')
    expect(asked(held, { nowMs: from - skewMs })).toBe('high')
    expect(asked(held, { nowMs: until - 1 })).toBe('high')
    expect(asked(held, { nowMs: until })).toBe('DFFT_EXPIRED')
  })

  it('counts for what was issued since it names the type, with the skew of clocks', () => {
    const held = framework({
      accreditations: [v2({ by: 'jp', to: 'agency' }, {})].map((one) => ({ ...one, issues: [{ credential: 'Licence', since: on(5) }] })),
    })
    const since = t0 + 5 * day
    expect(asked(held, { issuedAtMs: since - skewMs })).toBe('high')
    expect(asked(held, { issuedAtMs: since - skewMs - 1 })).toBe('DFFT_ISSUER_NOT_RECOGNISED')
    const twice = { ...agency, issues: [{ credential: 'Licence', since: on(5) }, ...agency.issues] }
    expect(asked(framework({ accreditations: [twice] }), { issuedAtMs: t0 + day })).toBe('DFFT_ISSUER_NOT_RECOGNISED')
  })

  it('without a time of issue is asked for what is issued now', () => {
    const later = { ...agency, issues: [{ credential: 'Licence', since: on(12) }] }
    expect(asked(framework({ accreditations: [later] }))).toBe('DFFT_ISSUER_NOT_RECOGNISED')
    expect(asked(framework({ accreditations: [later], anchors: [pin('jp', ['JP'])] }), { nowMs: t0 + 12 * day })).toBe('high')
  })

  it('of several, that with the highest level counts', () => {
    const levels = assuranceLevels.map((assurance, at) => v2({ id: at + 1, by: 'jp', to: 'agency' }, { assurance }))
    for (const accreditations of [levels, levels.toReversed()]) expect(asked(framework({ accreditations }))).toBe('high')
    expect(asked(framework({ accreditations: levels.slice(0, 2) }))).toBe('substantial')
  })

  it('that came farthest gives the reason of a refusal', () => {
    const stranger = v2({ id: 2, by: 'nobody', to: 'agency' })
    const past = v2({ id: 3, by: 'jp', to: 'agency' }, { validUntil: on(1) })
    const wrongType = v2({ id: 4, by: 'jp', to: 'agency', issues: ['Passport'] })
    expect(asked(framework({ accreditations: [past, wrongType, stranger] }))).toBe('DFFT_ISSUER_NOT_RECOGNISED')
    expect(asked(framework({ accreditations: [past, stranger] }))).toBe('DFFT_ACCREDITATION')
    expect(asked(framework({ accreditations: [past] }))).toBe('DFFT_EXPIRED')
  })
})

describe('a later serial', () => {
  const wide = v2({ by: 'jp', to: 'agency', issues: ['Licence', 'Passport'] })
  const narrow = v2({ by: 'jp', to: 'agency' }, { serial: 2, validFrom: on(5) })

  it('takes the place of the one before from its beginning', () => {
    const held = framework({ accreditations: [wide, narrow], anchors: [pin('jp', ['JP'])] })
    const begins = t0 + 5 * day - skewMs
    expect(asked(held, { credential: 'Passport', nowMs: begins - 1 })).toBe('high')
    expect(asked(held, { credential: 'Passport', nowMs: begins })).toBe('DFFT_ISSUER_NOT_RECOGNISED')
    expect(asked(held, { nowMs: begins })).toBe('high')
  })

  it('that begins in the future leaves the one before in force', () => {
    expect(asked(framework({ accreditations: [wide, { ...narrow, validFrom: on(12) }] }), { credential: 'Passport' })).toBe('high')
  })

  it('that is over does not bring the one before back', () => {
    expect(asked(framework({ accreditations: [wide, { ...narrow, validUntil: on(6) }] }))).toBe('DFFT_EXPIRED')
  })

  it('that speaks of another party ends the standing of the one before', () => {
    const moved = v2({ by: 'jp', to: 'heir' }, { serial: 2 })
    const held = framework({ accreditations: [wide, moved] })
    expect(asked(held)).toBe('DFFT_ACCREDITATION')
    expect(asked(held, { issuer: did('heir') })).toBe('high')
  })

  it('with the same number and other words is a fork, and neither counts', () => {
    const other = v2({ by: 'jp', to: 'agency' }, { assurance: 'low' })
    for (const accreditations of [
      [agency, other],
      [other, agency],
    ])
      expect(asked(framework({ accreditations }))).toBe('DFFT_TRUST_FORK')
    expect(asked(framework({ accreditations: [agency, other, { ...agency, serial: 2 }] }))).toBe('high')
  })

  it('behind which no signers of today stand is as if unsaid, whatever else is wrong with it', () => {
    const countsUntilMs = noon
    const unsaid = (...documents: AnyAccreditation[]) => {
      const held = framework({})
      for (const document of documents) held.putAccreditation({ ...stated(document), countsUntilMs })
      return asked(held)
    }
    expect(unsaid({ ...agency, validUntil: on(1) })).toBe('DFFT_TRUST_QUORUM')
    expect(unsaid({ ...agency, validFrom: on(12) })).toBe('DFFT_TRUST_QUORUM')
    expect(unsaid(agency, { ...agency, assurance: 'low' })).toBe('DFFT_TRUST_QUORUM')
    const abroad = framework({ accreditations: [agency], anchors: [pin('jp', ['JP']), pin('de', ['DE'])] })
    for (const lapsed of [pact({ validUntil: on(1) }), pact({ validFrom: on(12) })]) {
      abroad.setAgreements([{ ...stated(lapsed), countsUntilMs }])
      expect(asked(abroad, inDe)).toBe('DFFT_TRUST_QUORUM')
    }
  })

  it('of another author with the same id neither ends nor lends anything', () => {
    const region = v2({ id: 2, by: 'jp', to: 'region', issues: [], passes: { issues: ['Visa'] } })
    const squatter = v2({ id: 1, by: 'region', to: 'crony', issues: ['Visa'], under: 2 }, { serial: 7 })
    const held = framework({ accreditations: [agency, region, squatter] })
    expect(asked(held)).toBe('high')
    expect(asked(held, { issuer: did('crony') })).toBe('DFFT_ISSUER_NOT_RECOGNISED')
    expect(asked(held, { issuer: did('crony'), credential: 'Visa' })).toBe('high')
  })
})

describe('an accreditation of version 1', () => {
  const old = v1({ by: 'jp', to: 'agency', issues: ['Licence', 'Passport'] })

  it('counts for whatever age where no other is held', () => {
    expect(asked(framework({ accreditations: [old] }), { issuedAtMs: 0 })).toBe('high')
  })

  it('never widens what a version 2 of the same accreditor narrowed, also after the end of that', () => {
    for (const validUntil of [on(365), on(6)]) {
      const held = framework({ accreditations: [old, v2({ id: 2, by: 'jp', to: 'agency' }, { validUntil })] })
      expect(ask(held, { credential: 'Passport' }).ok).toBe(false)
    }
    const over = framework({ accreditations: [old, v2({ id: 2, by: 'jp', to: 'agency' }, { validUntil: on(6) })] })
    expect(['DFFT_EXPIRED', 'DFFT_ACCREDITATION']).toContain(asked(over))
    expect(reasonOf(ask(framework({ accreditations: [old, v2({ id: 2, by: 'jp', to: 'agency', in: 'FR' }, { validFrom: on(9) })] })))).not.toBe('')
  })

  it('stays until the version 2 begins, and beside one of somebody else', () => {
    expect(asked(framework({ accreditations: [old, v2({ id: 2, by: 'jp', to: 'agency' }, { validFrom: on(12) })] }), { credential: 'Passport' })).toBe('high')
    expect(asked(framework({ accreditations: [old, v2({ id: 2, by: 'other', to: 'agency' })] }), { credential: 'Passport' })).toBe('high')
    expect(asked(framework({ accreditations: [old, v2({ id: 2, by: 'jp', to: 'other' })] }), { credential: 'Passport' })).toBe('high')
  })

  it('that was made anew under the same id counts from then on, whichever came first', () => {
    const renewed = v1({ by: 'jp', to: 'agency' }, { validFrom: on(9), validUntil: on(20) })
    const before = v1({ by: 'jp', to: 'agency' }, { validUntil: on(10) })
    for (const accreditations of [
      [before, renewed],
      [renewed, before],
    ])
      expect(asked(framework({ accreditations }))).toBe('high')
  })

  it('lets nobody accredit', () => {
    const held = framework({ accreditations: [v1({ id: 2, by: 'jp', to: 'ministry' }), v2({ by: 'ministry', to: 'agency', under: 2 })] })
    expect(asked(held)).toBe('DFFT_TRUST_CHAIN')
  })
})

describe('a chain of accreditations', () => {
  const ministry = v2({ id: 2, by: 'jp', to: 'ministry', issues: [], passes: { depth: 1 } })
  const office = v2({ id: 3, by: 'ministry', to: 'office', issues: [], under: 2, passes: { depth: 0 } })
  const below = v2({ by: 'office', to: 'agency', under: 3 })
  const chain = [ministry, office, below]

  it('holds link by link up to the pin', () => {
    const outcome = ask(framework({ accreditations: chain }))
    expect(outcome.ok).toBe(true)
    expect(outcome.links.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['accreditation', did('office'), did('agency')],
      ['accreditation', did('ministry'), did('office')],
      ['accreditation', did('jp'), did('ministry')],
      ['pin', null, did('jp')],
    ])
  })

  it('breaks where a link is missing, has lapsed, or was made for somebody else', () => {
    expect(asked(framework({ accreditations: [ministry, below] }))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: [office, below] }))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: [{ ...ministry, validFrom: on(12) }, office, below] }))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: [{ ...ministry, validUntil: on(10) }, office, below] }))).toBe('DFFT_EXPIRED')
    expect(asked(framework({ accreditations: [ministry, { ...office, subject: did('elsewhere') }, below] }))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: [...chain, { ...office, serial: 2, subject: did('elsewhere') }] }))).toBe('DFFT_TRUST_CHAIN')
  })

  it('tells how far it held', () => {
    const outcome = ask(framework({ accreditations: [office, below] }))
    expect(outcome.links.map(({ to }) => to)).toEqual([did('agency'), did('office')])
  })

  it.each<[string, AccreditationV2, string, AccreditationV2?]>([
    ['a type', { ...below, issues: [{ credential: 'Visa', since: on(0) }] }, 'Visa'],
    ['a level', below, 'Licence', { ...office, passes: { issues: ['Licence'], rights: [], assurance: 'low', depth: 0 } }],
    ['a right', { ...below, rights: [anyRight] }, 'Licence'],
    ['another jurisdiction', { ...below, jurisdiction: place('DE') }, 'Licence'],
    ['others who may accredit', { ...below, passes: { issues: [], rights: [], assurance: 'low', depth: 0 } }, 'Licence'],
  ])('does not pass on %s that the accreditor has not', (_, widened, credential, parent = office) => {
    expect(asked(framework({ accreditations: [ministry, parent, widened] }), { credential })).toBe('DFFT_TRUST_CHAIN')
  })

  it('does not vouch for what was issued before the accreditor was accredited, with the skew of clocks', () => {
    const since = (ms: number) => ({ ...below, issues: [{ credential: 'Licence', since: instant(t0 + 5 * day + ms) }] })
    const began = { ...office, validFrom: on(5) }
    const from = (ms: number, parent = began) => asked(framework({ accreditations: [ministry, parent, since(ms)] }))
    expect([from(0), from(-skewMs), from(-skewMs - 1000)]).toEqual(['high', 'high', 'DFFT_TRUST_CHAIN'])
    // A later serial of the accreditor's that keeps its beginning goes on from there; one that begins anew does not.
    expect([from(0, { ...began, serial: 2, validUntil: on(400) }), from(0, { ...began, serial: 2, validFrom: on(8) })]).toEqual(['high', 'DFFT_TRUST_CHAIN'])
  })

  it('may count from any time where an anchor says so itself', () => {
    const early = { ...agency, issues: [{ credential: 'Licence', since: on(-400) }] }
    expect(asked(framework({ accreditations: [early] }), { issuedAtMs: t0 - 300 * day })).toBe('high')
  })

  it('does not pass on what the accreditor lost in a later serial', () => {
    const narrowed = { ...ministry, serial: 2, passes: { ...ministry.passes!, issues: [] } }
    expect(asked(framework({ accreditations: [...chain, narrowed] }))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: [...chain, { ...ministry, serial: 2, passes: null }] }))).toBe('DFFT_TRUST_CHAIN')
  })

  it('is not longer than its anchor allows; under one that says nothing the anchor alone accredits', () => {
    const under = (depth: number) => framework({ accreditations: chain, anchors: [pinned('jp', ['JP'], { said: { depth } })] })
    expect(asked(under(2))).toBe('high')
    expect(asked(under(1))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ accreditations: chain, anchors: [pin('jp', ['JP'])] }))).toBe('DFFT_TRUST_CHAIN')
  })

  it('holds with four accreditors at most, whatever anybody allows', () => {
    const names = ['jp', 'one', 'two', 'three', 'four', 'agency']
    const links = names
      .slice(1)
      .map((to, at) => v2({ id: at + 1, by: names[at]!, to, ...(at > 0 && { under: at }), passes: to === 'agency' ? null : { depth: 3 - at } }))
    expect(asked(framework({ accreditations: links }))).toBe('high')
    const [, ...rest] = ['jp', 'nought', ...names.slice(1)]
    const longer = rest.map((to, at) => v2({ id: at + 1, by: at === 0 ? 'jp' : rest[at - 1]!, to, ...(at > 0 && { under: at }), passes: { depth: 3 } }))
    expect(asked(framework({ accreditations: longer }))).toBe('DFFT_TRUST_CHAIN')
  })

  it('does not go round: two who accredit each other vouch for nobody', () => {
    const one = v2({ id: 2, by: 'two', to: 'one', under: 3, passes: { depth: 2 } })
    const two = v2({ id: 3, by: 'one', to: 'two', under: 2, passes: { depth: 2 } })
    const held = framework({ accreditations: [one, two, v2({ by: 'one', to: 'agency', under: 2 })] })
    for (const issuer of ['agency', 'one', 'two'].map(did)) expect(asked(held, { issuer })).toBe('DFFT_TRUST_CHAIN')
    // Even where each passes on less than it has, as far as the other can see.
    const itself = v2({ by: 'agency', to: 'agency', under: 1, passes: { depth: 1 } })
    expect(asked(framework({ accreditations: [itself] }))).toBe('DFFT_TRUST_CHAIN')
  })

  it('that is bent into a round by a later serial is refused, for all of it', () => {
    const round = v2({ id: 2, by: 'office', to: 'ministry', issues: [], under: 3, passes: { depth: 2 } })
    const wide = { ...office, passes: { ...office.passes, issues: ['Licence'], rights: [], assurance: 'high' as const, depth: 3 } }
    const held = framework({ accreditations: [round, wide, below] })
    for (const issuer of ['agency', 'office', 'ministry'].map(did)) expect(asked(held, { issuer })).toBe('DFFT_TRUST_CHAIN')
  })

  it('goes by the namesake that holds: nobody breaks it by giving the same id to the same party', () => {
    const other = v2({ id: 9, by: 'jp', to: 'rival', issues: [], passes: { depth: 1 } })
    const namesakes = ['aaa', 'zzz'].map((rival) => [
      { ...other, subject: did(rival), id: uuid(rival === 'aaa' ? 9 : 10) },
      v2({ id: 3, by: rival, to: 'office', under: rival === 'aaa' ? 9 : 10, passes: { depth: 0 } }, { validUntil: on(1) }),
    ])
    expect(asked(framework({ accreditations: [...namesakes.flat(), ...chain] }))).toBe('high')
  })

  it('goes by the namesake that nobody has stopped, whatever is first in the order', () => {
    const rivals = ['aaa', 'zzz'].flatMap((rival, at) => [
      v2({ id: 20 + at, by: 'jp', to: rival, issues: [], passes: { depth: 1 } }),
      v2({ id: 3, by: rival, to: 'office', under: 20 + at, passes: { depth: 0 } }),
    ])
    const stops = ['aaa', 'zzz'].map((rival) => stopsAll(rival))
    const anchors = [pinned('jp', ['JP'], { stops })]
    expect(asked(framework({ accreditations: [...rivals, ...chain], anchors }))).toBe('high')
    expect(asked(framework({ accreditations: [...rivals, ...chain], anchors: [pinned('jp', ['JP'], { stops: [...stops, stopsAll('ministry')] })] }))).toBe(
      'DFFT_TRUST_SUSPENDED',
    )
  })

  it('is not hidden behind any number of namesakes that hold no more', () => {
    const over = { validUntil: on(1) }
    const rivals = Array.from({ length: 40 }, (_, at) => v2({ id: 3, by: `aa${at}`, to: 'office', under: 50, passes: { depth: 0 } }, over))
    expect(asked(framework({ accreditations: [...rivals, ...chain] }))).toBe('high')
  })

  it('is forked where one of its links is', () => {
    expect(asked(framework({ accreditations: chain, forked: [lineOf(office)] }))).toBe('DFFT_TRUST_FORK')
    expect(asked(framework({ accreditations: chain, forked: [lineOf({ ...office, issuer: did('other') })] }))).toBe('high')
  })
})

describe('what an anchor says of itself', () => {
  const under = (anchor: ReturnType<typeof pin>) => framework({ accreditations: [agency], anchors: [anchor] })

  it('holds from its beginning, less the skew, to its end', () => {
    const held = under(pinned('jp', ['JP'], { said: { validFrom: on(10), validUntil: on(11) }, head: { at: on(10) } }))
    expect(asked(held, { nowMs: t0 + 10 * day - skewMs })).toBe('high')
    expect(asked(held, { nowMs: t0 + 10 * day - skewMs - 1 })).toBe('DFFT_NOT_YET_VALID')
    const long = { connectedMinutes: 10_080, islandHours: 8760 }
    const ends = under(pinned('jp', ['JP'], { said: { freshness: long, validUntil: on(11) } }))
    expect(asked(ends, { nowMs: t0 + 11 * day - 1 })).toBe('high')
    expect(asked(ends, { nowMs: t0 + 11 * day })).toBe('DFFT_EXPIRED')
  })

  it('counts for nothing while two statements exclude each other', () => {
    // Not even to say that a chain is too long.
    const ministry = v2({ id: 2, by: 'jp', to: 'ministry', issues: [], passes: { depth: 1 } })
    const chain = [ministry, v2({ id: 3, by: 'ministry', to: 'agency', under: 2 })]
    const shallow = { accreditations: chain, anchors: [pinned('jp', ['JP'], { said: { depth: 0 } })] }
    expect(asked(framework(shallow))).toBe('DFFT_TRUST_CHAIN')
    expect(asked(framework({ ...shallow, forked: [anchorLine('jp')] }))).toBe('DFFT_TRUST_FORK')
    expect(asked(framework({ accreditations: [agency], forked: [anchorLine('jp')] }))).toBe('DFFT_TRUST_FORK')
    expect(asked(framework({ accreditations: [agency], anchors: [pin('jp', ['JP'])], forked: [anchorLine('jp')] }))).toBe('DFFT_TRUST_FORK')
  })

  it('needs a head, as fresh as the anchor promised: minutes when connected, the island’s hours alone', () => {
    const held = under(pinned('jp', ['JP']))
    const at = t0 + 10 * day
    expect(asked(held, { nowMs: at + hour - 1 })).toBe('high')
    expect(asked(held, { nowMs: at + hour })).toBe('DFFT_TRUST_STALE')
    expect(asked(held, { nowMs: at + hour, island: true })).toBe('high')
    expect(asked(held, { nowMs: at + 48 * hour - 1, island: true })).toBe('high')
    expect(asked(held, { nowMs: at + 48 * hour, island: true })).toBe('DFFT_TRUST_STALE')
    expect(asked(under({ ...pinned('jp', ['JP']), head: null }))).toBe('DFFT_TRUST_STALE')
  })

  it('lets a head live no longer than the head itself says', () => {
    const short = under(pinned('jp', ['JP'], { head: { validUntil: on(10.01), islandUntil: on(10.5) } }))
    expect(asked(short, { nowMs: t0 + 10.01 * day })).toBe('DFFT_TRUST_STALE')
    expect(asked(short, { nowMs: t0 + 10.5 * day - 1, island: true })).toBe('high')
    expect(asked(short, { nowMs: t0 + 10.5 * day, island: true })).toBe('DFFT_TRUST_STALE')
  })

  it('does not believe less on an island than when connected', () => {
    expect(asked(under(pinned('jp', ['JP'], { head: { islandUntil: on(9) } })), { island: true })).toBe('high')
  })

  it('takes no head that is dated ahead, beyond the skew', () => {
    const held = under(pinned('jp', ['JP']))
    expect(asked(held, { nowMs: t0 + 10 * day - skewMs })).toBe('high')
    expect(asked(held, { nowMs: t0 + 10 * day - skewMs - 1 })).toBe('DFFT_NOT_YET_VALID')
  })
})

describe('a suspension', () => {
  const ministry = v2({ id: 2, by: 'jp', to: 'ministry', issues: ['Visa'], passes: { depth: 0 } })
  const below = v2({ by: 'ministry', to: 'agency', under: 2, issues: ['Licence'] })
  const stoppedBy = (...stops: Parameters<typeof headBy>[1] & object) =>
    framework({ accreditations: [ministry, below], anchors: [pinned('jp', ['JP'], { stops })] })

  it('of a participant stops it, and what it vouches for', () => {
    expect(asked(stoppedBy(stopsAll('agency')))).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(stoppedBy(stopsAll('ministry')))).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(stoppedBy(stopsAll('other')))).toBe('high')
  })

  it('of an accreditation stops whoever counts by it', () => {
    expect(asked(stoppedBy(stopsAccreditation(1)))).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(stoppedBy(stopsAccreditation(2)))).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(stoppedBy(stopsAccreditation(3)))).toBe('high')
  })

  it('for some types stops these, and only of the issuer itself', () => {
    expect(asked(stoppedBy(stopsTypes('agency', 'Licence')))).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(stoppedBy(stopsTypes('agency', 'Visa')))).toBe('high')
    expect(asked(stoppedBy(stopsTypes('ministry', 'Licence')))).toBe('high')
    expect(asked(stoppedBy(stopsTypes('ministry', 'Visa')), { issuer: did('ministry'), credential: 'Visa' })).toBe('DFFT_TRUST_SUSPENDED')
    expect(codeOf(stoppedBy(stopsTypes('agency', 'Licence')).standingOf(did('agency'), place('JP'), { nowMs: noon, island: false }))).toBe('high')
  })

  it('adds to another of the same participant, in either order', () => {
    const all = [stopsTypes('agency', 'Visa'), stopsAll('agency'), stopsTypes('agency', 'Licence')]
    for (const stops of [all, all.toReversed(), all.filter(({ kind }, at) => kind === 'participant' && at !== 1)])
      expect(asked(stoppedBy(...stops))).toBe('DFFT_TRUST_SUSPENDED')
  })

  it('by the anchor of the place where it is relied on counts there, agreement or not', () => {
    const anchors = (stops: Parameters<typeof headBy>[1], withoutAgreement: boolean) => [
      { ...pinned('jp', ['JP']), withoutAgreement },
      pinned('de', ['DE'], { stops: stops ?? [] }),
    ]
    for (const withoutAgreement of [true, false])
      for (const stops of [[stopsAll('agency')], [stopsTypes('agency', 'Licence')], [stopsAll('ministry')], [stopsAccreditation(2)]]) {
        const held = framework({ accreditations: [ministry, below], agreements: [pact()], anchors: anchors(stops, withoutAgreement) })
        expect(asked(held, inDe)).toBe('DFFT_TRUST_SUSPENDED')
        expect(asked(held)).toBe('high')
        const speaks = codeOf(held.standingOf(did('agency'), place('DE'), { nowMs: noon, island: false }))
        expect(speaks).toBe(stops[0]?.kind === 'participant' && stops[0].credentials ? 'high' : 'DFFT_TRUST_SUSPENDED')
      }
  })

  it('of a foreign anchor stops whoever counts by it, and of an anchor by itself what it does as a participant', () => {
    const itself = v2({ id: 3, by: 'jp', to: 'jp' })
    const held = (by: string, ...stops: Parameters<typeof headBy>[1] & object) =>
      framework({
        accreditations: [ministry, below, itself],
        agreements: [pact()],
        anchors: ['jp', 'de'].map((name) => pinned(name, [name.toUpperCase()], { stops: name === by ? stops : [] })),
      })
    expect(asked(held('de', stopsAll('jp')), inDe)).toBe('DFFT_TRUST_SUSPENDED')
    expect(asked(held('de', stopsAll('jp')))).toBe('high')
    expect(asked(held('de', stopsTypes('jp', 'Licence')), inDe)).toBe('high')
    expect(asked(held('jp', stopsAll('jp')), inDe)).toBe('high')
    expect(asked(held('jp', stopsAll('jp')), { issuer: did('jp') })).toBe('DFFT_TRUST_SUSPENDED')
  })

  it('by an anchor of neither place stops nothing', () => {
    const held = framework({ accreditations: [agency], anchors: [pinned('jp', ['JP']), pinned('fr', ['FR'], { stops: [stopsAll('agency')] })] })
    expect(asked(held)).toBe('high')
  })
})

describe('where it is relied on', () => {
  it('needs no agreement under the same anchor, or by the operator’s own word', () => {
    const both = framework({ accreditations: [agency], anchors: [pinned('jp', ['JP', 'DE'])] })
    expect(asked(both, inDe)).toBe('high')
    const gaveUp = pin('jp', ['JP', 'DE'], { said: stated(saidBy('jp', ['JP'])), head: stated(headBy('jp')) })
    expect(asked(framework({ accreditations: [agency], anchors: [gaveUp] }), inDe)).toBe('DFFT_AGREEMENT')
    const own = framework({ accreditations: [agency], anchors: [{ ...pinned('jp', ['JP']), withoutAgreement: true }] })
    expect(asked(own, inDe)).toBe('high')
    expect(ask(own, inDe).links).toHaveLength(2)
  })

  it('under another anchor needs an agreement that both have signed, which is the last link', () => {
    expect(asked(framework({ accreditations: [agency] }), inDe)).toBe('DFFT_AGREEMENT')
    const outcome = ask(framework({ accreditations: [agency], agreements: [pact()] }), inDe)
    const { digest } = stated(pact())
    expect(outcome.ok).toBe(true)
    expect(outcome.links.at(-1)).toEqual({ kind: 'agreement', from: null, to: 'DE', digest, id: uuid(100), validUntil: on(365), assurance: 'high' })
  })
})

describe('an agreement', () => {
  const [recognition] = pact().recognises
  const held = (...agreements: ReturnType<typeof pact>[]) => framework({ accreditations: [agency], agreements })
  const saying = (change: Partial<NonNullable<typeof recognition>>, id?: number) => pact({ recognises: [{ ...recognition!, ...change }] }, id)

  it('recognises one way or both, as it says', () => {
    const oneWay = framework({ accreditations: [agency, v2({ id: 2, by: 'de', to: 'amt', in: 'DE' })], agreements: [saying({})] })
    expect(asked(oneWay, inDe)).toBe('high')
    expect(asked(oneWay, { issuer: did('amt') })).toBe('DFFT_AGREEMENT')
    expect(asked(held(pact({ recognises: [{ ...recognition!, of: place('DE'), by: place('JP') }] })), inDe)).toBe('DFFT_AGREEMENT')
  })

  it('is for the types it names', () => {
    expect(asked(held(saying({ credentials: ['Visa'] })), inDe)).toBe('DFFT_AGREEMENT')
  })

  it('is for the purposes it names: without one only where it is for any', () => {
    const customs = held(saying({ purposes: ['customs'] }))
    expect(asked(customs, { ...inDe, purpose: 'customs' })).toBe('high')
    expect(asked(customs, { ...inDe, purpose: 'marketing' })).toBe('DFFT_AGREEMENT')
    expect(asked(customs, inDe)).toBe('DFFT_AGREEMENT')
    expect(asked(held(pact()), { ...inDe, purpose: 'marketing' })).toBe('high')
  })

  it('recognises what was issued from an instant on, to the millisecond', () => {
    const late = held(saying({ issuedFrom: on(5) }))
    expect(asked(late, { ...inDe, issuedAtMs: t0 + 5 * day })).toBe('high')
    expect(asked(late, { ...inDe, issuedAtMs: t0 + 5 * day - 1 })).toBe('DFFT_AGREEMENT')
    expect(asked(late, inDe)).toBe('high')
    expect(asked(held(saying({ issuedFrom: on(12) })), inDe)).toBe('DFFT_AGREEMENT')
  })

  it('says what a level counts as; one that it does not map is not recognised', () => {
    const mapped = held(saying({ assurance: { low: null, substantial: 'low', high: 'substantial' } }))
    expect(asked(mapped, inDe)).toBe('substantial')
    const low = framework({
      accreditations: [{ ...agency, assurance: 'low' }],
      agreements: [saying({ assurance: { low: null, substantial: 'low', high: 'high' } })],
    })
    expect(asked(low, inDe)).toBe('DFFT_AGREEMENT')
  })

  it('holds from its beginning, less the skew, to its sunset, which blocks by itself', () => {
    const short = framework({
      accreditations: [agency],
      agreements: [pact({ validFrom: on(10), validUntil: on(10.5) })],
      anchors: [pin('jp', ['JP']), pin('de', ['DE'])],
    })
    expect(asked(short, { ...inDe, nowMs: t0 + 10 * day - skewMs - 1 })).toBe('DFFT_AGREEMENT')
    expect(asked(short, { ...inDe, nowMs: t0 + 10 * day - skewMs })).toBe('high')
    expect(asked(short, { ...inDe, nowMs: t0 + 10.5 * day - 1 })).toBe('high')
    expect(asked(short, { ...inDe, nowMs: t0 + 10.5 * day })).toBe('DFFT_AGREEMENT')
    expect(reasonOf(ask(short, { ...inDe, nowMs: t0 + 10.5 * day }))).toContain('lapsed')
  })

  it('is replaced by a newer serial from its beginning on, also when that is over or says nothing of the route', () => {
    const newer = { ...saying({ credentials: ['Visa'] }), serial: 2 }
    for (const change of [{}, { validUntil: on(9) }, { recognises: [{ ...recognition!, of: place('DE'), by: place('JP') }] }])
      for (const agreements of [
        [pact(), { ...newer, ...change }],
        [{ ...newer, ...change }, pact()],
      ])
        expect(asked(held(...agreements), inDe)).toBe('DFFT_AGREEMENT')
    expect(asked(held(pact(), { ...newer, validFrom: on(12) }), inDe)).toBe('high')
  })

  it('of two for one route that which counts the level higher decides, and one that does not hold takes nothing away', () => {
    const low = saying({ assurance: { low: 'low', substantial: 'low', high: 'low' } }, 50)
    const lapsed = pact({ validUntil: on(5) }, 40)
    for (const agreements of [
      [low, pact(), lapsed],
      [lapsed, pact(), low],
    ])
      expect(asked(held(...agreements), inDe)).toBe('high')
    const twice = pact({ recognises: [low.recognises[0]!, recognition!] })
    expect(asked(held(twice), inDe)).toBe('high')
  })

  it('that holds and does not cover it gives the reason, rather than one that does not hold', () => {
    const lapsed = pact({ validUntil: on(5) }, 40)
    const visa = saying({ credentials: ['Visa'] }, 60)
    for (const agreements of [
      [lapsed, visa],
      [visa, lapsed],
    ])
      expect(reasonOf(ask(held(...agreements), inDe))).toBe('the agreement does not name the type')
  })

  it('is forked by two of one serial, or where the node says so', () => {
    expect(asked(held(pact(), pact({ title: { en: 'other' } })), inDe)).toBe('DFFT_TRUST_FORK')
    const asks = (...forked: LineName[]) => asked(framework({ accreditations: [agency], agreements: [pact()], forked }), inDe)
    expect(asks(lineOf(pact()))).toBe('DFFT_TRUST_FORK')
    expect(asks(lineOf({ ...pact(), parties: [{ anchor: did('jp') }, { anchor: did('fr') }] }))).toBe('high')
    expect(asks(lineOf({ type: 'Advisory', anchor: did('jp'), id: uuid(100) }))).toBe('high')
  })

  it('is stopped by either side', () => {
    for (const stopper of ['jp', 'de']) {
      const anchors = [
        pinned('jp', ['JP'], { stops: stopper === 'jp' ? [stopsAgreement(100)] : [] }),
        pinned('de', ['DE'], { stops: stopper === 'de' ? [stopsAgreement(100)] : [] }),
      ]
      expect(asked(framework({ accreditations: [agency], agreements: [pact()], anchors }), inDe)).toBe('DFFT_TRUST_SUSPENDED')
    }
  })

  it('needs both anchors pinned, each for its place, and each in order', () => {
    const between = (de: ReturnType<typeof pin> | undefined, forked: LineName[] = []) =>
      asked(framework({ accreditations: [agency], agreements: [pact()], anchors: [pinned('jp', ['JP']), ...(de ? [de] : [])], forked }), inDe)
    expect(between(undefined)).toBe('DFFT_AGREEMENT')
    expect(between(pinned('de', ['FR']))).toBe('DFFT_AGREEMENT')
    expect(between(pin('de', ['DE']))).toBe('high')
    expect(between({ ...pinned('de', ['DE']), head: null })).toBe('DFFT_TRUST_STALE')
    expect(between(pinned('de', ['DE'], { said: { validUntil: on(9) } }))).toBe('DFFT_EXPIRED')
    expect(between(pinned('de', ['DE'], { said: { validFrom: on(12) } }))).toBe('DFFT_NOT_YET_VALID')
    expect(between(pinned('de', ['DE']), [anchorLine('de')])).toBe('DFFT_TRUST_FORK')
  })

  it('is signed by the anchor the issuer belongs to: one of two anchors of a place does not speak for the other', () => {
    const anchors = [pinned('jp', ['JP']), pinned('jp2', ['JP']), pinned('de', ['DE'])]
    const other = v2({ id: 2, by: 'jp2', to: 'branch' })
    const held = framework({ accreditations: [agency, other], agreements: [pact()], anchors })
    expect(asked(held, inDe)).toBe('high')
    expect(asked(held, { ...inDe, issuer: did('branch') })).toBe('DFFT_AGREEMENT')
  })

  it('of others with the same id and a higher serial changes nothing', () => {
    const parties = pact({
      serial: 9,
      parties: [
        { anchor: did('fr'), jurisdictions: [place('JP')] },
        { anchor: did('it'), jurisdictions: [place('DE')] },
      ],
    })
    expect(asked(held(pact(), parties), inDe)).toBe('high')
  })
})

describe('to speak to a node', () => {
  const when = { nowMs: noon, island: false }
  const speaks = (held: Framework, by: string) => codeOf(held.standingOf(did('agency'), place(by), when))

  it('a party needs a chain, and abroad an agreement that admits its jurisdiction', () => {
    expect(speaks(framework({ accreditations: [agency] }), 'JP')).toBe('high')
    expect(speaks(framework({ accreditations: [agency] }), 'DE')).toBe('DFFT_AGREEMENT')
    expect(speaks(framework({ accreditations: [agency], agreements: [pact()] }), 'DE')).toBe('high')
    expect(speaks(framework({ accreditations: [agency], agreements: [pact({ admits: [place('DE')] })] }), 'DE')).toBe('DFFT_AGREEMENT')
    expect(speaks(framework({ agreements: [pact()] }), 'DE')).toBe('DFFT_ACCREDITATION')
  })

  it('recognition and admission are two things', () => {
    const onlyAdmits = pact({ recognises: pact().recognises.filter(({ of }) => of === 'DE') })
    const held = framework({ accreditations: [agency], agreements: [onlyAdmits] })
    expect(speaks(held, 'DE')).toBe('high')
    expect(asked(held, inDe)).toBe('DFFT_AGREEMENT')
  })

  it('admission ends with the newer agreement that does not say it', () => {
    expect(speaks(framework({ accreditations: [agency], agreements: [pact(), pact({ serial: 2, admits: [] })] }), 'DE')).toBe('DFFT_AGREEMENT')
  })
})

describe('the issuers of a type', () => {
  it('are those of the jurisdiction that count where it is relied on, in the order of their DIDs', () => {
    const zone = v2({ id: 3, by: 'jp', to: 'alpha' })
    const accreditations = [agency, v2({ id: 2, by: 'jp', to: 'visas', issues: ['Visa'] }), zone, v2({ id: 4, by: 'de', to: 'amt', in: 'DE' })]
    const held = framework({ accreditations, agreements: [pact()] })
    const names = (type: string, of: string, by: string) =>
      held.issuersOf(type, place(of), { by: place(by), nowMs: noon, island: false }).map(({ party }) => party.replace('did:example:', ''))
    expect(names('Licence', 'JP', 'JP')).toEqual(['agency', 'alpha'])
    expect(names('Licence', 'JP', 'DE')).toEqual(['agency', 'alpha'])
    expect(names('Licence', 'DE', 'JP')).toEqual(['amt'])
    expect(names('Visa', 'JP', 'JP')).toEqual(['visas'])
    expect(names('Visa', 'JP', 'DE')).toEqual([])
    expect(names('Licence', 'FR', 'JP')).toEqual([])
  })

  it('names a party of two jurisdictions in both', () => {
    const both = [agency, v2({ id: 2, by: 'de', to: 'agency', in: 'DE' })]
    const held = framework({ accreditations: both, agreements: [pact()] })
    for (const of of ['JP', 'DE'])
      expect(held.issuersOf('Licence', place(of), { by: place('DE'), nowMs: noon, island: false }).map(({ jurisdiction }) => jurisdiction)).toEqual([of])
  })
})

describe('what changes while a node runs', () => {
  it('a document that is dropped takes its part with it, and nothing else', () => {
    const newer = v2({ by: 'jp', to: 'agency', issues: ['Visa'] }, { serial: 2 })
    const held = framework({ accreditations: [agency, newer] })
    held.dropAccreditation(stated(newer))
    expect(asked(held)).toBe('high')
    held.dropAccreditation(stated(newer))
    expect(asked(held)).toBe('high')
    held.dropAccreditation(stated(agency))
    expect(asked(held)).toBe('DFFT_ACCREDITATION')
    held.putAccreditation(stated(agency))
    held.putAccreditation(stated({ ...agency, proof: [proof, proof] }))
    expect(asked(held)).toBe('high')
  })

  it('anchors, agreements and forks are set anew', () => {
    const held = framework({ accreditations: [agency] })
    const { anchors, agreements } = statements({ agreements: [pact()] })
    held.setAgreements(agreements)
    expect(asked(held, inDe)).toBe('high')
    held.setAgreements([])
    expect(asked(held, inDe)).toBe('DFFT_AGREEMENT')
    held.setForked(new Set([anchorLine('jp')]))
    expect(asked(held)).toBe('DFFT_TRUST_FORK')
    held.setForked(new Set())
    held.setAnchors(anchors.slice(1))
    expect(asked(held)).toBe('DFFT_ACCREDITATION')
  })
})

describe('a right', () => {
  const deed = { act: 'request', credential: 'Licence', purpose: 'customs', counterparty: did('amt'), place: place('DE') } as const
  const right = { act: 'request', credentials: ['Licence'], purposes: ['customs'], counterparties: { dids: [did('amt')], jurisdictions: [] } } as const
  const why = (rights: unknown) => whyNotAllowed({ accreditation: { ...agency, rights } as typeof agency }, deed)

  it('allows what all of it names; two halves are no whole', () => {
    expect(why([right])).toBeNull()
    expect(why([{ ...right, credentials: '*', purposes: '*', counterparties: '*' }])).toBeNull()
    expect(why([{ ...right, counterparties: { dids: [], jurisdictions: [place('DE')] } }])).toBeNull()
    for (const change of [
      { act: 'provide' },
      { credentials: ['Visa'] },
      { purposes: ['marketing'] },
      { counterparties: { dids: [], jurisdictions: [place('FR')] } },
    ])
      expect(why([{ ...right, ...change }])).toContain(agency.subject)
    expect(
      why([
        { ...right, credentials: ['Visa'] },
        { ...right, purposes: ['marketing'] },
      ]),
    ).not.toBeNull()
    expect(why([])).not.toBeNull()
  })

  it('is not limited by an accreditation of version 1', () => {
    expect(whyNotAllowed({ accreditation: v1({ by: 'jp', to: 'agency' }) }, deed)).toBeNull()
  })
})
