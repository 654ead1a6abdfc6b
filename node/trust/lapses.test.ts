/** What comes to an end by itself: of each document the version that counts, the soonest first. */
import { expect, test } from 'vitest'
import type { Held } from '#node/policy/shelved.ts'
import { type Digest, instant } from '#protocols/ids.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { day, did, headBy, hour, minute, on, pact, saidBy, stated, t0, uuid, v1, v2 } from '#protocols/trust/trust.fixture.ts'
import { lapses, type Relied } from './lapses.ts'

const now = t0 + 10 * day
const nothing: Relied = { documents: [], policies: [], lists: [], bundles: [], island: false }

function shown(documents: readonly TrustDocument[], relied: Partial<Relied> = {}, nowMs = now) {
  return lapses({ ...nothing, documents: documents.map(stated), ...relied }, nowMs).map(({ kind, id, at, code }) => [kind, id, at, code])
}

const policy = (id: string, untilMs: number) =>
  ({ policy: { metadata: { id, validUntil: instant(untilMs) } }, digest: 'sha256:0' as Digest }) as unknown as Held // What is looked at.

test('all kinds are listed with what is denied from then on, the soonest first', () => {
  const documents = [
    v2({ by: 'jp', to: 'biz' }, { validUntil: on(13) }),
    pact({ validUntil: on(12) }),
    saidBy('jp', ['JP'], { validUntil: on(15) }),
    headBy('jp'),
  ]
  const relied: Partial<Relied> = {
    policies: [policy('policy-jp', t0 + 14 * day)],
    lists: [{ issuer: did('jp'), uri: 'https://jp.example/1', untilMs: now + minute }],
    bundles: [{ publisher: did('jp'), validUntil: on(11) }],
  }
  expect(shown(documents, relied)).toEqual([
    ['status-list', `${did('jp')} https://jp.example/1`, instant(now + minute), 'DFFT_STATUS_STALE'],
    ['suspensions', did('jp'), instant(now + hour), 'DFFT_TRUST_STALE'],
    ['bundle', did('jp'), on(11), 'DFFT_EXPIRED'],
    ['agreement', uuid(100), on(12), 'DFFT_AGREEMENT'],
    ['accreditation', did('biz'), on(13), 'DFFT_EXPIRED'],
    ['policy', 'policy-jp', on(14), 'DFFT_POLICY_DENIED'],
    ['anchor', did('jp'), on(15), 'DFFT_EXPIRED'],
  ])
})

test('a suspension head lasts longer on an island, as its anchor allows and no longer than it says itself', () => {
  const until = (island: boolean, islandUntil = on(30)) =>
    shown([saidBy('jp', ['JP']), headBy('jp', [], { islandUntil })], { island }).find(([kind]) => kind === 'suspensions')?.[2]
  expect([until(false), until(true), until(true, on(11))]).toEqual([instant(now + hour), on(12), on(11)])
})

test('an anchor without a head is stale now', () => {
  expect(shown([saidBy('jp', ['JP'])])[0]).toEqual(['suspensions', did('jp'), instant(now), 'DFFT_TRUST_STALE'])
})

test('an accreditation that a later serial superseded is not listed, and one that has yet to begin supersedes nothing', () => {
  const first = v2({ by: 'jp', to: 'biz' }, { validUntil: on(11) })
  const second = v2({ by: 'jp', to: 'biz' }, { serial: 2, validUntil: on(100) })
  const third = v2({ by: 'jp', to: 'biz' }, { serial: 3, validFrom: on(50), validUntil: on(400) })
  const ends = (...documents: TrustDocument[]) => shown(documents).map(([, , at]) => at)
  expect(ends(first)).toEqual([on(11)])
  expect(ends(third, first, second)).toEqual([on(100)])
  expect(ends(third)).toEqual([on(400)])
})

test('of version 1 the later beginning counts, and none that its author has replaced by a version 2', () => {
  const ends = (...documents: TrustDocument[]) => shown(documents).map(([, , at]) => at)
  const first = v1({ by: 'jp', to: 'biz' }, { validUntil: on(11) })
  expect(ends(first, v1({ by: 'jp', to: 'biz' }, { validFrom: on(5), validUntil: on(12) }))).toEqual([on(12)])
  expect(ends(first, v2({ id: 2, by: 'jp', to: 'biz' }))).toEqual([on(365)])
  expect(ends(first, v2({ id: 2, by: 'de', to: 'biz' }))).toEqual([on(11), on(365)])
  expect(ends(first, v2({ id: 2, by: 'jp', to: 'biz' }, { validFrom: on(50) }))).toEqual([on(11), on(365)])
})

test('what another author says under the same id is another accreditation', () => {
  const one = v2({ by: 'jp', to: 'biz' }, { validUntil: on(11) })
  const other = v2({ by: 'de', to: 'biz' }, { serial: 2, validUntil: on(12) })
  expect(shown([one, other]).map(([, , at]) => at)).toEqual([on(11), on(12)])
})

test('what only the signers before today’s have signed ends with their grace, or before it with itself', () => {
  const ends = (countsUntilMs: number) =>
    lapses(
      {
        ...nothing,
        documents: [v2({ by: 'jp', to: 'biz' }, { validUntil: on(13) }), pact({ validUntil: on(14) })].map((document) => ({
          ...stated(document),
          countsUntilMs,
        })),
      },
      now,
    )
  expect(ends(t0 + 12 * day).map(({ kind, at, code }) => [kind, at, code])).toEqual([
    ['accreditation', on(12), 'DFFT_TRUST_QUORUM'],
    ['agreement', on(12), 'DFFT_TRUST_QUORUM'],
  ])
  expect(ends(t0 + 20 * day).map(({ code }) => code)).toEqual(['DFFT_EXPIRED', 'DFFT_AGREEMENT'])
})

test('an agreement that a later serial superseded is not listed', () => {
  expect(shown([pact({ validUntil: on(11) }), pact({ serial: 2, validUntil: on(100) })]).map(([, , at]) => at)).toEqual([on(100)])
})

test('what is over is listed for a day, and as many as an operator reads', () => {
  const ended = v2({ by: 'jp', to: 'biz' }, { validUntil: on(9) })
  expect(shown([ended], {}, t0 + 10 * day - 1)).toHaveLength(1)
  expect(shown([ended], {}, t0 + 10 * day)).toEqual([])
  const many = Array.from({ length: 12 }, (_, at) => v2({ id: at + 1, by: 'jp', to: `biz-${at}` }, { validUntil: on(20 + at) }))
  expect(shown(many).map(([, id]) => id)).toEqual(many.slice(0, 8).map(({ subject }) => subject))
})
