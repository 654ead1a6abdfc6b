import { describe, expect, it } from 'vitest'
import type { Change, Flip } from './analysis/change.ts'
import { changeWords } from './change-words.ts'
import { Labels } from './labels.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { ask } from './question.fixture.ts'

const shown = (more: Partial<Flip['before']>): Flip['before'] => ({ code: 'NO_RULE', rules: [], disclosed: [], obligations: [], ...more })
const flip = (before: Partial<Flip['before']>, after: Partial<Flip['after']>): Flip => ({
  side: 'export',
  question: ask({ facts: { certification: ['us-dpf'] } }),
  effect: 'widens',
  before: shown(before),
  after: shown(after),
})
const widened = flip({}, { code: 'PERMITTED', rules: ['jp.a'], disclosed: ['/name'] })
const words = (change: Partial<Change>, lang: 'en' | 'ja') =>
  changeWords({ kind: 'widens', flips: [], more: 0, reasons: [], ...change }, new Labels(packs, lang))

describe('a change in words', () => {
  it('says of what kind it is and how many signatures it needs', () => {
    for (const kind of ['same', 'restricts', 'widens'] as const) {
      const [en, ja] = [words({ kind }, 'en'), words({ kind }, 'ja')]
      expect([en.length, ja.length]).toEqual([1, 1])
      expect(ja[0]).toMatch(/[\u3040-\u30ff]/)
    }
    expect(words({ kind: 'restricts' }, 'en')[0]).toContain('One signature')
  })
  it('tells each flip with its question, what it was and what it is', () => {
    expect(words({ flips: [widened] }, 'en')[1]).toBe(
      'Widens, on the exporting side: business registration from Japan to Germany at 2026-11-21T00:00:00Z; data: registered name (/name); the recipient’s sector: private; the purpose: verification of a supplier or customer; the assurance level of the issuer: high; the assurance level of the counterparty: high; a certification of the recipient: EU-US Data Privacy Framework: before it has no rule that permits such a flow; after it permits it (jp.a), /name.',
    )
    expect(words({ flips: [widened] }, 'ja')[1]).toMatch(
      /^拡大（提供側）：2026-11-21T00:00:00Z における日本からドイツへの法人登記情報；データ：.*以後：許可します \(jp\.a\), \/name。$/,
    )
  })
  it('tells duties where they are all that changed', () => {
    const duty = flip({ obligations: [{ type: 'retention', max: 'P1Y' }] }, {})
    expect(words({ flips: [duty] }, 'en')[1]).toContain('its duties were {"type":"retention","max":"P1Y"} and are -.')
    expect(words({ flips: [duty] }, 'ja')[1]).toContain('義務が {"type":"retention","max":"P1Y"} から - に変わります。')
  })
  it('gives reasons, and says how many flips are left out', () => {
    expect(words({ more: 7, reasons: ['why'] }, 'en').slice(1)).toEqual(['why', '7 more are left out.'])
    expect(words({ more: 7 }, 'ja')[1]).toContain('7 件')
  })
})
