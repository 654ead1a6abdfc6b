/** How much is held, of whom, and what leaves where it would be too much. */
import { expect, test } from 'vitest'
import { instant } from '#protocols/ids.ts'
import type { AccreditationV2 } from '#protocols/trust/accreditation.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { day, did, t0, uuid, v2 } from '#protocols/trust/trust.fixture.ts'
import { ShelfLines, shelfLimits } from './shelf-lines.ts'
import type { Signed } from './trust-line.ts'

const ended = t0 + 10 * day
const longAgo = ended + shelfLimits.endedDays * day + 1

function one(number: number, said: Partial<AccreditationV2> = {}): Signed {
  const document = v2({ id: number, by: 'jp', to: `biz-${number}` }, { validUntil: instant(ended), ...said })
  return { document, digest: statementDigest(document), by: new Set() }
}

function full(count: number, said: Partial<AccreditationV2> = {}): ShelfLines {
  const lines = new ShelfLines(() => true)
  for (let number = 1; number <= count; number++) lines.add(one(number, said), t0)
  return lines
}

const next = one(shelfLimits.documents + 1, { validUntil: instant(longAgo + day) })

test('where as many are held as may be, what ended long ago makes room, and nothing sooner', () => {
  const lines = full(shelfLimits.documents)
  expect(() => lines.refuseTooMany(next, 'next', longAgo - 2)).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
  const later = longAgo + 3_600_000
  lines.refuseTooMany(next, 'next', later)
  expect(lines.add(next, later)).toHaveLength(shelfLimits.documents)
  expect([...lines.all()]).toEqual([next])
  expect([...lines.named('Accreditation', uuid(1))]).toEqual([])
})

test('an end that took the place of something stays, since nobody knows whether that would go on', () => {
  const lines = full(shelfLimits.documents, { serial: 2 })
  expect(() => lines.refuseTooMany(next, 'next', longAgo)).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
})

test('one accreditor has its share, and leaves the others theirs', () => {
  const lines = full(shelfLimits.documentsPerAccreditor, { under: uuid(7), issuer: did('agency') })
  const more = (by: string) => one(70_000, { under: uuid(7), issuer: did(by) })
  expect(() => lines.refuseTooMany(more('agency'), 'next', t0)).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
  lines.refuseTooMany(more('other-agency'), 'next', t0)
  const [first] = lines.all()
  lines.drop(first as Signed)
  lines.refuseTooMany(more('agency'), 'next', t0)
})
