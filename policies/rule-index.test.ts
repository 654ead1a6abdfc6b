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
