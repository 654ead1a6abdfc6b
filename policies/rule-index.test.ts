import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { compile, type PolicyIndex } from './compile.ts'
import { decide, decideSide, rule, ruleBoth } from './decide.ts'
import { judge } from './judge.ts'
import { shippedPacks as packs, readPacks } from './packs/packs.ts'
import { ask, policyOf, suspensionOf } from './question.fixture.ts'
import type { Question } from './question.ts'

const open = { id: 'jp.open', effect: 'permit' as const }
const one = (...rules: Parameters<typeof policyOf>[1][]) => compile([policyOf('JP', ...rules)], packs)

describe('a ruling', () => {
  const index = one(
    { ...open, match: { data: ['registration'] }, cite: [{ law: 'APPI' }], obligations: [{ type: 'retention', max: 'P1Y' }] },
    { id: 'jp.duty', effect: 'oblige', match: { purpose: ['compliance.aml'] }, obligations: [{ type: 'transfer-record', keep: 'P3Y' }] },
    { id: 'jp.no', effect: 'deny', match: { purpose: ['marketing'] } },
  )
  it('says of a side what its decision says, paths aside', () => {
    for (const purpose of ['trade.supplier-verification', 'compliance.aml', 'marketing', 'nonsense']) {
      const question = ask({ facts: { purpose }, data: { '/name': 'registration.name', '/party': 'invoice' } })
      const { verdict, code, rules, added, cite, obligations, validUntil } = decideSide(index, 'export', question)
      expect(rule(index, 'export', question)).toMatchObject({ verdict, code, rules, added, cite, obligations, validUntil })
    }
  })
  it('is the same object wherever the answer is the same, whatever was asked', () => {
    const first = rule(index, 'export', ask({ data: { '/a': 'registration' } }))
    expect(rule(index, 'export', ask({ data: { '/b/c': 'registration.name', '/d': 'registration.address' }, facts: { to: 'FR' } }))).toBe(first)
    expect(rule(index, 'export', ask({ facts: { purpose: 'compliance.aml' } }))).not.toBe(first)
    const denied = () => rule(index, 'export', ask({ facts: { purpose: 'marketing' } }))
    expect(denied()).toBe(denied())
    const owing = () => rule(index, 'export', ask({ facts: { purpose: 'compliance.aml' } }))
    expect(owing()).toBe(owing())
  })
  it('is that of the second policy alone where the first has no rule', () => {
    const permit = (id: string, purpose: string) => ({ id, effect: 'permit' as const, match: { purpose: [purpose] } })
    const index = compile([policyOf('EU'), policyOf('DE', permit('de.checked', 'compliance.aml'), permit('de.sold', 'marketing'))], packs)
    expect(['compliance.aml', 'marketing'].map((purpose) => rule(index, 'export', ask({ facts: { purpose } })).rules)).toEqual([['de.checked'], ['de.sold']])
  })
  it('tells two legal relations of one rule apart', () => {
    const related = compile([policyOf('DE', { id: 'de.adequacy', effect: 'permit', match: { to: { relation: 'eu-adequacy' } } })], packs)
    const to = (code: string) => rule(related, 'export', ask({ facts: { from: 'DE', to: code, exporterSector: 'private', certification: ['us-dpf'] } }))
    expect(to('JP')).toMatchObject({ code: 'PERMITTED', rules: ['de.adequacy'] })
    expect(to('KR')).toMatchObject({ code: 'PERMITTED', rules: ['de.adequacy'] })
    expect(to('JP')).not.toBe(to('KR'))
    expect(to('JP')).toBe(to('JP'))
  })
  it('is made again where the rules that decided are more than are kept', () => {
    const many = Array.from({ length: 90 }, (_, at) => ({ id: `jp.no${at}`, effect: 'deny' as const }))
    const asked = ask()
    const ids = many.map(({ id }) => id).sort()
    expect(rule(one(...many), 'export', asked).rules).toEqual(ids)
    expect(rule(one(...many.slice(0, 20)), 'export', asked).rules).toEqual(
      many
        .slice(0, 20)
        .map(({ id }) => id)
        .sort(),
    )
    const twice = one(...many.slice(0, 20))
    expect(rule(twice, 'export', asked)).toBe(rule(twice, 'export', ask({ data: { '/x': 'invoice' } })))
  })
  it('names each rule once over hundreds of paths', () => {
    const data = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`/p${at}`, at % 2 === 0 ? 'invoice' : 'registration']))
    const rules = Array.from({ length: 40 }, (_, at) => ({
      id: `jp.no${at}`,
      effect: 'deny' as const,
      match: { data: [at % 2 === 0 ? 'invoice' : 'registration'] },
    }))
    const half = decideSide(one(...rules), 'export', ask({ data }), { nearest: false })
    expect(half.rules.toSorted()).toEqual(rules.map(({ id }) => id).sort())
    expect(half.withheld).toHaveLength(300)
  })
  it('is judged path by path, also where neighbours of one category differ in what may be disclosed', () => {
    const limited = one({ ...open, disclose: { deny: ['/b'] } })
    const codes = (index: PolicyIndex, question: Question) => judge(index, 'export', question).items.map(({ path, code }) => `${path} ${code}`)
    const data = { '/a': 'invoice', '/b': 'invoice', '/c': 'invoice' }
    expect(codes(limited, ask({ data }))).toEqual(['/a PERMITTED', '/b UNCOVERED_DATA', '/c PERMITTED'])
    expect(codes(one(open), ask({ data }))).toEqual(['/a PERMITTED', '/b PERMITTED', '/c PERMITTED'])
    expect(codes(one({ ...open, match: { purpose: ['marketing'] } }), ask({ data }))).toEqual(['/a UNCOVERED_DATA', '/b UNCOVERED_DATA', '/c UNCOVERED_DATA'])
  })
})

describe('the rulings of both sides', () => {
  const [all, none] = [one(open, { ...open, id: 'jp.in', direction: 'import' }), one({ ...open, match: { purpose: ['marketing'] } })]
  const half = one({ ...open, match: { data: ['registration'] } }, { ...open, id: 'jp.in', direction: 'import', match: { data: ['invoice'] } })
  const both = { '/a': 'registration.name', '/b': 'invoice.header' }
  it.each([
    ['permit', all, all],
    ['the exporter refuses', none, all],
    ['the importer refuses', all, none],
    ['each releases what the other does not', half, half],
    ['one part is released', half, all],
    ['no policy', compile([], packs), all],
  ])('come to what the decision comes to: %s', (_, exporting, importing) => {
    const { verdict, code } = decide(exporting, importing, ask({ data: both }))
    expect(ruleBoth(exporting, importing, ask({ data: both }))).toMatchObject({ verdict, code })
  })
})

describe('what is compiled', () => {
  it('cannot be changed from outside: neither by what was compiled nor by what is handed out', () => {
    const document = policyOf('JP', { ...open, match: { purpose: ['trade.supplier-verification'] }, cite: [{ law: 'APPI' }] })
    const index = compile([document, suspensionOf({ purpose: ['marketing'] })], packs)
    const before = structuredClone(decideSide(index, 'export', ask()))
    const attempts = [
      () => document.rules.push({ ...document.rules[0]!, id: 'jp.more', match: {} }),
      () => Object.assign(document.rules[0]!, { effect: 'deny' }),
      () => (document.rules[0]!.match.purpose as string[]).push('marketing'),
      () => Object.assign(document.metadata, { validUntil: '2099-01-01T00:00:00Z' }),
      () => Object.assign(index, { export: undefined }),
      () => (index.policies as unknown[]).pop(),
      () => (index.suspensions as unknown[]).pop(),
      () => Object.assign(index.policies[0]!, { validUntil: '2099-01-01T00:00:00Z' }),
      () => (index.export.rules as unknown[]).pop(),
      () => Object.assign(index.export.rules[0]!, { number: 9 }),
      () => (rule(index, 'export', ask()).rules as string[]).push('jp.forged'),
      () => (rule(index, 'export', ask()).cite as unknown[]).push({ law: 'forged' }),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TypeError)
    expect(decideSide(index, 'export', ask())).toEqual(before)
  })
  it('answers for a vocabulary too large for a row for each credential and purpose', () => {
    const word = (id: string) => ({ id, iri: `urn:x:${id}`, label: { en: id, ja: id } })
    const credentials = Array.from({ length: 200 }, (_, at) => word(`Kind${at}`))
    const purposes = Array.from({ length: 600 }, (_, at) => word(`use.n${at}`))
    const vocabulary = { ...packs.vocabulary, format: 'dfft-vocabulary/1', credentials, purposes: [...packs.vocabulary.purposes, ...purposes] }
    const large = readPacks(vocabulary, packs.documents.get(packs.digests.legal))
    const rules = purposes.map(({ id }, at) => ({
      id: `jp.r${at}`,
      effect: at % 7 === 0 ? ('deny' as const) : ('permit' as const),
      match: { purpose: [id], credential: [`Kind${at % 200}`] },
    }))
    const policy = policyOf('JP', ...rules)
    const index = compile([{ ...policy, metadata: { ...policy.metadata, packs: large.digests } }], large)
    const of = (purpose: string | null, credential: string) => decideSide(index, 'export', ask({ credential, facts: { purpose } }), { nearest: false })
    expect(of('use.n207', 'Kind7')).toMatchObject({ code: 'PERMITTED', rules: ['jp.r207'] })
    expect(of('use.n207', 'Kind8').code).toBe('NO_RULE')
    expect(of('use.n210', 'Kind10')).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['jp.r210'] })
    // Kind10 has three rules, one of them a deny: an unknown purpose counts as matched for that.
    expect(of(null, 'Kind10')).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['jp.r210'] })
    expect(of('use.n208', 'Kind8')).toMatchObject({ code: 'PERMITTED', rules: ['jp.r208'] })
  })
  it('holds more rules than one word has bits, with every one of them found', () => {
    const rules = Array.from({ length: 1500 }, (_, at) => ({
      id: `jp.r${at}`,
      effect: 'permit' as const,
      rank: at,
      match: { credential: ['BusinessRegistrationCredential'] },
      disclose: { allow: [`/p${at}`] },
    }))
    const index = one(...(rules as Parameters<typeof policyOf>[1][]))
    const data = { '/p0': 'invoice', '/p1023': 'invoice', '/p1024': 'invoice', '/p1499': 'invoice', '/p31': 'invoice', '/p32': 'invoice' }
    expect(decideSide(index, 'export', ask({ data }), { nearest: false }).rules).toEqual(['jp.r0', 'jp.r1023', 'jp.r1024', 'jp.r1499', 'jp.r31', 'jp.r32'])
  })
})

describe('the order of what is named', () => {
  const choice = (from: number, to: number, prefix: string) => Array.from({ length: to - from }, (_, at) => `jp.${prefix}${String(from + at).padStart(3, '0')}`)
  // Rules get their numbers by what they ask: so that is drawn against the order of their ids.
  const asking = (ids: readonly string[]) => ids.map((id, at) => ({ id, match: at % 2 === 0 ? {} : { purpose: ['trade.supplier-verification', 'marketing'] } }))
  const duties = (ids: readonly string[]) =>
    asking(ids).map((rule) => ({ ...rule, effect: 'oblige' as const, obligations: [{ type: 'retention' as const, max: 'P1Y' }] }))
  const denies = (ids: readonly string[]) => asking(ids).map((rule) => ({ ...rule, effect: 'deny' as const }))
  it.each([2, 5, 100])('is the order of choice: of %i denies, of as many duties, of permits that would have done as well', (count) => {
    const ids = choice(0, count, 'x')
    expect(rule(one(...denies(ids)), 'export', ask()).rules).toEqual(ids)
    expect(judge(one(...denies(ids)), 'export', ask()).items[0]?.denies.map((compiled) => compiled.rule.id)).toEqual(ids)
    expect(rule(one(open, ...duties(ids)), 'export', ask()).added).toEqual(ids)
    const permits = asking(ids).map((permit) => ({ ...permit, effect: 'permit' as const }))
    expect(decideSide(one({ ...open, rank: 0 }, ...permits), 'export', ask())).toMatchObject({ rules: ['jp.open'], alternatives: ids })
  })
  it('lists no permit beside the one used for which anything asked is unknown, and none where it is refused', () => {
    const sector = { id: 'jp.sector', effect: 'permit' as const, rank: 500, match: { recipient: { sector: ['private' as const] } } }
    expect(decideSide(one(open, sector), 'export', ask()).alternatives).toEqual(['jp.sector'])
    expect(decideSide(one(open, sector), 'export', ask({ facts: { sector: null } })).alternatives).toEqual([])
    expect(decideSide(one(open, sector, { id: 'jp.no', effect: 'deny' }), 'export', ask()).alternatives).toEqual([])
  })
})

describe('each path of a judgement', () => {
  const index = one(
    { id: 'jp.no', effect: 'deny', match: { data: ['personal.credit'] } },
    { id: 'jp.never', effect: 'deny', match: { data: ['personal.credit'] } },
    { ...open, match: { data: ['registration', 'personal.credit'] } },
    { id: 'jp.later', effect: 'permit', match: { data: ['invoice'] }, require: { legalBasis: { anyOf: ['consent'] } } },
  )
  const judged = (asked: PolicyIndex, question: Question) =>
    judge(asked, 'export', question).items.map(({ path, code, permits, denies }) => [
      path,
      code,
      ...[permits, denies].map((rules) => rules.map((one) => one.rule.id)),
    ])
  it('has its code, the permits that cover it and the denies that stand', () => {
    const data = { '/a': 'registration.name', '/b': 'personal.credit', '/c': 'invoice', '/d': 'invoice', '/e': 'qualification', '/f': 'registration' }
    expect(judged(index, ask({ data }))).toEqual([
      ['/a', 'PERMITTED', ['jp.open'], []],
      ['/b', 'DENIED_BY_RULE', [], ['jp.never', 'jp.no']],
      ['/c', 'CONDITIONS_NOT_MET', [], []],
      ['/d', 'CONDITIONS_NOT_MET', [], []],
      ['/e', 'UNCOVERED_DATA', [], []],
      ['/f', 'PERMITTED', ['jp.open'], []],
    ])
  })
  it('is uncovered where no rule is left of the flow, whatever was asked before', () => {
    const selling = ask({ facts: { purpose: 'marketing' } })
    const buying = one({ ...open, match: { purpose: ['trade.supplier-verification'] } })
    for (const question of [selling, ask(), selling])
      expect(judged(buying, question)).toEqual([question === selling ? ['/name', 'UNCOVERED_DATA', [], []] : ['/name', 'PERMITTED', ['jp.open'], []]])
  })
  it('is not there where no rule is looked at', () => {
    const suspended = compile([policyOf('JP', open), suspensionOf({})], packs)
    const [before, absent] = [ask({ at: '2020-01-01T00:00:00Z' as Question['at'] }), compile([], packs)]
    expect([judge(suspended, 'export', ask()), judge(one(open), 'export', before), judge(absent, 'export', ask())]).toEqual([
      { code: 'SUSPENDED', items: [] },
      { code: 'POLICY_NOT_IN_FORCE', items: [] },
      { code: 'NO_POLICY', items: [] },
    ])
    for (const asked of [suspended, absent]) expect(decideSide(asked, 'export', ask()).alternatives).toEqual([])
    expect(decideSide(one(open), 'export', before).alternatives).toEqual([])
  })
  it('is permitted in the first category of the vocabulary as in any other', () => {
    const [first = '', ...others] = packs.terms.category
    const broad = compile([policyOf('JP', open)], packs)
    for (const category of [first, others[0]!, others.at(-1)!])
      expect(judged(broad, ask({ data: { '/a': category } }))).toEqual([['/a', 'PERMITTED', ['jp.open'], []]])
  })
  it('concerns the permits that cover its category and the denies that touch it', () => {
    const named = (id: string) => index.export.rules.find((compiled) => compiled.rule.id === id)!
    const sold = one({ ...open, match: { purpose: ['marketing'], data: ['invoice'] } })
    expect(['invoice', 'registration'].map((category) => sold.export.concerns(sold.export.rules[0]!, category))).toEqual([true, false])
    expect(['personal.credit', 'personal', 'invoice'].map((category) => index.export.concerns(named('jp.no'), category))).toEqual([true, true, false])
  })
  it('is released where both sides release it, whatever stands before it', () => {
    const [all, names] = [one(open), one({ ...open, direction: 'import', match: { data: ['registration'] } })]
    const partly = one({ ...open, match: { data: ['registration'] } })
    const data = { '/a': 'invoice', '/b': 'registration.name' }
    for (const exporting of [all, partly]) expect(ruleBoth(exporting, names, ask({ data })).code).toBe('PERMITTED')
    const three = { '/a': 'registration', '/b': 'registration.address', '/c': 'invoice' }
    expect(ruleBoth(all, one({ ...open, direction: 'import', match: { data: ['invoice'] } }), ask({ data: three })).code).toBe('PERMITTED')
  })
})

describe('hundreds of paths', () => {
  const pathsOf = (count: number, categoryOf: (at: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`/p${String(at).padStart(4, '0')}`, categoryOf(at)]))
  const index = one(
    { id: 'jp.none', effect: 'deny', match: { data: ['qualification'] } },
    { id: 'jp.party', effect: 'deny', match: { data: ['personal.credit'] } },
    { id: 'jp.sold', effect: 'deny', match: { data: ['invoice'], purpose: ['marketing'] } },
    { ...open, match: { data: ['invoice', 'registration'] } },
  )
  const rulesFor = (data: Record<string, string>, purpose = 'trade.supplier-verification') => rule(index, 'export', ask({ data, facts: { purpose } })).rules
  it('name the rules that decided, none besides', () => {
    const turn = (at: number) => (at % 2 === 0 ? 'invoice' : 'registration')
    expect(rulesFor(pathsOf(100, turn))).toEqual(['jp.open'])
    expect(rulesFor(pathsOf(100, (at) => (at === 60 ? 'personal.credit' : turn(at))))).toEqual(['jp.party'])
    expect(
      rulesFor(
        pathsOf(100, (at) => (at === 60 ? 'personal.credit' : turn(at))),
        'marketing',
      ),
    ).toEqual(['jp.sold', 'jp.party'])
  })
  it('leave nothing behind for the next question', () => {
    const turn = (at: number) => (at % 2 === 0 ? 'invoice' : 'registration')
    // Path by path, though one rule decides: so it is judged.
    const judgedBy = (data: Record<string, string>, purpose?: string) =>
      index.export.judge(ask({ data, facts: { purpose: purpose ?? 'trade.supplier-verification' } })).ruling.rules
    for (const rules of [rulesFor, judgedBy])
      for (const before of ['personal.credit', 'qualification']) {
        rules(pathsOf(300, () => before))
        expect(rules(pathsOf(100, turn), 'marketing')).toEqual(['jp.sold'])
      }
  })
  it('each refused by many rules take no memory afterwards', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void // What the flag puts there.
    const many = one(...Array.from({ length: 800 }, (_, at) => ({ id: `jp.no${at}`, effect: 'deny' as const })))
    const used = () => {
      for (let times = 0; times < 3; times++) collect()
      return process.memoryUsage().heapUsed
    }
    rule(many, 'export', ask())
    const before = used()
    expect(rule(many, 'export', ask({ data: pathsOf(500, () => 'invoice') })).rules).toHaveLength(800)
    rule(many, 'export', ask())
    // What is worked in grew by 400,000 numbers meanwhile.
    expect(used() - before).toBeLessThan(1_500_000)
  })
})

describe('questions in bad faith', () => {
  it('leave nothing behind, no two being alike', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void // What the flag puts there.
    const words = [...packs.terms.jurisdiction]
    const purposes = [...packs.terms.purpose]
    const categories = [...packs.terms.category]
    const rules = Array.from({ length: 300 }, (_, at) => ({
      id: `jp.r${at}`,
      effect: at % 5 === 4 ? ('deny' as const) : ('permit' as const),
      match: { purpose: [purposes[at % purposes.length]!], data: [categories[at % categories.length]!] },
    }))
    const index = compile([policyOf('JP', ...rules), suspensionOf({ purpose: ['marketing'] })], packs)
    const askedOf = (number: number): Question => {
      const day = `2026-${9 + (number % 4)}-${1 + (number % 28)}T00:00:00Z`.replaceAll(/-(\d)(?=[-T])/g, '-0$1')
      const data = Object.fromEntries(
        Array.from({ length: 1 + (number % 9) }, (_, at) => [
          `/p${number}/${at}`,
          at % 2 === 0 ? categories[(number * 3 + at) % categories.length]! : `made-up-${number}-${at}`,
        ]),
      )
      const facts = {
        from: number % 3 === 0 ? 'JP' : words[number % words.length]!,
        to: words[(number * 7) % words.length]!,
        purpose: number % 2 === 0 ? `use-${number}` : purposes[number % purposes.length]!,
        legalBasis: [`basis-${number}`],
      }
      return ask({ at: day as Question['at'], credential: `Credential${number}`, data, facts })
    }
    const heapAfter = (begin: number, end: number) => {
      for (let number = begin; number < end; number++) rule(index, 'export', askedOf(number))
      for (let times = 0; times < 3; times++) collect()
      return process.memoryUsage().heapUsed
    }
    const before = heapAfter(0, 8000)
    // Anything kept of each question would be several megabytes.
    expect(heapAfter(8000, 24_000) - before).toBeLessThan(2_000_000)
  })
})
