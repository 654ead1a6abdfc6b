import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { escaped } from '#policies/analysis/markup.ts'
import { type Colour, pairs, palette, style } from './demo-look.ts'
import { cut } from './demo-picture.ts'
import { reportOf } from './demo-report.ts'
import type { Proof, Step, Story } from './demo-story.ts'
import { worded } from './demo-words.ts'

const digest = `sha256:${'ab'.repeat(32)}`

function step(change: Partial<Step> = {}): Step {
  const telling = { title: 'A proof is asked for', titleJa: '証明を求める', claim: 'Both sides agree.', claimJa: '双方が一致する。' }
  return { ...telling, commands: ['status'], facts: [], arrows: [], startedMs: 0, tookMs: 1500, ok: true, ...change }
}

function story(change: Partial<Story> = {}): Story {
  const parties = [
    { id: 'jp' as const, name: 'Registry of Japan (demo)', jurisdiction: 'JP', did: `did:webvh:${'Q'.repeat(46)}:registry.jp.example` },
    { id: 'de' as const, name: 'Agency of Germany (demo)', jurisdiction: 'DE', did: 'did:key:z6Mk' },
  ]
  const arrows = [
    { from: 'de' as const, to: 'jp' as const, label: 'Request', tone: 'message' as const },
    { from: 'jp' as const, to: 'de' as const, label: 'Refusal DFFT_POLICY_DENIED', tone: 'refusal' as const },
    { from: 'jp' as const, to: 'jp' as const, label: 'credential revoked', tone: 'fault' as const },
  ]
  const facts = [{ name: 'agreement, both sides', value: digest, proof: 'agreement' as const }]
  const decision = { en: ['Refused.', 'The rule says no.'], ja: ['拒否。', '規則が拒否する。'] }
  return { parties, steps: [step(), step({ title: 'Another', arrows, facts, decision })], startedAt: '2026-11-21T23:29:15.467Z', tookMs: 24_000, ...change }
}

interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** Text directly after the tag. */
  readonly text: string
}

const voids = new Set(['meta', 'input', 'br'])
const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

/**
 * Reads a page more strictly than a browser: each `<` opens a tag with attributes in double quotes, each `&` an entity
 * we write, each tag that opens closes in its order. A page that passes leaves a browser nothing to guess.
 */
function parsed(page: string): Tag[] {
  const doctype = '<!DOCTYPE html>'
  if (!page.startsWith(doctype)) throw new Error('no doctype')
  const body = page.slice(doctype.length).replace(/(<style>)[^<]*(<\/style>)/, '$1$2')
  const tags: Tag[] = []
  const open: string[] = []
  let at = body.indexOf('<')
  while (at < body.length) {
    const match = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z][-a-zA-Z0-9]*(?:="[^"<>]*")?)*)\/?>([^<]*)/.exec(body.slice(at))
    if (!match) throw new Error(`no tag at ${body.slice(at, at + 80)}`)
    const [whole, closing, name = '', attributes = '', text = ''] = match
    const selfClosed = whole.slice(0, whole.length - text.length).endsWith('/>')
    if (closing) {
      const last = open.pop()
      if (last !== name) throw new Error(`</${name}> closes <${last}>`)
    } else {
      tags.push({
        name,
        text: plain(text),
        attributes: new Map([...attributes.matchAll(/ ([-\w]+)(?:="([^"]*)")?/g)].map(([, key = '', of = '']) => [key, plain(of)])),
      })
      if (!voids.has(name) && !selfClosed) open.push(name)
    }
    at += whole.length
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(' ')}`)
  return tags
}

function plain(text: string): string {
  return text.replace(/&[^;]{0,6};?/g, (entity) => {
    const sign = entities[entity]
    if (sign === undefined) throw new Error(`an entity we don't write: ${entity}`)
    return sign
  })
}

/** Every text of a story, replaced. */
function poisoned(of: Story, text: string): Story {
  const kept = new Set(['tone', 'from', 'to', 'id', 'proof'])
  const walk = (at: unknown, key: string): unknown => {
    if (typeof at === 'string') return kept.has(key) ? at : text
    if (Array.isArray(at)) return at.map((item) => walk(item, key))
    if (typeof at === 'object' && at !== null) return Object.fromEntries(Object.entries(at).map(([name, item]) => [name, walk(item, name)]))
    return at
  }
  return walk(of, '') as Story
}

describe('what a story holds stays text', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    '</style><script>alert(1)</script>',
    '</title><svg onload="x">',
    '&lt;script&gt;',
    '{}{}',
    '$&$1',
  ]

  it.each(attacks)('`%s` in every text of a story makes no tag and no attribute', (attack) => {
    const failed = story({ steps: [...story().steps, step({ ok: false, failure: 'x', facts: [{ name: 'n', value: 'v', text: 't', proof: 'checkpoint' }] })] })
    const shape = (of: Story) =>
      parsed(reportOf(of))
        .map(({ name, attributes }) => `${name} ${[...attributes.keys()].join()}`)
        .filter((tag) => !/^(span|time|code|text) /.test(tag))
    expect(shape(poisoned(failed, attack))).toEqual(shape(poisoned(failed, 'harmless')))
  })

  it('the reader above sees a tag that was let through', () => {
    const page = reportOf(poisoned(story(), 'MARK'))
    expect(() => parsed(page.replaceAll('MARK', '<script>'))).toThrow()
    expect(() => parsed(page.replaceAll('MARK', '"'))).toThrow()
    expect(() => parsed(page.replaceAll('MARK', '&amp'))).toThrow()
  })

  it('every text of a story is on the page', () => {
    let count = 0
    const numbered = JSON.parse(JSON.stringify(poisoned(story(), 'MARK')), (_, item) =>
      item === 'MARK' ? `MARK-${String.fromCharCode(65 + count++)}` : item,
    ) as Story
    const page = reportOf(numbered)
    const missing = Array.from({ length: count }, (_, index) => `MARK-${String.fromCharCode(65 + index)}`).filter((mark) => !page.includes(escaped(mark)))
    expect(count).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })

  it('characters that are invisible, turn the writing round or stand alone are shown as such', () => {
    expect(escaped('a\u0000b\u202ec\u2066d\ud800e\u001b\u0085')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\ufffd')
    expect(escaped('a\nb\tc')).toBe('a\nb\tc')
  })
})

describe('the page stands alone', () => {
  const page = reportOf(story())
  const tags = parsed(page)

  it('has no script, no frame, no handler, no style attribute and no address outside itself', () => {
    expect(tags.filter(({ name }) => ['script', 'iframe', 'object', 'embed', 'img', 'link', 'form', 'base'].includes(name))).toEqual([])
    const attributes = tags.flatMap(({ attributes }) => [...attributes])
    expect(attributes.filter(([name]) => name.startsWith('on') || name === 'style' || name === 'src')).toEqual([])
    expect(attributes.filter(([name, to]) => name === 'href' && !to.startsWith('#'))).toEqual([])
    expect(style).not.toMatch(/url\(|@import|</)
  })

  it('lets nothing load but the one style sheet, by its hash', () => {
    const policy = tags.find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy')?.attributes.get('content')
    const written = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(written).digest('base64')
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`)
  })

  it('leads every link and label to something on the page, and names nothing twice', () => {
    const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const named = tags.flatMap(({ attributes }) => [attributes.get('href')?.slice(1) ?? [], attributes.get('aria-labelledby')?.split(' ') ?? []].flat())
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('has its headings in order, beginning with one h1', () => {
    const levels = tags.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number)
    expect(levels[0]).toBe(1)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    expect(levels.filter((level, index) => index > 0 && level > (levels[index - 1] ?? 0) + 1)).toEqual([])
  })

  it('gives every picture a name and a description, or says that it is for show', () => {
    const pictures = tags.filter(({ name }) => name === 'svg')
    expect(pictures.length).toBeGreaterThan(4)
    for (const { attributes } of pictures)
      expect(attributes.has('aria-hidden') || (attributes.get('role') === 'img' && attributes.has('aria-labelledby'))).toBe(true)
    const described = tags.filter(({ name }) => name === 'desc').map(({ text }) => text)
    expect(described).toContain(
      'Agency of Germany (demo) → Registry of Japan (demo): Request (message). Registry of Japan (demo) → Agency of Germany (demo): Refusal DFFT_POLICY_DENIED (refusal). Registry of Japan (demo) → Registry of Japan (demo): credential revoked (fault or attack, brought about by the demo).',
    )
  })

  it('draws each message once, in its tone, and has it in the table too', () => {
    const arrows = tags.flatMap(({ attributes }) => /^arrow (\w+)$/.exec(attributes.get('class') ?? '')?.[1] ?? [])
    // The legend shows each tone once more.
    expect(arrows).toEqual(['message', 'refusal', 'fault', 'message', 'data', 'refusal', 'fault'])
    expect(tags.filter(({ attributes, name }) => name === 'th' && attributes.get('scope') === 'row')).toHaveLength(3 + 9)
  })

  it('says everything of its own in both languages, and names the language', () => {
    const english = tags.filter(({ attributes }) => attributes.get('class')?.split(' ').includes('en'))
    const japanese = tags.filter(({ attributes }) => attributes.get('class')?.split(' ').includes('ja'))
    expect(english.length).toBe(japanese.length)
    expect(english.every(({ attributes }) => attributes.get('lang') === 'en')).toBe(true)
    expect(japanese.every(({ attributes }) => attributes.get('lang') === 'ja')).toBe(true)
  })
})

describe('what the page says', () => {
  it('the verdict counts the steps that came out as told', () => {
    const page = reportOf(story())
    expect(page).toContain('2 of 2 steps as told')
    expect(page).toContain('2段階中2段階が予告どおり')
    expect(page).toContain('24.0 s')
    expect(page).toContain('21 November 2026')
    expect(page).not.toContain('class="failure"')
  })

  it('a failed step is shown with its reason, at the top too', () => {
    const page = reportOf(story({ steps: [step(), step({ ok: false, failure: 'the holder recorded `closed`' })] }))
    expect(page).toContain('1 of 2 steps as told')
    expect(page).toContain('It ended at step 2')
    expect(page).toContain('<p class="failure">')
    expect(page).toContain('the holder recorded `closed`')
    expect(parsed(page).filter(({ attributes }) => attributes.get('class') === 'mark bad')).toHaveLength(2)
  })

  it('a story that never began, or whose parties never came up, is a page all the same', () => {
    expect(reportOf(story({ parties: [], steps: [], startedAt: 'never' }))).toContain('no step was run')
    const nobody = reportOf(story({ parties: [] }))
    expect(parsed(nobody).filter(({ name, text }) => name === 'text' && text === 'de')).toHaveLength(1)
  })

  it('a DID is shortened where it is long, and there whole', () => {
    const page = reportOf(story())
    const whole = `did:webvh:${'Q'.repeat(46)}:registry.jp.example`
    expect(parsed(page).filter(({ name, text }) => name === 'code' && text === whole)).toHaveLength(1)
    expect(page).toContain('did:webvh:QQQQQQQQQQQQ…try.jp.example</code></summary>')
  })

  it('each proof is listed with the step it was seen in, and a kind that was not reached says so', () => {
    const proofs: Proof[] = ['policy', 'agreement', 'receipt', 'status', 'issuance', 'log', 'checkpoint', 'chain', 'mandate']
    const page = reportOf(story())
    for (const proof of proofs) expect(page).toContain(`id="proof-${proof}"`)
    expect(page.match(/The story did not come so far\./g)).toHaveLength(8)
    expect(page).toMatch(new RegExp(`<a href="#step-2">[^\\n]*${digest}`))
    const all = reportOf(story({ steps: [step({ facts: proofs.map((proof) => ({ name: proof, value: 'seen', proof })) })] }))
    expect(all).not.toContain('The story did not come so far.')
  })

  it('sentences of a decision that begin alike are folded from the fourth on, and none is lost', () => {
    const withheld = ['/a', '/b', '/c', '/d'].map((path) => `Not released: something (${path}): no permit.`)
    const of = (en: string[]) => reportOf(story({ steps: [step({ decision: { en, ja: [] } })] }))
    const many = of(['Refused.', ...withheld, 'Nothing is released.'])
    expect(many).toContain('<summary>Not released (4 entries)</summary>')
    for (const line of [...withheld, 'Nothing is released.']) expect(many).toContain(`<li>${line}</li>`)
    expect(of(['Refused.', ...withheld.slice(1)])).not.toContain('entries)</summary>')
  })

  it('a name too long for its box is cut in the picture, where Japanese takes two places', () => {
    expect(cut('short', 10)).toBe('short')
    expect(cut('0123456789x', 10)).toBe('0123456789…')
    expect(cut('日本の登記機関', 10)).toBe('日本の登記…')
  })
})

describe('the words', () => {
  it('a label keeps its numbers and codes in Japanese', () => {
    expect(worded('line 3')).toEqual({ en: 'line 3', ja: '3行目' })
    expect(worded('Refusal DFFT_POLICY_DENIED').ja).toBe('拒否 DFFT_POLICY_DENIED')
    expect(worded('unheard of').ja).toBe('unheard of')
  })

  it('every label and name that the demo writes has its Japanese', async () => {
    const acts = ['demo.ts', 'demo-cast.ts', 'demo-trade.ts', 'demo-licence.ts']
    const source = (await Promise.all(acts.map((act) => readFile(new URL(`./${act}`, import.meta.url), 'utf8')))).join('\n')
    const written = [...source.matchAll(/\b(?:label|name): ('[^']+'|`[^`]+`)/g)].map(([, text = '']) => text.slice(1, -1).replace(/\$\{[^}]+\}/g, '7'))
    // Names of files, commands and codes are the same in every language.
    const words = written.filter((text) => !/\.csv$|^audit verify|^DFFT_[A-Z_]+$/.test(text))
    expect(words.length).toBeGreaterThan(45)
    expect(words.filter((text) => worded(text).ja === text)).toEqual([])
  })
})

describe('contrast, by WCAG 2.2', () => {
  const cases = pairs.flatMap(([ink, ground, least]) => ([0, 1] as const).map((shade) => ({ ink, ground, least, shade, mode: shade === 0 ? 'light' : 'dark' })))

  it.each(cases)('$ink on $ground has $least:1 in the $mode', ({ ink, ground, least, shade }) => {
    expect(ratio(palette[ink][shade], palette[ground][shade])).toBeGreaterThanOrEqual(least)
  })

  it('is measured as the standard does', () => {
    expect(ratio('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(ratio('#777777', '#ffffff')).toBeCloseTo(4.478, 2)
  })

  it('every colour but the frames around cards is in a pair that is measured', () => {
    const measured = new Set<Colour>([...pairs.map(([ink]) => ink), ...pairs.map(([, ground]) => ground)])
    expect((Object.keys(palette) as Colour[]).filter((colour) => !measured.has(colour))).toEqual(['rule'])
  })
})

/** @see WCAG 2.2, definitions of contrast ratio and relative luminance */
function ratio(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
