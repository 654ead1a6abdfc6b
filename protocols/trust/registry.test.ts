import { describe, expect, test } from 'vitest'
import { codeOf } from '../errors.ts'
import { instant } from '../ids.ts'
import { lineOf } from './document.ts'
import {
  accreditation,
  agreement,
  agreementId,
  anchorDocument,
  at,
  DE,
  dayMs,
  de,
  EU,
  FR,
  fr,
  handelsregister,
  headDocument,
  JP,
  jp,
  nowMs,
  pinned,
  registrar,
  registrarsPaper,
  registration,
  registryOf,
  shop,
  shopsPaper,
  stated,
  type World,
} from './registry.fixture.ts'
import { judge } from './registry.ts'
import type { TrqpRequest } from './trqp.ts'

const asked = (own: Partial<TrqpRequest> = {}): TrqpRequest => ({ entity_id: registrar, authority_id: jp, action: 'issue', resource: registration, ...own })
const authorized = (own: Partial<TrqpRequest> = {}, world: World = {}) => judge('authorization', asked(own), registryOf(world))
const recognized = (own: Partial<TrqpRequest> = {}, world: World = {}) =>
  judge('recognition', asked({ entity_id: de, action: 'recognize', ...own }), registryOf(world))
const refusal = (act: () => unknown) => {
  try {
    return act()
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('an authority lets', () => {
  test('whom it has accredited for a type issue it, by a chain that is named', () => {
    const verdict = authorized()
    expect(verdict).toMatchObject({ holds: true, code: null, anchors: [jp] })
    expect(verdict.links.map(({ kind, to }) => [kind, to])).toEqual([
      ['accreditation', registrar],
      ['pin', jp],
    ])
    expect(verdict.links[0]?.digest).toBe(stated(registrarsPaper).digest)
  })

  test('the same be asked by an identifier that its credentials carry', () => {
    expect(authorized({ resource: 'urn:dfft:credential-type:business-registration:1' })).toMatchObject({ holds: true })
    expect(authorized({ resource: 'urn:dfft:credential-type:qualification:1' })).toMatchObject({ holds: false, code: 'DFFT_ISSUER_NOT_RECOGNISED' })
  })

  test('an issuer of another authority be relied on by their agreement, and by nothing else', () => {
    const verdict = authorized({ entity_id: handelsregister })
    expect(verdict).toMatchObject({ holds: true, anchors: [jp, de] })
    expect(verdict.links.at(-1)).toMatchObject({ kind: 'agreement', id: agreementId, to: JP, assurance: 'substantial' })
    expect(authorized({ entity_id: handelsregister }, { agreements: [] })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
  })

  test('a participant do what one of its rights allows whole, and no more', () => {
    const right = { entity_id: shop, action: 'request', context: { purpose: 'trade.supplier-verification', counterparty: handelsregister } }
    expect(authorized(right)).toMatchObject({ holds: true })
    expect(authorized({ ...right, action: 'verify' })).toMatchObject({ holds: true })
    expect(authorized({ ...right, resource: 'QualificationCredential' })).toMatchObject({ holds: false, code: 'DFFT_RIGHTS' })
    expect(authorized({ ...right, context: { ...right.context, purpose: 'tax.audit' } })).toMatchObject({ holds: false, code: 'DFFT_RIGHTS' })
    expect(authorized({ ...right, context: { ...right.context, counterparty: registrar } })).toMatchObject({ holds: false, code: 'DFFT_RIGHTS' })
    expect(authorized({ ...right, context: { purpose: 'trade.supplier-verification' } })).toMatchObject({ holds: false, code: 'DFFT_RIGHTS' })
    expect(authorized({ ...right, context: { counterparty: handelsregister } })).toMatchObject({ holds: false, code: 'DFFT_RIGHTS' })
    expect(authorized({ entity_id: shop, action: 'provide', resource: 'AnythingCredential' })).toMatchObject({ holds: true })
  })

  test('nobody deal with a counterparty that has no standing', () => {
    const verdict = authorized({ entity_id: shop, action: 'provide', context: { counterparty: fr } })
    expect(verdict).toMatchObject({ holds: false, code: 'DFFT_ACCREDITATION' })
    expect(verdict.reason).toMatch(/^the counterparty: /)
  })
})

describe('an authority does not let', () => {
  const paper = registrarsPaper
  test.each<[what: string, own: Partial<TrqpRequest>, world: World, code: string]>([
    ['a stranger issue', { entity_id: 'did:web:nobody.example' }, {}, 'DFFT_ACCREDITATION'],
    ['what is no DID issue', { entity_id: 'service-42' }, {}, 'DFFT_ACCREDITATION'],
    ['a participant issue what its accreditation does not name', { entity_id: shop }, {}, 'DFFT_ISSUER_NOT_RECOGNISED'],
    ['an issuer issue a type that it is not accredited for', { resource: 'QualificationCredential' }, {}, 'DFFT_ISSUER_NOT_RECOGNISED'],
    ['what was issued too early count', { context: { issued: at(-6) } }, {}, 'DFFT_ISSUER_NOT_RECOGNISED'],
    ['a lapsed accreditation count', {}, { accreditations: [{ ...paper, validUntil: at(0) }] }, 'DFFT_EXPIRED'],
    ['an accreditation that has not begun count', {}, { accreditations: [{ ...paper, validFrom: at(1) }] }, 'DFFT_NOT_YET_VALID'],
    ['a gap in the chain pass', {}, { accreditations: [{ ...paper, issuer: shop, under: shopsPaper.id }] }, 'DFFT_TRUST_CHAIN'],
    [
      'a suspended party issue',
      {},
      { anchors: [pinned(jp, [JP], { stops: [{ kind: 'participant', did: registrar, credentials: null }] })] },
      'DFFT_TRUST_SUSPENDED',
    ],
    [
      'a party issue the type for which it is suspended',
      {},
      { anchors: [pinned(jp, [JP], { stops: [{ kind: 'participant', did: registrar, credentials: [registration] }] })] },
      'DFFT_TRUST_SUSPENDED',
    ],
    ['a suspended accreditation count', {}, { anchors: [pinned(jp, [JP], { stops: [{ kind: 'accreditation', id: paper.id }] })] }, 'DFFT_TRUST_SUSPENDED'],
    ['anybody anything when its suspensions were heard too long ago', {}, { atMs: nowMs + dayMs }, 'DFFT_TRUST_STALE'],
    ['anybody anything when none were ever heard', {}, { anchors: [pinned(jp, [JP], { head: null })] }, 'DFFT_TRUST_STALE'],
    ['anybody anything when it has said two things', {}, { forked: new Set([lineOf({ type: 'TrustAnchor', anchor: jp })]) }, 'DFFT_TRUST_FORK'],
    [
      'an issuer abroad be relied on by an agreement that has lapsed',
      { entity_id: handelsregister },
      { agreements: [agreement({ validUntil: at(0) })] },
      'DFFT_AGREEMENT',
    ],
    [
      'an issuer abroad be relied on by an agreement to come',
      { entity_id: handelsregister },
      { agreements: [agreement({ validFrom: at(1) })] },
      'DFFT_AGREEMENT',
    ],
    [
      'an issuer abroad be relied on by an agreement that the other side has suspended',
      { entity_id: handelsregister },
      { anchors: [pinned(jp, [JP]), pinned(de, [DE, EU], { stops: [{ kind: 'agreement', id: agreementId }] })] },
      'DFFT_TRUST_SUSPENDED',
    ],
    [
      'an issuer abroad be relied on by our operator’s word alone',
      { entity_id: handelsregister },
      { agreements: [], anchors: [pinned(jp, [JP]), pinned(de, [DE, EU], { withoutAgreement: true })] },
      'DFFT_AGREEMENT',
    ],
    [
      'an issuer of another anchor of the same place be relied on',
      {},
      { anchors: [pinned(jp, [JP]), pinned(fr, [JP])], accreditations: [{ ...paper, issuer: fr }] },
      'DFFT_AGREEMENT',
    ],
    [
      'an issuer be relied on by an agreement of another anchor of the same place',
      { entity_id: handelsregister, authority_id: fr },
      { anchors: [pinned(jp, [JP]), pinned(fr, [JP]), pinned(de, [DE, EU])] },
      'DFFT_AGREEMENT',
    ],
  ])('%s', (_what, own, world, code) => {
    const verdict = authorized(own, world)
    expect([verdict.holds, verdict.code]).toEqual([false, code])
    expect(verdict.reason).not.toBe('')
  })

  test('an issuer abroad where it speaks for several places and has agreed for one of them only, unless that one is named', () => {
    const own = { entity_id: registrar, authority_id: de, context: { purpose: 'trade.supplier-verification' } }
    expect(authorized(own)).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    expect(authorized({ ...own, context: { ...own.context, jurisdiction: DE } })).toMatchObject({ holds: true })
    expect(authorized({ ...own, context: { ...own.context, jurisdiction: EU } })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    expect(authorized({ ...own, context: { jurisdiction: DE } })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
  })
})

describe('one authority recognises another', () => {
  test('for the types of their agreement, with the agreement as its chain', () => {
    const verdict = recognized()
    expect(verdict).toMatchObject({ holds: true, code: null, anchors: [jp, de] })
    expect(verdict.links.map(({ kind, to, id }) => [kind, to, id])).toEqual([
      ['pin', de, null],
      ['agreement', JP, agreementId],
    ])
    for (const action of ['recognizes', 'issue']) expect(recognized({ action })).toMatchObject({ holds: true })
  })

  test('for the purposes that it names', () => {
    const other = { entity_id: jp, authority_id: de, context: { jurisdiction: DE } }
    expect(recognized(other)).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    expect(recognized({ ...other, context: { jurisdiction: DE, purpose: 'trade.supplier-verification' } })).toMatchObject({ holds: true })
  })

  test('by admitting the participants of a place', () => {
    expect(recognized({ action: 'admit', resource: 'DE' })).toMatchObject({ holds: true })
    expect(recognized({ action: 'admit', resource: 'EU' })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    expect(recognized({ action: 'admit', resource: 'FR' })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    expect(recognized({ entity_id: jp, authority_id: de, action: 'admit', resource: 'JP', context: { jurisdiction: DE } })).toMatchObject({ holds: false })
  })

  test.each<[what: string, own: Partial<TrqpRequest>, world: World, code: string]>([
    ['with which it has no agreement', { entity_id: fr }, {}, 'DFFT_AGREEMENT'],
    ['that is itself', { entity_id: jp }, {}, 'DFFT_AGREEMENT'],
    ['that is a participant and no authority', { entity_id: registrar }, {}, 'DFFT_AGREEMENT'],
    ['that nobody knows', { entity_id: 'did:web:nobody.example' }, {}, 'DFFT_AGREEMENT'],
    ['for a type that is not in the agreement', { resource: 'QualificationCredential' }, {}, 'DFFT_AGREEMENT'],
    ['for what was issued before the agreement goes back', { context: { issued: at(-51) } }, {}, 'DFFT_AGREEMENT'],
    ['when the agreement has lapsed', {}, { agreements: [agreement({ validUntil: at(0) })] }, 'DFFT_AGREEMENT'],
    ['when the agreement is torn', {}, { forked: new Set([lineOf(agreement())]) }, 'DFFT_TRUST_FORK'],
    [
      'when it has suspended the agreement',
      {},
      { anchors: [pinned(jp, [JP], { stops: [{ kind: 'agreement', id: agreementId }] }), pinned(de, [DE, EU])] },
      'DFFT_TRUST_SUSPENDED',
    ],
    ['when the other’s suspensions are stale', {}, { anchors: [pinned(jp, [JP]), pinned(de, [DE, EU], { head: null })] }, 'DFFT_TRUST_STALE'],
    ['because our operator does', {}, { agreements: [], anchors: [pinned(jp, [JP]), pinned(de, [DE, EU], { withoutAgreement: true })] }, 'DFFT_AGREEMENT'],
  ])('not one %s', (_what, own, world, code) => {
    const verdict = recognized(own, world)
    expect([verdict.holds, verdict.code]).toEqual([false, code])
  })
})

describe('a question about another time', () => {
  test('is answered by what held then', () => {
    expect(authorized({ context: { time: at(-4) } })).toMatchObject({ holds: true })
    expect(authorized({ context: { time: at(-11) } })).toMatchObject({ holds: false, code: 'DFFT_NOT_YET_VALID' })
    expect(recognized({ context: { time: at(-11) } })).toMatchObject({ holds: false, code: 'DFFT_AGREEMENT' })
    const lapsed = { agreements: [agreement({ validUntil: at(-1) })] }
    expect(recognized({ context: { time: at(-2) } }, lapsed)).toMatchObject({ holds: true })
    expect(recognized({}, lapsed)).toMatchObject({ holds: false })
  })

  test('is not answered yes when today’s suspensions are stale: what was stopped then may not have been heard', () => {
    const stale = { atMs: nowMs + dayMs }
    expect(authorized({ context: { time: instant(nowMs) } }, stale)).toMatchObject({ holds: false, code: 'DFFT_TRUST_STALE' })
  })

  test('is not answered yes either when what counted then is over by now and today’s suspensions are stale', () => {
    const world = { atMs: nowMs + dayMs, accreditations: [{ ...registrarsPaper, validUntil: instant(nowMs + 3_600_000) }] }
    expect(authorized({ context: { time: instant(nowMs) } }, world)).toMatchObject({ holds: false, code: 'DFFT_TRUST_STALE' })
  })

  test('counts what is suspended today as suspended then', () => {
    const anchors = [pinned(jp, [JP], { stops: [{ kind: 'participant', did: registrar, credentials: null }] })]
    expect(authorized({ context: { time: at(-4) } }, { anchors })).toMatchObject({ holds: false, code: 'DFFT_TRUST_SUSPENDED' })
  })

  test('is asked of an anchor in a place of which it says that it speaks, whatever else it is pinned for', () => {
    const anchors = [pinned(jp, [FR, JP], { said: stated(anchorDocument(jp, [JP])) })]
    expect(authorized({ context: { jurisdiction: JP, time: at(-4) } }, { anchors })).toMatchObject({ holds: true })
  })

  test('that is still to come has no answer, but a clock may be ahead of ours', () => {
    expect(refusal(() => authorized({ context: { time: at(1) } }))).toBe('DFFT_NOT_YET_VALID')
    expect(authorized({ context: { time: instant(nowMs + 60_000) } })).toMatchObject({ holds: true })
  })
})

describe('there is no answer', () => {
  test.each<[what: string, kind: 'authorization' | 'recognition', own: Partial<TrqpRequest>]>([
    ['of an authority that is unknown', 'authorization', { authority_id: 'did:web:unknown.example' }],
    ['of an authority that is a participant', 'authorization', { authority_id: registrar }],
    ['to an action that is none', 'authorization', { action: 'steal' }],
    ['to an action of the other kind of question', 'authorization', { action: 'recognize' }],
    ['to an action of the other kind of question', 'recognition', { action: 'provide' }],
    ['to a name of Object’s own', 'authorization', { action: 'constructor' }],
    ['for a jurisdiction that is not the authority’s', 'authorization', { context: { jurisdiction: FR } }],
  ])('%s', (_what, kind, own) => {
    expect(refusal(() => judge(kind, asked(own), registryOf()))).toBe('DFFT_NOT_FOUND')
  })
})

test('an accreditor below the anchor stands in the chain', () => {
  const chamber = accreditation({
    issuer: jp,
    subject: shop,
    jurisdiction: JP,
    passes: { issues: [registration], rights: [], assurance: 'high', depth: 0 },
  })
  const below = { ...registrarsPaper, issuer: shop, under: chamber.id }
  const verdict = authorized({}, { accreditations: [chamber, below] })
  expect(verdict.links.map(({ from, to }) => [from, to])).toEqual([
    [shop, registrar],
    [jp, shop],
    [null, jp],
  ])
  expect(authorized({}, { accreditations: [{ ...chamber, passes: null }, below] })).toMatchObject({ holds: false, code: 'DFFT_TRUST_CHAIN' })
})

test('on an island older heads do for as long as the anchor says', () => {
  const anchors = [pinned(jp, [JP], { head: stated(headDocument(jp, [])) })]
  expect(authorized({}, { anchors, atMs: nowMs + dayMs })).toMatchObject({ holds: false, code: 'DFFT_TRUST_STALE' })
  expect(authorized({}, { anchors, atMs: nowMs + dayMs, island: true })).toMatchObject({ holds: true })
  expect(authorized({}, { anchors, atMs: nowMs + 3 * dayMs, island: true })).toMatchObject({ holds: false, code: 'DFFT_TRUST_STALE' })
})
