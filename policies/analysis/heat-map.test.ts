import { describe, expect, it } from 'vitest'
import type { Jurisdiction } from '#protocols/ids.ts'
import { shippedPacks } from '../packs/packs.ts'
import type { PolicyDocument, TrustPolicy } from '../policy.ts'
import { policyOf, suspensionOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { type HeatMapOf, heatMap } from './heat-map.ts'
import { type Colour, pairs, palette, style, tones } from './heat-map-style.ts'
import { asIfInForce, matrix, matrixByCategory } from './matrix.ts'
import { dayOf, matrixWords } from './matrix-words.ts'
import { sectors, standardDates, standardQuestions } from './standard.ts'

const business = { id: 'jp.exp.business', effect: 'permit' as const, match: { data: ['registration.name', 'registration.identifier'] } }
const cite = [{ law: 'APPI', at: 'Art. 28(1)', legalRelation: '$matched' as const }]
const persons = { id: 'jp.exp.persons', effect: 'permit' as const, match: { to: { relation: 'jp-designation' }, data: ['registration.representative'] }, cite }
const consent = {
  id: 'jp.exp.consent',
  effect: 'permit' as const,
  match: { data: ['registration.representative'] },
  require: { transferTool: { anyOf: ['appi-28-consent'] } },
}
const all = (name: string) => ({ id: `${name}.imp.all`, direction: 'import' as const, effect: 'permit' as const, match: {} })
const documents = [policyOf('JP', business, persons, consent, all('jp')), policyOf('DE', all('de')), policyOf('KR')]
const axes = { jurisdictions: ['JP', 'DE', 'KR'] as Jurisdiction[], sectors, dates: standardDates, types: standardQuestions.questions.map(({ type }) => type) }

function mapOf(of: readonly PolicyDocument[] = documents): HeatMapOf {
  const cells = matrix(sidesOf(asIfInForce(of), shippedPacks), standardQuestions, axes)
  return { cells, standard: standardQuestions, documents: of, packs: shippedPacks, asIfInForce: true }
}

const page = heatMap(mapOf(), 'en')
const seite = heatMap(mapOf(), 'ja')

interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

const voids = new Set(['meta'])

/** Reads a page more strictly than a browser: every `<` is a tag with attributes in double quotes, every `&` an entity we write, every tag closes in its order. */
function tagsOf(text: string): Tag[] {
  const body = text.replace(/^<!doctype html>/, '').replace(/(<style>)[^<]*(<\/style>)/, '$1$2')
  expect(body.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
  const open: string[] = []
  const tags: Tag[] = []
  for (const [whole, closing, name = '', attributes = ''] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)((?: [a-z][-a-z]*(?:="[^"<>]*")?)*)>|</g)) {
    if (name === '') throw new Error(`no tag: ${whole}`)
    if (closing) expect(open.pop()).toBe(name)
    else {
      tags.push({ name, attributes: new Map([...attributes.matchAll(/ ([-a-z]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, value])) })
      if (!voids.has(name)) open.push(name)
    }
  }
  expect(open).toEqual([])
  return tags
}

describe('the page', () => {
  it.each([
    ['English', page, 'en'],
    ['Japanese', seite, 'ja'],
  ])('in %s is well formed, names its language, and loads and runs nothing', (_, text, lang) => {
    const tags = tagsOf(text)
    expect(tags[0]).toEqual({ name: 'html', attributes: new Map([['lang', lang]]) })
    expect(tags.filter(({ name }) => ['script', 'img', 'link', 'iframe', 'form', 'input'].includes(name))).toEqual([])
    expect(tags.flatMap(({ attributes }) => [...attributes.keys()]).filter((name) => name.startsWith('on') || name === 'src' || name === 'style')).toEqual([])
    expect(tags.flatMap(({ attributes }) => attributes.get('href') ?? []).filter((href) => !href.startsWith('#'))).toEqual([])
    expect(style).not.toMatch(/url\(|@import/)
    expect(text).toContain("default-src 'none'".replaceAll("'", "'"))
  })

  it('has a table for each type, date and sector, each with a caption, a head for every row and column, and a word in every cell', () => {
    const tags = tagsOf(page)
    const count = (name: string, key: string, value: string) => tags.filter((tag) => tag.name === name && tag.attributes.get(key) === value).length
    expect(tags.filter(({ name }) => name === 'section')).toHaveLength(4 * 4 * 2)
    expect(count('table', 'class', 'heat')).toBe(32)
    expect(tags.filter(({ name }) => name === 'caption')).toHaveLength(32)
    expect(tags.filter(({ name, attributes }) => name === 'th' && !attributes.has('scope'))).toEqual([])
    const words = Object.values(matrixWords.en.outcomes).map(({ word }) => word)
    const cells = [
      ...page.matchAll(/<td(?: class="home")? title="[^"]+"><a class="[a-z]+" href="#r\d+"><span class="sign" aria-hidden="true">.<\/span>([^<]+)<\/a><\/td>/g),
    ]
    expect(cells).toHaveLength(32 * 9)
    expect(cells.filter(([, word = '']) => !words.includes(word))).toEqual([])
  })

  it('leads from every cell and every switch to something that is there, once', () => {
    const tags = tagsOf(page)
    const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const targets = tags.flatMap(({ attributes }) => attributes.get('href') ?? [])
    expect(targets.filter((href) => !ids.includes(href.slice(1)))).toEqual([])
    expect(tags.filter(({ attributes }) => attributes.has('aria-current'))).toHaveLength(32 * 3)
    expect(
      tags.filter(({ name, attributes }) => name === 'section' && attributes.get('class') === 'first').map(({ attributes }) => attributes.get('id')),
    ).toEqual(['registration-2026-11-21-private'])
  })

  it('says for a flow the law cited, what is withheld and what would have to be shown', () => {
    expect(page).toContain(
      'Act on the Protection of Personal Information (Act No. 57 of 2003), Art. 28(1), APPI Art. 28(1), Enforcement Rules Art. 15 (jp-designates-eea)',
    )
    expect(page).toContain('Withheld: representatives of the business')
    expect(page).toContain('a transfer tool: informed consent (APPI Art. 28)')
    expect(seite).toContain('個人情報の保護に関する法律')
    expect(seite).toContain('留保：')
    expect(seite).not.toMatch(/undefined|\[object/)
    expect(page).not.toMatch(/undefined|\[object/)
  })

  it('says what changed since the date before, with the relation', () => {
    const section = page.slice(page.indexOf('id="registration-2022-06-30-private"'), page.indexOf('id="registration-2022-06-30-public"'))
    expect(section).toContain('What changed since 31 December 2018')
    expect(section).toMatch(/Japan → Germany: .*open.* → .*all.*jp-designates-eea/)
  })

  it('says that it is no legal advice, which policies it asked, and how it took them', () => {
    for (const text of [matrixWords.en.notAdvice, matrixWords.en.asIfInForce, 'urn:trust-policy:jp:test', shippedPacks.digests.legal])
      expect(page).toContain(text)
    expect(heatMap({ ...mapOf(), asIfInForce: false }, 'en')).not.toContain(matrixWords.en.asIfInForce)
  })

  it('of categories has a table for each, named by the category', () => {
    const one = { ...axes, types: ['registration'], dates: standardDates.slice(3), sectors: ['private' as const] }
    const cells = matrixByCategory(sidesOf(asIfInForce(documents), shippedPacks), standardQuestions, one, shippedPacks, { needs: false })
    const text = heatMap({ ...mapOf(), cells }, 'en')
    expect(tagsOf(text).filter(({ name }) => name === 'section').length).toBe(new Set(cells.map(({ category }) => category)).size)
    expect(text).toContain('id="registration-registration-beneficial-owner-2026-11-21-private"')
    expect(text).toContain('<h2 id="h-registration-registration-name-2026-11-21-private">Business registration: registered name')
  })

  it('without any cell is still a page', () => expect(tagsOf(heatMap({ ...mapOf(), cells: [] }, 'en')).map(({ name }) => name)).toContain('main'))
})

describe('what a policy holds stays text', () => {
  it.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</style><b>', '</title>', '&lt;b&gt;', '$&$1', '\u202eevil'])('%s', (attack) => {
    const poison = (policy: TrustPolicy): TrustPolicy => ({
      ...policy,
      metadata: { ...policy.metadata, title: { en: attack, ja: attack }, notice: { en: attack, ja: attack } },
      rules: policy.rules.map((rule) => ({ ...rule, title: { en: attack, ja: attack }, cite: [{ law: attack, at: attack }] })),
    })
    const shape = (of: readonly PolicyDocument[]) => tagsOf(heatMap(mapOf(of), 'en')).map(({ name, attributes }) => [name, [...attributes.keys()]])
    const harmless = (text: string) => (policy: TrustPolicy) => ({
      ...poison(policy),
      metadata: { ...poison(policy).metadata, title: { en: text }, notice: { en: text } },
    })
    expect(shape(documents.map(poison))).toEqual(shape(documents.map((policy) => harmless('x')(policy))))
    expect(heatMap(mapOf(documents.map(poison)), 'en')).not.toContain('\u202e')
  })

  it('a suspension is named among what was asked', () => {
    expect(heatMap(mapOf([...documents, suspensionOf({})]), 'en')).toContain('Suspension <code>urn:trust-policy:jp:suspension:17</code>')
  })
})

describe('the look', () => {
  const channel = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => channel(Number.parseInt(colour.slice(at, at + 2), 16) / 255))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05)

  it.each(pairs)('%s on %s can be read, by light and by dark (WCAG AA)', (ink, ground) => {
    for (const shade of [0, 1] as const) expect(contrast(palette[ink][shade], palette[ground][shade])).toBeGreaterThanOrEqual(4.5)
  })

  it('has for each outcome a tone with ink and ground, and tells the outcomes of one tone apart by word', () => {
    for (const { tone } of Object.values(tones)) expect(pairs).toContainEqual([`${tone}Ink` as Colour, `${tone}Ground` as Colour])
    for (const { outcomes } of Object.values(matrixWords)) expect(new Set(Object.values(outcomes).map(({ word }) => word)).size).toBe(Object.keys(tones).length)
  })

  it('writes days as people do', () => {
    expect([dayOf(standardDates[1]!, 'en'), dayOf(standardDates[1]!, 'ja')]).toEqual(['30 June 2022', '2022年6月30日'])
  })
})
